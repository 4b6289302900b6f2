// Membership: this node's copy of the roster log: makes it durable, spreads it, and tells every part what
// changed.
//
// Ownership: Node owns it; borrows Parts.  Threads: the loop's.
// Failure: what RosterLog refuses (1200-1299) comes back to the caller, or names the peer in a health item.
// Spec: docs/spec/roster.md; the notice "roster.ops" is in docs/spec/wire.md.
#pragma once

#include <deque>

#include "node/parts.h"

namespace ambit::node {

inline constexpr std::string_view kRosterMethod = "roster.ops";
inline constexpr std::string_view kRosterStream = "roster";

class Membership {
  public:
    explicit Membership(Parts& parts) : parts_(parts) {}

    // A shared device that created the household keeps admin when an adult's own device joins.
    void keep_admin(bool keep) { keep_admin_ = keep; }

    // Start-up only: reads the stored log.
    Result<void> load(Now now);

    // Adds operations (this device's own, or those of a pairing), durable at the returned ticket, then sent
    // to all peers.
    Result<storage::Ticket> adopt(const std::vector<Bytes>& operations, Now now);
    // The same for one operation that an author function made.
    Result<storage::Ticket> adopt(Result<Bytes> operation, Now now);

    identity::RosterAuthor author(Now now) const { return {parts_.log, parts_.key, now.wall}; }

    void on_peer_up(const wire::PeerUp& up, Now now);
    void on_peer_down(const DeviceId& peer);
    void on_notice(const DeviceId& peer, ByteView body, Now now);
    void on_durable(Now now);

    // Called after the roster changed, with the parts told already.
    void set_on_change(std::function<void(Now)> on_change) { on_change_ = std::move(on_change); }

  private:
    Result<std::size_t> add(const std::vector<Bytes>& operations, Now now);
    void tell_parts(Now now);
    void send_known(const DeviceId& peer, Now now);
    void send_operations(const DeviceId& peer, const std::vector<Bytes>& operations, Now now);
    void send(const DeviceId& peer, Bytes body, Now now);

    struct Spreading {
        storage::Ticket ticket;
        std::vector<Bytes> operations;
    };

    Parts& parts_;
    bool keep_admin_ = false;
    std::uint64_t stored_ = 0;  // operations in the stream
    storage::Ticket last_ticket_ = 0;
    std::deque<Spreading> spreading_;
    std::map<DeviceId, privacy::SyncSession> sessions_;
    std::function<void(Now)> on_change_;
};

}  // namespace ambit::node
