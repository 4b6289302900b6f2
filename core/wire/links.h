// Links: all of a node's links to the other members, and the calls over them.
//
// One interactive link per pair, dialled by whichever side can and kept single, one bulk link while it is
// needed. Links dials every member it knows an address of, again and again with bounded back-off, and gossips
// addresses. Ownership: the node owns it; borrows transport, gate, storage and random.  Threads: the loop's.
// Use: after every call, drain_events(); call on_tick() at next_deadline(); on_durable() when the store says
// so. Failure: PeerUnreachable, PeerLost, DeadlineExceeded, QueueFull ... (1400-1499).  Spec:
// docs/spec/wire.md.
#pragma once

#include "base/random.h"
#include "wire/addresses.h"
#include "wire/dialer.h"
#include "wire/session.h"

namespace ambit::wire {

// A peer as `ambit status` shows it.
struct PeerStatus {
    DeviceId peer;
    bool up = false;
    bool bulk = false;
    bool dialled = false;       // this side dialled the interactive link
    std::uint32_t version = 0;  // of the wire, as agreed in the handshake
    Address remote;
    std::optional<microseconds> round_trip;
    std::optional<Error> last_error;  // while it is not up
};

class Links final : public TransportEvents {
  public:
    // `key` is this device's and outlives Links.  Reads the address records that were stored: start-up only.
    Links(const crypto::SigningKey& key,
          bool mains_powered,
          Dialect dialect,
          Transport& transport,
          privacy::Gate& gate,
          storage::Storage& storage,
          Random& random);
    ~Links() override;

    // The household as it is now (the gate must have been told already; passed on to the transport).  Links
    // of devices that are no longer members close at once; new members are dialled.
    void set_roster(identity::RosterView roster, Now now);

    // Calls `method` at `peer`.  Items may come; then Closed comes, exactly once.  PeerUnreachable if there
    // is no link (a bulk call waits for its link), QueueFull, WrongRecipient, LimitExceeded.
    Result<CallId> call(const DeviceId& peer,
                        std::string method,
                        privacy::Cleared<Bytes> body,
                        const CallOptions& options,
                        Now now);
    // One more payload, either side.  QueueFull: wait for Writable.  UnknownCall: it has ended meanwhile.
    Result<void> send_item(CallId call, privacy::Cleared<Bytes> body, Now now);
    // Serving side: done, with a last payload or none, after all items sent so far.
    Result<void> finish(CallId call, std::optional<privacy::Cleared<Bytes>> last, Now now);
    // Serving side: ended by `error`, at once.
    Result<void> fail(CallId call, const Error& error, Now now);
    // Opening side: nobody wants the answer any more.  Closed (CallCancelled) follows.
    Result<void> cancel(CallId call, Now now);
    // Lets the peer send `items` more on a call opened with manual credit.
    Result<void> grant(CallId call, std::uint32_t items, Now now);
    Result<void> notify(const DeviceId& peer, std::string method, privacy::Cleared<Bytes> body, Now now);

    // This device's own addresses as others may dial them; signed and gossiped.
    void set_own_addresses(std::vector<Address> addresses, Now now);
    Result<void> add_static(const DeviceId& device, const Address& address, Now now);
    // Found by mDNS or left by a pairing; nobody vouches for it.
    void add_hint(const DeviceId& device, const Address& address, Now now);
    // The network changed: dial everybody who is away, now.
    void redial(Now now);

    void on_durable(Now now);
    void on_tick(Now now);
    std::optional<MonoTime> next_deadline() const;
    std::vector<Event> drain_events();

    bool is_up(const DeviceId& peer) const;
    std::vector<DeviceId> peers_up() const;  // in order
    std::vector<PeerStatus> status() const;

    // Says Bye to everybody and refuses everything from now on.
    void stop(Now now);

    // From the transport.
    void on_link_up(const LinkUp& up, Now now) override;
    void on_link_down(LinkId link, const Error& reason, Now now) override;
    void on_frame(LinkId link, ByteView frame, Now now) override;
    void on_writable(LinkId link, Now now) override;
    void on_dial_failed(DialId id, const Error& reason, Now now) override;

  private:
    struct Link;
    struct Peer;
    struct WaitingCall;

    // Links and who uses them (links.cpp).
    Link* usable_link(const DeviceId& peer, LinkKind kind);
    template <typename Operation>
    Result<void> on_call(CallId call, Now now, Operation operation);
    // After anything that may have changed a session: takes it into use when greeted, removes it when ended.
    void follow(LinkId link, Now now);
    void adopt(LinkId link, Now now);
    bool newer_wins(const Session& older, const Session& newer, Now now) const;
    void look_for_clone(Peer& peer, const Session& older, const Session& newer);
    // Looks after every session that has ended.
    void sweep(Now now);
    // What next_deadline() found may be too late after something happened to this session; or to more than
    // one.
    void note_deadline(const Session& session);

    void forget_deadline() { soonest_known_ = false; }

    void remove_link(LinkId link, Now now);
    void remove_peer(const DeviceId& device, const Error& reason, Now now);
    void lose_peer(Peer& peer, const DeviceId& device, const Error& reason, Now now);

    // Dialling and bulk calls that wait for it (links_dial.cpp).
    void dial_due(Now now);
    void dial_peer(const DeviceId& device, Dialer& dialer, LinkKind kind, Now now);
    void rest_dialer(Dialer& dialer);
    void want_interactive(const DeviceId& device, Peer& peer, Now now);
    void hurry(const DeviceId& device, Now now);
    Result<void> wait_for_bulk(WaitingCall call, const DeviceId& device, Now now);
    WaitingCall* waiting_call(CallId id);
    bool drop_waiting(CallId id);
    void open_on(Session& session, WaitingCall call, Now now);
    void open_waiting(const DeviceId& device, Now now);
    void expire_waiting(Peer& peer, Now now);
    void fail_waiting(Peer& peer, const Error& error);
    void close_idle_bulk(Peer& peer, Now now);

    // Address gossip (links_gossip.cpp).
    void restore_records();
    void accept_record(const AddressRecord& record, std::vector<AddressRecord>& news, Now now);
    void gossip(const std::vector<AddressRecord>& records, const DeviceId& to, Now now);
    void take_records(const Notice& notice, Now now);
    void publish_own(Now now);
    // Takes address notices out of the events from index `first` on.
    void intercept(std::size_t first, Now now);

    const crypto::SigningKey& key_;
    storage::Storage& storage_;
    Random& random_;
    Shared shared_;
    AddressBook book_;
    std::vector<AddressRecord> restored_;  // until the first roster says who belongs
    std::optional<std::vector<Address>> own_addresses_;
    std::map<DeviceId, Peer> peers_;
    std::map<LinkId, Link> links_;
    std::map<DialId, std::pair<DeviceId, LinkKind>> dials_;
    DialId next_dial_ = 1;
    bool stopping_ = false;
    // Looking through every session after every frame would cost more than the frame.
    mutable std::optional<MonoTime> soonest_;
    mutable bool soonest_known_ = false;
};

}  // namespace ambit::wire
