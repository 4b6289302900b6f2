#include "node/node.h"

namespace ambit::node {
namespace {

constexpr privacy::Here kHere{"node"};
constexpr std::string_view kPingMethod = "node.ping";
constexpr seconds kHouseKeeping{2};
// One event may cause others (a closed call frees the next one); a bound, so that a bug can't hang the house.
constexpr int kSettleRoundsMax = 1000;

}  // namespace

Node::Node(const Ports& ports, const NodeOptions& options, Clock clock)
    : system_clock_(std::move(clock)),
      clock_([this] { return household_clock_.adjusted(system_clock_()); }),
      parts_(ports, options.mains_powered),
      membership_(parts_),
      recoveries_(parts_,
                  membership_,
                  ports.transport,
                  [this](storage::Ticket ticket, std::function<void()> callback) {
                      when_durable(ticket, std::move(callback));
                  }),
      gossip_(parts_),
      home_(parts_),
      actions_(parts_),
      conversation_(parts_, home_, actions_, [this] { return clock_().mono; }),
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
    household_clock_.restore(parts_.facts.newest());
    judge_clock();
    home_.load();
    home_.announce_rung({.capability = "language.parse", .name = "templates", .quality = 0.7, .cost_ms = 1},
                        now);
    report_fact_events();
    settle();
    return {};
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
        for (wire::Event& event : events) {
            handle(event, now);
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
    if (now.mono >= next_house_keeping_) {
        next_house_keeping_ = now.mono + kHouseKeeping;
        judge_clock();
        parts_.facts.on_tick(now);
        parts_.fleeting.on_tick(now);
        parts_.ledger.on_tick(now);
    }
    settle();
}

MonoTime Node::next_deadline() const {
    MonoTime earliest = next_house_keeping_;
    for (const auto& wake :
         {parts_.links.next_deadline(), actions_.next_wake(), recoveries_.next_deadline()}) {
        if (wake) {
            earliest = std::min(earliest, *wake);
        }
    }
    return earliest;
}

void Node::stop() {
    parts_.links.stop(clock_());
    settle();
}

void Node::handle(wire::Event& event, Now now) {
    if (const auto* up = std::get_if<wire::PeerUp>(&event)) {
        const int weight = parts_.roster->is_admin(up->peer) ? 2 : 1;
        household_clock_.on_peer(up->peer, up->wall, weight, system_clock_());
        judge_clock();
        membership_.on_peer_up(*up, now);
        gossip_.on_peer_up(up->peer, now);
        for (Watcher* watcher : watchers_) {
            watcher->on_peer(up->peer, true);
        }
    } else if (const auto* down = std::get_if<wire::PeerDown>(&event)) {
        household_clock_.on_peer_down(down->peer);
        membership_.on_peer_down(down->peer);
        gossip_.on_peer_down(down->peer);
        actions_.on_peer_down(down->peer, now);
        for (Watcher* watcher : watchers_) {
            watcher->on_peer(down->peer, false);
        }
    } else if (const auto* incoming = std::get_if<wire::Incoming>(&event)) {
        handle_incoming(*incoming, now);
    } else if (const auto* item = std::get_if<wire::Item>(&event)) {
        const auto ping = pings_.find(item->call);
        if (ping != pings_.end()) {
            ping->second.answered = true;
            ping->second.on_pong(now.mono - ping->second.sent);
        } else if (!gossip_.on_item(*item, now)) {
            actions_.on_item(*item, now);
        }
    } else if (const auto* closed = std::get_if<wire::Closed>(&event)) {
        const auto ping = pings_.find(closed->call);
        if (ping != pings_.end()) {
            if (!ping->second.answered) {
                ping->second.on_pong(
                    closed->error.value_or(Error{ErrorCode::BadEncoding, "an empty answer"}));
            }
            pings_.erase(ping);
        } else if (!gossip_.on_closed(*closed, now)) {
            actions_.on_closed(*closed, now);
        }
    } else if (const auto* cancelled = std::get_if<wire::Cancelled>(&event)) {
        gossip_.on_cancelled(cancelled->call);
        actions_.on_cancelled(cancelled->call, now);
    } else if (const auto* notice = std::get_if<wire::Notice>(&event)) {
        handle_notice(*notice, now);
    } else if (const auto* refused = std::get_if<wire::Refused>(&event)) {
        if (refused->incoming) {
            parts_.health.bad("refused." + refused->peer.short_hex(), refused->reason);
        }
    } else if (const auto* writable = std::get_if<wire::Writable>(&event)) {
        gossip_.on_writable(writable->call, now);
    }
}

void Node::handle_incoming(const wire::Incoming& incoming, Now now) {
    if (incoming.method == kPingMethod) {
        auto cleared = parts_.gate.clear_in(ping_session(incoming.peer), incoming.body, now);
        if (cleared) {
            (void)parts_.links.finish(incoming.call, std::move(cleared).value(), now);
        } else {
            (void)parts_.links.fail(incoming.call, cleared.error(), now);
        }
    } else if (!gossip_.on_incoming(incoming, now) && !actions_.on_incoming(incoming, now)) {
        (void)parts_.links.fail(incoming.call, {ErrorCode::UnknownMethod, incoming.method}, now);
    }
}

void Node::handle_notice(const wire::Notice& notice, Now now) {
    const ByteView body = notice.body.read(kHere);
    if (notice.method == kRosterMethod) {
        membership_.on_notice(notice.peer, body, now);
    } else if (notice.method == kHeightsMethod) {
        gossip_.on_heights(notice.peer, body, now);
    } else if (notice.method == kFleetingMethod) {
        for (const auto& fact : gossip_.on_fleeting(notice.peer, body, now)) {
            for (Watcher* watcher : watchers_) {
                watcher->on_fact(fact, false);
            }
        }
    } else if (notice.method == request::kConfirmMethod) {
        actions_.on_confirm_notice(notice, now);
    }
    // A notice of a newer version is none of ours.
}

void Node::apply_changes(const std::vector<facts::Change>& changes) {
    for (const facts::Change& change : changes) {
        home_.on_change(change);
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
    household_clock_.judge(parts_.roster->is_admin(parts_.self) ? 2 : 1, system_clock_());
    const auto& trouble = household_clock_.trouble();
    parts_.health.set(
        {"clock", !trouble, trouble.value_or(Error{ErrorCode::ClockOff, "as the household's"})});
}

privacy::SyncSession& Node::ping_session(const DeviceId& peer) {
    return ping_sessions_.try_emplace(peer, privacy::SyncSession(peer, "ping")).first->second;
}

void Node::ping(const DeviceId& peer, std::size_t bytes, const OnPong& on_pong) {
    const Now now = clock_();
    const privacy::Labelled<Bytes> body(Bytes(bytes, std::uint8_t{0x5a}), household_label());
    auto cleared = parts_.gate.clear_in(ping_session(peer), body, now);
    if (!cleared) {
        on_pong(cleared.error());
        return;
    }
    const auto call =
        parts_.links.call(peer, std::string(kPingMethod), std::move(cleared).value(),
                          {.kind = wire::LinkKind::Interactive, .deadline = now.mono + kPingTimeout}, now);
    if (!call) {
        on_pong(call.error());
        return;
    }
    pings_[*call] = {now.mono, false, on_pong};
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

void Node::when_durable(storage::Ticket ticket, std::function<void()> callback) {
    if (ticket <= parts_.storage.durable()) {
        callback();
        return;
    }
    when_durable_.emplace(ticket, std::move(callback));
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
    gossip_.send_changed_heights(now);
    while (!when_durable_.empty() && when_durable_.begin()->first <= up_to) {
        const auto callback = std::move(when_durable_.begin()->second);
        when_durable_.erase(when_durable_.begin());
        callback();
    }
    settle();
}

void Node::on_read(storage::ReadId id, Result<std::vector<Bytes>> items) {
    const Now now = clock_();
    if (auto served = parts_.facts.on_read(id, items, now)) {
        gossip_.on_served(id, std::move(*served), now);
    } else if (!items) {
        gossip_.on_read_failed(id, items.error(), now);
    }
    settle();
}

void Node::on_storage_failed(const Error& error) {
    parts_.health.bad("store", error);
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
