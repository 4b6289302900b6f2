// Recovering: a new device, in no household yet, gets into one with its recovery words.
//
// Dials the addresses it is given, one after the other, until a member of the household of these words
// answers. Ownership: whoever founds or joins households owns one per attempt, and its transport, whose key
// is the recovery key.  Threads: the loop's.  Failure: on_end() with BadRecoveryWords, PeerUnreachable, or
// what the member said, once.  Spec: docs/spec/recovery.md.
#pragma once

#include <deque>

#include "identity/recovery.h"
#include "wire/transport.h"

namespace ambit::node {

inline constexpr std::size_t kRecoveryDialsMax = 16;
inline constexpr seconds kRecoveryDialTimeout{6};

class Recovering final : public wire::TransportEvents {
  public:
    struct Wiring {
        wire::Transport& transport;
        // Connects to whoever is there.
        std::function<void(wire::DialId, const wire::Address&)> dial_anybody;
        // The words that count from now on; they are shown before anything is sent that makes them count.
        std::function<void(const identity::RecoveryPrepared&)> on_prepared;
        std::function<void(const Result<identity::RecoveryDone>&)> on_end;
    };

    // At most kRecoveryDialsMax of `addresses` are tried.
    Recovering(Wiring wiring,
               std::unique_ptr<identity::RecoveryJoiner> joiner,
               std::vector<wire::Address> addresses);

    void start(Now now);
    void tick(Now now);

    MonoTime deadline() const { return deadline_; }

    void on_link_up(const wire::LinkUp& up, Now now) override;
    void on_link_down(wire::LinkId link, const Error& reason, Now now) override;
    void on_frame(wire::LinkId link, ByteView frame, Now now) override;
    void on_writable(wire::LinkId link, Now now) override;
    void on_dial_failed(wire::DialId id, const Error& reason, Now now) override;

  private:
    void try_next(const Error& reason, Now now);
    void send(const std::vector<Bytes>& frames);
    void follow(Now now);
    void end(const Result<identity::RecoveryDone>& result);

    Wiring wiring_;
    std::unique_ptr<identity::RecoveryJoiner> joiner_;
    std::deque<wire::Address> addresses_;
    wire::DialId dial_ = 0;
    std::optional<wire::LinkId> link_;
    MonoTime deadline_ = MonoTime::max();
    bool submitted_ = false;
    bool over_ = false;
};

}  // namespace ambit::node
