// Session: one link to one peer, from Hello to Bye.
//
// Calls with ids, streams of items under credit, deadlines, cancellation, notices and liveness.  Data goes
// out only as Cleared<Bytes> for exactly this peer, once its ledger row is durable and after the gate looked
// at it again; it comes in only if this device is in its audience. Ownership: Links owns sessions; they
// borrow Shared.  Threads: the loop's. Failure: what the peer does wrong ends the session with an error
// (1400-1499), never the process. Spec: docs/spec/wire.md sections "Hello" to "Liveness".
#pragma once

#include <deque>
#include <map>

#include "privacy/gate.h"
#include "wire/events.h"
#include "wire/limits.h"
#include "wire/liveness.h"
#include "wire/transport.h"

namespace ambit::wire {

struct Frame;
struct Hello;
struct Sealed;

// Random and new with every start of a process, so that a peer tells a restart from a second link.
using Instance = Id<struct InstanceTag, 16>;

struct CallOptions {
    LinkKind kind = LinkKind::Interactive;
    std::optional<MonoTime> deadline;
    // Items this side takes before it gives more; given back as items are delivered, or by grant() if
    // `manual_credit`.
    std::uint32_t credit = kCreditDefault;
    bool manual_credit = false;
};

// What a node offers its peers in Hello.  Anything else than the default is for simulated devices of an older
// or a newer version.
struct Dialect {
    std::uint32_t version_min = kVersionMin;
    std::uint32_t version_max = kVersionMax;
    std::vector<std::string> features;  // names of optional things both may use
};

// What all sessions of a node share.
struct Shared {
    Transport& transport;
    privacy::Gate& gate;
    const storage::Storage& storage;
    DeviceId self;
    Instance instance;
    bool mains_powered = false;
    Dialect dialect;
    identity::RosterView roster;
    std::vector<Event> events;  // in order; the node drains them
    CallId next_call = 1;
    std::map<CallId, LinkId> calls;  // which link carries a call
};

class Session {
  public:
    // Sends Hello at once.
    Session(Shared& shared, const LinkUp& up, LinkKind kind, Now now);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    const DeviceId& peer() const { return peer_; }

    LinkKind kind() const { return kind_; }  // an accepted link's is known once greeted()

    bool dialled() const { return dialled_; }

    // The peer's Hello came and was accepted.
    bool greeted() const { return state_ == State::Open; }

    MonoTime greeted_at() const { return greeted_at_; }

    const Instance& peer_instance() const { return peer_instance_; }

    const PeerUp& peer_up() const { return peer_up_; }

    // Set once the session is over: why.  Its calls have ended; close the link.
    const std::optional<Error>& ended() const { return ended_; }

    bool idle() const { return calls_.empty() && queue_.empty(); }

    // Something waits for its ledger row, or for room on the link.
    bool has_queued() const { return !queue_.empty() || !control_.empty(); }

    // Agreed in the handshake; 0 before it.
    std::uint32_t version() const { return version_; }

    std::optional<microseconds> round_trip() const { return liveness_.round_trip(); }

    void on_frame(ByteView bytes, Now now);
    void on_writable(Now now);

    // Some ledger rows became durable.
    void on_durable(Now now) { pump(now); }

    // The roster changed: what is queued is checked again when it leaves; ends if the peer is no member.
    void on_roster(Now now);
    void on_tick(Now now);
    MonoTime next_deadline() const;

    // `id` is fresh.  QueueFull, WrongRecipient, LimitExceeded.
    Result<void> open(
        CallId id, std::string method, privacy::Cleared<Bytes> body, const CallOptions& options, Now now);
    Result<void> send_item(CallId id, privacy::Cleared<Bytes> body, Now now);
    Result<void> finish(CallId id, std::optional<privacy::Cleared<Bytes>> last, Now now);
    Result<void> fail(CallId id, const Error& error, Now now);
    Result<void> cancel(CallId id, Now now);
    Result<void> grant(CallId id, std::uint32_t items, Now now);
    Result<void> notify(std::string method, privacy::Cleared<Bytes> body, Now now);
    // Asks the peer, who dialled this link, to dial a bulk link too.
    void ask_for_bulk(Now now);

    // True once after the peer asked for that.
    bool take_bulk_wish() { return std::exchange(bulk_wanted_, false); }

    // Says Bye with `reason` and ends every call; the link is for the caller to close.
    void end(const Error& reason, Now now);
    // The same without Bye, when the link is gone already.
    void lost(const Error& reason);

  private:
    enum class State : std::uint8_t { Greeting, Open, Ended };
    struct Call;
    struct Outgoing;

    // Incoming (session_receive.cpp).
    void handle(Frame& frame, Now now);
    void on_hello(const Hello& hello, Now now);
    void on_open(Frame& frame, Now now);
    void on_item(Frame& frame, Now now);
    void on_close(Frame& frame, Now now);
    void on_cancel(const Frame& frame, Now now);
    void on_credit(const Frame& frame, Now now);
    void on_notice(Frame& frame);
    void violate(std::string detail, Now now);
    // The body with its label, if this device may read it.
    Result<privacy::Labelled<Bytes>> unseal(Sealed& sealed);
    // The call with this wire number; null (and, for a number never used, a violation) if it has ended.
    Call* by_number(std::uint64_t number, Now now);
    void deliver(Call& call, privacy::Labelled<Bytes> body, Now now);

    // Outgoing (session_send.cpp).
    Result<void> admit(const privacy::Cleared<Bytes>& body) const;
    void enqueue(Outgoing outgoing);
    void release_waiting(Call& call);
    void pump(Now now);
    void wake_starved();
    bool send_head(Now now);
    void refuse(const Outgoing& outgoing, const Error& error, Now now);
    Frame to_frame(Outgoing outgoing, Now now);
    void control(const Frame& frame, Now now);
    void transmit(Bytes bytes);

    // Calls (session.cpp).
    Call* find(CallId id);
    Call& add_call(CallId id, bool opened_here, std::string method);
    void expire_calls(Now now);
    // Ends a call on both sides: tells the node (Closed or Cancelled) and, if it knows of the call, the peer.
    void abort_call(CallId id, const Error& error, Now now);
    void erase_call(CallId id);
    bool eager() const;

    Shared& shared_;
    const LinkId link_;
    const DeviceId peer_;
    const bool dialled_;
    LinkKind kind_;
    State state_ = State::Greeting;
    const MonoTime started_;
    MonoTime greeted_at_{};
    Instance peer_instance_;
    PeerUp peer_up_;
    std::uint32_t version_ = 0;
    std::optional<Error> ended_;
    Liveness liveness_;

    std::map<CallId, Call> calls_;
    std::map<std::uint64_t, CallId> numbers_;
    std::uint64_t next_number_;  // of the next call opened here
    std::uint64_t last_seen_number_ = 0;
    std::size_t opened_here_ = 0;

    bool bulk_wanted_ = false;
    bool writable_ = true;
    std::deque<Outgoing> queue_;
    std::deque<Bytes> control_;
    std::size_t queued_bytes_ = 0;

    // The last audience that came, and whether it lets this device read: it is nearly always the same.
    std::string audience_text_;
    std::optional<Result<privacy::Audience>> audience_;
};

}  // namespace ambit::wire
