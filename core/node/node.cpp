#include "node/node.h"

namespace ambit::node {
namespace {

constexpr privacy::Here kHere{"node"};
constexpr seconds kHouseKeeping{2};
// One event may cause others (a closed call frees the next one); a bound, so that a bug can't hang the house.
constexpr int kSettleRoundsMax = 1000;

}  // namespace

Node::Node(const Ports& ports, const NodeOptions& options, Clock clock)
    : system_clock_(std::move(clock)),
      clock_([this] { return household_clock_.adjusted(system_clock_()); }),
      parts_(ports, options.mains_powered, options.dialect),
      membership_(parts_),
      recoveries_(parts_,
                  membership_,
                  ports.transport,
                  [this](storage::Ticket ticket, OnDurable told) { when_durable(ticket, std::move(told)); }),
      gossip_(parts_),
      home_(parts_),
      actions_(parts_),
      conversation_(parts_, home_, actions_, [this] { return clock_().mono; }),
      parsing_(parts_, conversation_, *this),
      fresh_store_(options.fresh_store) {
    membership_.keep_admin(options.keep_admin);
    membership_.set_on_change([this](Now now) {
        home_.on_roster();
        gossip_.on_roster(now);
        for (Watcher* watcher : watchers_) {
            watcher->on_roster_changed();
        }
    });
    actions_.set_on_acted([this](const Acted& acted, Now now) { conversation_.on_acted(acted, now); });
    actions_.set_state_of([this](const std::string& entity, Now now) {
        const auto state = home_.state(entity, now);
        return state ? state->state_json : std::string();
    });
    actions_.set_on_pending_changed([this] {
        for (Watcher* watcher : watchers_) {
            watcher->on_pending_changed();
        }
    });
    parts_.health.set_on_change([this](const capability::HealthItem& item) {
        for (Watcher* watcher : watchers_) {
            watcher->on_health(item);
        }
    });
}

Node::~Node() = default;

Result<void> Node::load() {
    const Now now = clock_();
    AMBIT_TRY(parts_.ledger.load());
    AMBIT_TRY(membership_.load(now));
    AMBIT_TRY(parts_.facts.load(fresh_store_, now));
    AMBIT_TRY(parts_.executor.load(now));
    household_clock_.restore(parts_.facts.newest(), system_clock_());
    judge_clock();
    home_.load();
    home_.announce_rung(
        {.capability = std::string(kParse), .name = "templates", .quality = kTemplatesQuality, .cost_ms = 1},
        now);
    report_fact_events();
    settle();
    return {};
}

void Node::set_model(std::unique_ptr<const language::Rung> model, bool reads_for_others) {
    const capability::Rung rung{std::string(kParse), "model", kModelQuality, 1};
    conversation_.set_passes_on(!reads_for_others);
    conversation_.set_next_rung(std::move(model));
    if (reads_for_others) {
        home_.announce_rung(rung, clock_());
        actions_.add_provider(parsing_);
    } else {
        home_.withdraw_rung(rung, clock_());
    }
}

void Node::settle() {
    if (settling_) {
        return;
    }
    settling_ = true;
    const Now now = clock_();
    for (int round = 0; round < kSettleRoundsMax; ++round) {
        auto events = parts_.links.drain_events();
        auto changes = parts_.facts.take_changes();
        if (events.empty() && changes.empty()) {
            break;
        }
        for (const wire::Event& event : events) {
            std::visit([&](const auto& one) { on(one, now); }, event);
        }
        apply_changes(changes);
    }
    report_fact_events();
    gossip_.send_fleeting(now);
    settling_ = false;
}

void Node::tick() {
    const Now now = clock_();
    parts_.links.on_tick(now);
    actions_.on_tick(now);
    recoveries_.on_tick(now);
    if (parts_.facts.next_commit().value_or(MonoTime::max()) <= now.mono) {
        parts_.facts.commit_arrivals(now);
    }
    if (parts_.facts.next_relay().value_or(MonoTime::max()) <= now.mono) {
        gossip_.send_changed(now);
    }
    if (gossip_.next_time().value_or(MonoTime::max()) <= now.mono) {
        gossip_.on_time(now);
    }
    if (now.mono >= next_house_keeping_) {
        next_house_keeping_ = now.mono + kHouseKeeping;
        judge_clock();
        parts_.facts.on_tick(now);
        parts_.fleeting.on_tick(now);
        home_.write_rest(now);
        home_.repeat_states(now);
        home_.withdraw_forgotten(
            [this](const std::string& source) { return actions_.providers().contains(source); }, now);
        parts_.ledger.on_tick(now);
    }
    settle();
}

MonoTime Node::next_deadline() const {
    MonoTime earliest = next_house_keeping_;
    for (const auto& wake : {parts_.links.next_deadline(), actions_.next_wake(), recoveries_.next_deadline(),
                             parts_.facts.next_commit(), parts_.facts.next_relay(), gossip_.next_time()}) {
        if (wake) {
            earliest = std::min(earliest, *wake);
        }
    }
    return earliest;
}

void Node::stop() {
    const Now now = clock_();
    parts_.facts.commit_arrivals(now);
    parts_.links.stop(now);
    settle();
}

void Node::apply_changes(const std::vector<facts::Change>& changes) {
    for (const facts::Change& change : changes) {
        home_.on_change(change);
        conversation_.on_change(change);
        const bool gone =
            change.kind == facts::Draft::Kind::Delete || change.kind == facts::Draft::Kind::Remove;
        for (Watcher* watcher : watchers_) {
            watcher->on_fact(change.fact, gone);
        }
    }
}

void Node::report_fact_events() {
    for (const facts::Event& event : parts_.facts.take_events()) {
        parts_.health.bad("facts." + event.device.short_hex(), event.error);
    }
}

void Node::judge_clock() {
    if (household_clock_.judge(parts_.roster->is_admin(parts_.self) ? 2 : 1, system_clock_())) {
        for (const DeviceId& peer : parts_.links.peers_up()) {
            tell_time(peer, true);
        }
    }
    // What is ahead by less waits, as it does on other devices.
    const Now now = clock_();
    if (household_clock_.is_agreed() && parts_.facts.newest() > now.wall + HouseholdClock::kLostMin) {
        parts_.facts.step_back(now);
    }
    const auto& trouble = household_clock_.trouble();
    parts_.health.set(
        {"clock", !trouble, trouble.value_or(Error{ErrorCode::ClockOff, "as the household's"})});
}

void Node::tell_time(const DeviceId& peer, bool asks) {
    const Now now = clock_();
    const privacy::Labelled<Bytes> body(facts::encode_time({now.wall, asks}), household_label());
    if (auto cleared = parts_.gate.clear_in(ping_session(peer), body, now)) {
        (void)parts_.links.notify(peer, std::string(kTimeMethod), std::move(cleared).value(), now);
    }
}

Result<void> Node::put_fleeting(const facts::Key& key, facts::Value value, WallTime time, milliseconds life) {
    const Now now = clock_();
    AMBIT_TRY(parts_.fleeting.put(key, std::move(value), time, life, now));
    tell_observed(key, now);
    settle();
    return {};
}

void Node::tell_observed(const facts::Key& key, Now now) {
    for (const auto& labelled : parts_.fleeting.query(key.subject, now)) {
        const facts::Fact& fact = labelled.read(kHere);
        if (fact.source == parts_.self && fact.key == key) {
            for (Watcher* watcher : watchers_) {
                watcher->on_fact(labelled, false);
            }
        }
    }
}

void Node::when_durable(storage::Ticket ticket, OnDurable callback) {
    if (ticket <= parts_.storage.durable()) {
        callback({});
    } else if (parts_.storage_failure) {
        callback(*parts_.storage_failure);
    } else {
        when_durable_.emplace(ticket, std::move(callback));
    }
}

void Node::add_watcher(Watcher& watcher) {
    watchers_.push_back(&watcher);
}

void Node::remove_watcher(Watcher& watcher) {
    std::erase(watchers_, &watcher);
}

void Node::on_durable(storage::Ticket up_to) {
    const Now now = clock_();
    apply_changes(parts_.facts.on_durable(up_to, now));
    parts_.links.on_durable(now);
    actions_.on_durable(up_to, now);
    membership_.on_durable(now);
    gossip_.send_changed(now);
    while (!when_durable_.empty() && when_durable_.begin()->first <= up_to) {
        const auto callback = std::move(when_durable_.begin()->second);
        when_durable_.erase(when_durable_.begin());
        callback({});
    }
    settle();
}

void Node::on_read(storage::ReadId id, Result<storage::Items> items) {
    const Now now = clock_();
    if (auto served = parts_.facts.on_read(id, items, now)) {
        gossip_.on_served(std::move(*served), now);
    } else if (!items) {
        gossip_.on_read_failed(id, items.error(), now);
    }
    settle();
}

void Node::on_storage_failed(const Error& error) {
    parts_.health.bad("store", error);
    parts_.storage_failure = error;
    parts_.facts.on_storage_failed(error);
    for (const auto& [ticket, callback] : std::exchange(when_durable_, {})) {
        callback(error);
    }
    settle();
}

void Node::on_link_up(const wire::LinkUp& up, Now system) {
    const Now now = household_clock_.adjusted(system);
    if (!recoveries_.on_link_up(up, now)) {
        parts_.links.on_link_up(up, now);
    }
    settle();
}

void Node::on_link_down(wire::LinkId link, const Error& reason, Now system) {
    const Now now = household_clock_.adjusted(system);
    if (!recoveries_.on_link_down(link)) {
        parts_.links.on_link_down(link, reason, now);
    }
    settle();
}

void Node::on_frame(wire::LinkId link, ByteView frame, Now system) {
    const Now now = household_clock_.adjusted(system);
    if (!recoveries_.on_frame(link, frame, now)) {
        parts_.links.on_frame(link, frame, now);
    }
    settle();
}

void Node::on_writable(wire::LinkId link, Now system) {
    const Now now = household_clock_.adjusted(system);
    parts_.links.on_writable(link, now);
    settle();
}

void Node::on_dial_failed(wire::DialId id, const Error& reason, Now system) {
    const Now now = household_clock_.adjusted(system);
    parts_.links.on_dial_failed(id, reason, now);
    settle();
}

void Node::on_entity(const capability::Entity& entity) {
    home_.on_entity(entity, clock_());
    settle();
}

void Node::on_entity_gone(const std::string& entity_id) {
    home_.on_entity_gone(entity_id, clock_());
    settle();
}

void Node::on_state(const std::string& entity_id, const std::string& state_json, bool available) {
    const Now now = clock_();
    home_.on_state(entity_id, state_json, available, now);
    tell_observed({privacy::Household{}, entity_subject(entity_id), std::string(kStateAttribute)}, now);
    settle();
}

void Node::on_result(const capability::InvocationResult& result) {
    actions_.on_result(result, clock_());
    settle();
}

void Node::on_available(const std::string& source, bool available) {
    home_.on_available(source, available);
}

void Node::on_health(const capability::HealthItem& item) {
    parts_.health.set(item);
}

}  // namespace ambit::node
