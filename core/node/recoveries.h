// Recoveries: this member's door for a new device that holds the recovery words (docs/spec/recovery.md).
//
// Links that the transport let in for the recovery key come here and nowhere else; what they bring is durable
// before they are told so.  Ownership: Node owns it; borrows Parts and the transport.  Threads: the loop's.
// Failure: the new device is told why, and the link is closed.
#pragma once

#include "identity/recovery.h"
#include "node/membership.h"

namespace ambit::node {

// Each holds the key, so more than a few are one person's retries.
inline constexpr std::size_t kRecoveriesMax = 4;

class Recoveries {
  public:
    using WhenDurable = std::function<void(storage::Ticket, std::function<void(const Result<void>&)>)>;

    Recoveries(Parts& parts, Membership& membership, wire::Transport& transport, WhenDurable when_durable)
        : parts_(parts),
          membership_(membership),
          transport_(transport),
          when_durable_(std::move(when_durable)) {}

    // Where a new device reaches this one afterwards.
    void set_addresses(std::vector<std::string> addresses) { addresses_ = std::move(addresses); }

    // Each is true if the link is one of these, and dealt with.
    bool on_link_up(const wire::LinkUp& up, Now now);
    bool on_link_down(wire::LinkId link);
    bool on_frame(wire::LinkId link, ByteView frame, Now now);
    void on_tick(Now now);
    std::optional<MonoTime> next_deadline() const;

  private:
    void send(wire::LinkId link, const std::vector<Bytes>& frames);
    // Carries out what the host asks for, and closes what is over.
    void follow(wire::LinkId link, Now now);
    void adopt(wire::LinkId link, const Bytes& operation, Now now);

    Parts& parts_;
    Membership& membership_;
    wire::Transport& transport_;
    WhenDurable when_durable_;
    std::vector<std::string> addresses_;
    std::map<wire::LinkId, identity::RecoveryHost> hosts_;
};

}  // namespace ambit::node
