// Node: one device's state, as one event handler.
//
// Everything that happens to a device comes in here - frames, durable commits, provider results, local
// questions, time - and goes to the room that deals with it.  The same Node runs in the daemon and, later, in
// the simulator. Ownership: borrows its Ports; the daemon destroys it before them.  Threads: the loop's only.
// Use: load() once; deliver events; after every event call settle(), then tick() at next_deadline().
// Failure: load() says why it can't start; later, what a user must act on is in health.
// Spec: ARCHITECTURE.md "A request's journey".
#pragma once

#include "node/conversation.h"
#include "node/gossip.h"
#include "node/household_clock.h"
#include "node/membership.h"
#include "node/posted.h"
#include "node/recoveries.h"

namespace ambit::node {

struct NodeOptions {
    bool mains_powered = false;
    bool keep_admin = false;
    bool fresh_store = false;  // the database is new: facts begin a new incarnation
    wire::Dialect dialect = {.features = {std::string(kNewsMethod)}};
};

// What a watcher of the node is told (the local API's event streams).
class Watcher {
  public:
    virtual ~Watcher() = default;
    virtual void on_fact(const facts::LabelledFact& fact, bool gone) = 0;
    virtual void on_peer(const DeviceId& peer, bool up) = 0;
    virtual void on_health(const capability::HealthItem& item) = 0;
    virtual void on_pending_changed() = 0;
    virtual void on_roster_changed() = 0;
};

class Node final : public storage::StorageEvents,
                   public wire::TransportEvents,
                   public capability::ProviderEvents {
  public:
    using Clock = std::function<Now()>;

    // `clock` is this device's own, read for event times only; the simulator's is virtual.
    Node(const Ports& ports, const NodeOptions& options, Clock clock);
    ~Node() override;

    // Start-up only: reads everything stored.
    Result<void> load();
    // Processes what the links have to tell; call it after every event, and after using a room directly.
    void settle();
    void tick();
    MonoTime next_deadline() const;
    // Says goodbye to the peers and refuses new work; durable writes still complete.
    void stop();

    static constexpr seconds kPingTimeout{2};
    // Round trip of `bytes` bytes to a peer and back, as a call of the mesh ("node.ping").
    using OnPong = std::function<void(Result<microseconds>)>;
    void ping(const DeviceId& peer, std::size_t bytes, const OnPong& on_pong);
    // What reads words that no sentence has; null: this device has no such model.  With `reads_for_others`
    // other devices may ask it to read words that this one may know; else words that nobody understands here
    // are asked of such a device.
    void set_model(std::unique_ptr<const language::Rung> model, bool reads_for_others);
    // This device's own observation: told to the watchers, and to the peers that may have it.
    Result<void> put_fleeting(const facts::Key& key, facts::Value value, WallTime time, milliseconds life);
    // Calls back once everything up to `ticket` is durable, or with StorageFailed once it never will be.
    using OnDurable = std::function<void(const Result<void>&)>;
    void when_durable(storage::Ticket ticket, OnDurable callback);

    void add_watcher(Watcher& watcher);
    void remove_watcher(Watcher& watcher);

    Parts& parts() { return parts_; }

    Membership& membership() { return membership_; }

    Recoveries& recoveries() { return recoveries_; }

    HomeView& home() { return home_; }

    Actions& actions() { return actions_; }

    Conversation& conversation() { return conversation_; }

    Posted& posted() { return posted_; }

    // The household's time: this device's, put right where peers know better.
    Now now() const { return clock_(); }

    // storage::StorageEvents
    void on_durable(storage::Ticket up_to) override;
    void on_read(storage::ReadId id, Result<storage::Items> items) override;
    void on_storage_failed(const Error& error) override;
    // wire::TransportEvents
    void on_link_up(const wire::LinkUp& up, Now now) override;
    void on_link_down(wire::LinkId link, const Error& reason, Now now) override;
    void on_frame(wire::LinkId link, ByteView frame, Now now) override;
    void on_writable(wire::LinkId link, Now now) override;
    void on_dial_failed(wire::DialId id, const Error& reason, Now now) override;
    // capability::ProviderEvents
    void on_entity(const capability::Entity& entity) override;
    void on_entity_gone(const std::string& entity_id) override;
    void on_state(const std::string& entity_id, const std::string& state_json, bool available) override;
    void on_result(const capability::InvocationResult& result) override;
    void on_available(const std::string& source, bool available) override;
    void on_health(const capability::HealthItem& item) override;

  private:
    // What the links tell (node_wire.cpp), one overload for each alternative of wire::Event.
    void on(const wire::PeerUp& up, Now now);
    void on(const wire::PeerDown& down, Now now);
    void on(const wire::Incoming& incoming, Now now);
    void on(const wire::Item& item, Now now);
    void on(const wire::Closed& closed, Now now);
    void on(const wire::Cancelled& cancelled, Now now);
    void on(const wire::Notice& notice, Now now);
    void on(const wire::Refused& refused, Now now);
    void on(const wire::Writable& writable, Now now);
    void on(const wire::Cloned& cloned, Now now);
    void apply_changes(const std::vector<facts::Change>& changes);
    void report_fact_events();
    void tell_observed(const facts::Key& key, Now now);
    // "clock.time", when the system's clock was set.
    static constexpr std::string_view kTimeMethod = "clock.time";
    void tell_time(const DeviceId& peer, bool asks);
    void on_time(const wire::Notice& notice);
    // After anything that may say whose clock is right.
    void judge_clock();
    privacy::SyncSession& ping_session(const DeviceId& peer);

    struct PingUnderWay {
        MonoTime sent;
        bool answered = false;
        OnPong on_pong;
    };

    Clock system_clock_;
    HouseholdClock household_clock_;
    Clock clock_;  // the two together
    Parts parts_;
    Membership membership_;
    Recoveries recoveries_;
    Gossip gossip_;
    HomeView home_;
    Actions actions_;
    Conversation conversation_;
    Parsing parsing_;
    Posted posted_;
    const bool fresh_store_;
    std::map<wire::CallId, PingUnderWay> pings_;
    std::map<DeviceId, privacy::SyncSession> ping_sessions_;
    std::multimap<storage::Ticket, OnDurable> when_durable_;
    std::vector<Watcher*> watchers_;
    MonoTime next_house_keeping_{};
    bool settling_ = false;
};

}  // namespace ambit::node
