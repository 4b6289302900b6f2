// Tellees: which peers make use of being told soon what a third device wrote.
//
// One that asked for it has no link to the writer.  One that was told again and again and never asked has it
// of the writer itself; it is told with everybody else, later, and again soon when a link changes.
// Ownership: one per Sync.  Threads: the loop's.  Failure: none; at most kTelleesMax are remembered.
// Spec: docs/adr/0010-few-are-told-and-arrivals-go-together.md.
#pragma once

#include <unordered_map>

#include "base/ids.h"

namespace ambit::facts {

inline constexpr std::size_t kTelleesMax = 4096;
inline constexpr std::uint8_t kToldInVainMax = 3;

class Tellees {
  public:
    // `peer` asked for what it was told that `writer` wrote.
    void asked(const DeviceId& peer, const DeviceId& writer);
    // It is told now: in vain, unless it asks.
    void told(const DeviceId& peer, const DeviceId& writer);
    // It said itself that it has it, of somebody else.
    void had_it(const DeviceId& peer, const DeviceId& writer);
    bool asks(const DeviceId& peer, const DeviceId& writer) const;

    // Does any peer ask for what some writer wrote?
    bool has_askers() const { return askers_ > 0; }

    bool never_asks(const DeviceId& peer, const DeviceId& writer) const;
    // The link to `peer` is gone: others may have lost links as well, and have to ask.
    void on_link_lost(const DeviceId& peer);

  private:
    struct Pair {
        DeviceId peer;
        DeviceId writer;
        friend bool operator==(const Pair&, const Pair&) = default;
    };

    struct Hash {
        std::size_t operator()(const Pair& pair) const noexcept {
            return std::hash<DeviceId>()(pair.peer) * 31 + std::hash<DeviceId>()(pair.writer);
        }
    };

    struct Use {
        bool asks = false;
        std::uint8_t in_vain = 0;
    };

    Use* find_or_add(const DeviceId& peer, const DeviceId& writer);
    const Use* find(const DeviceId& peer, const DeviceId& writer) const;

    std::unordered_map<Pair, Use, Hash> known_;
    std::size_t askers_ = 0;  // pairs in known_ that ask
};

}  // namespace ambit::facts
