#include "homeassistant/bridge.h"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace ambit::homeassistant {
namespace {

using capability::Outcome;
using nlohmann::json;

// One list of each, and the subscriptions.
constexpr std::size_t kWishesMax = 64;

struct List {
    const char* type;
    Wish wish;
};

constexpr List kLists[] = {{"config/floor_registry/list", Wish::FloorList},
                           {"config/area_registry/list", Wish::AreaList},
                           {"config/device_registry/list", Wish::DeviceList},
                           {"config/entity_registry/list", Wish::EntityList},
                           {"get_config", Wish::Config},
                           {"get_states", Wish::StateList}};

constexpr const char* kEvents[] = {"state_changed", "floor_registry_updated", "area_registry_updated",
                                   "device_registry_updated", "entity_registry_updated"};

std::string unprefixed(const std::string& source, const std::string& entity) {
    return entity.starts_with(source + "/") ? entity.substr(source.size() + 1) : "";
}

Error too_many(std::size_t left_out) {
    return {ErrorCode::LimitExceeded, "more than " + std::to_string(kRowsMax) +
                                          " rows in a list: " + std::to_string(left_out) +
                                          " left out; hide or disable there what you don't need"};
}

// False if there is no room for one more.
bool put(States& states, const StateChanged& changed) {
    if (!changed.state) {
        states.erase(changed.entity_id);
        return true;
    }
    if (states.size() >= kRowsMax && !states.contains(changed.entity_id)) {
        return false;
    }
    states.insert_or_assign(changed.entity_id, *changed.state);
    return true;
}

}  // namespace

Bridge::Bridge(std::string source, std::string token, BridgeIo& io, capability::ProviderEvents& events)
    : source_(std::move(source)), token_(std::move(token)), io_(io), events_(events) {}

void Bridge::on_opened(MonoTime now) {
    phase_ = Phase::SigningIn;
    last_id_ = 0;
    wishes_.clear();
    give_up_at_ = now + kSignInMax;
}

void Bridge::on_text(std::string_view text, MonoTime now) {
    if (phase_ == Phase::Closed) {
        return;
    }
    ping_at_ = now + kPingEvery;
    const auto wish_of = [this](std::int64_t id) {
        const auto at = wishes_.find(id);
        return at == wishes_.end() ? Wish::Nothing : at->second;
    };
    auto message = parse_message(text, wish_of);
    if (!message) {
        unhealthy(message.error());
        return io_.close(message.error().detail, false);
    }
    std::visit([&](auto& one) { on(one, now); }, *message);
}

void Bridge::on(const AuthRequired& /*message*/, MonoTime /*now*/) {
    if (phase_ == Phase::SigningIn) {
        io_.send(json{{"type", "auth"}, {"access_token", token_}}.dump());
    }
}

void Bridge::on(const AuthOk& /*message*/, MonoTime now) {
    if (phase_ != Phase::SigningIn) {
        return;
    }
    phase_ = Phase::Loading;
    give_up_at_ = now + kLoadMax;
    // Followed first, then asked for: nothing that happens in between is missed.
    for (const char* event : kEvents) {
        ask("subscribe_events", json{{"event_type", event}}.dump(), Wish::Nothing);
    }
    load();
}

void Bridge::on(const AuthInvalid& /*message*/, MonoTime /*now*/) {
    unhealthy({ErrorCode::HomeAssistantRefused, source_});
    io_.close("the token is refused", true);
}

void Bridge::on(const Pong& /*pong*/, MonoTime /*now*/) {
    if (phase_ == Phase::Ready && wishes_.empty()) {
        give_up_at_.reset();
    }
}

std::int64_t Bridge::ask(const std::string& type, const std::string& rest_json, Wish wish) {
    json message = json::parse(rest_json);
    message["id"] = ++last_id_;
    message["type"] = type;
    if (wish != Wish::Nothing && wishes_.size() < kWishesMax) {
        wishes_[last_id_] = wish;
    }
    io_.send(message.dump(-1, ' ', false, json::error_handler_t::replace));
    return last_id_;
}

void Bridge::load() {
    reload_at_.reset();
    wishes_.clear();
    wrong_.reset();
    incoming_ = known_;  // what a list does not say stays as it was
    for (const List& list : kLists) {
        ask(list.type, "{}", list.wish);
    }
}

void Bridge::on(Answer& answer, MonoTime now) {
    const auto wish = wishes_.find(answer.id);
    if (wish == wishes_.end()) {
        return on_called(answer);
    }
    // Without these nothing that it has can be read.
    const bool needed = wish->second == Wish::StateList || wish->second == Wish::Config;
    wishes_.erase(wish);
    const bool usable = answer.success && !answer.wrong;
    if (!usable && needed && !ready()) {
        const Error why = answer.wrong.value_or(Error{ErrorCode::HomeAssistantNonsense, answer.problem});
        unhealthy(why);
        return io_.close(why.detail, false);
    }
    // One that has no floors, or whose token may not see a registry, still has states: refused is no mistake.
    if (!usable && (needed || answer.success)) {
        wrong_ = answer.wrong.value_or(Error{ErrorCode::HomeAssistantNonsense, answer.problem});
    }
    if (usable) {
        take(answer);
    }
    if (wishes_.empty()) {
        loaded(now);
    }
}

void Bridge::take(Answer& answer) {
    if (answer.left_out > 0) {
        wrong_ = too_many(answer.left_out);
    }
    if (auto* floors = std::get_if<Floors>(&answer.result)) {
        incoming_.floors = std::move(*floors);
    } else if (auto* areas = std::get_if<Areas>(&answer.result)) {
        incoming_.areas = std::move(*areas);
    } else if (auto* devices = std::get_if<Devices>(&answer.result)) {
        incoming_.devices = std::move(*devices);
    } else if (auto* registry = std::get_if<Registry>(&answer.result)) {
        incoming_.registry = std::move(*registry);
    } else if (const auto* config = std::get_if<Config>(&answer.result)) {
        incoming_.config = *config;
    } else if (auto* states = std::get_if<States>(&answer.result)) {
        incoming_.states = std::move(*states);
    }
}

// All lists at once become what is known: half of them may contradict the other half.
void Bridge::loaded(MonoTime now) {
    const bool first = phase_ == Phase::Loading;
    phase_ = Phase::Ready;
    give_up_at_.reset();
    known_ = std::exchange(incoming_, {});
    if (first) {
        events_.on_available(source_, true);
    }
    tell_all();
    if (!wrong_) {
        return healthy();
    }
    failed_ = false;  // it may still be lost
    events_.on_health({source_, false, *wrong_});
    if (wrong_->code == ErrorCode::HomeAssistantNonsense && !reload_at_) {
        reload_at_ = now + kAgainAfter;
    }
}

void Bridge::tell_all() {
    std::vector<std::string> gone;
    for (const auto& [entity_id, told] : told_) {
        if (!known_.states.contains(entity_id)) {
            gone.push_back(entity_id);
        }
    }
    for (const std::string& entity_id : gone) {
        tell(entity_id);
    }
    for (const auto& [entity_id, state] : known_.states) {
        tell(entity_id);
    }
}

void Bridge::tell(const std::string& entity_id) {
    const auto entity = entity_of(source_, entity_id, known_);
    const auto told = told_.find(entity_id);
    if (!entity) {
        if (told != told_.end()) {
            const std::string id = told->second.entity.id;
            told_.erase(told);
            std::vector<RequestId> orphans;
            for (const auto& [request, pending] : pending_) {
                if (pending.entity_id == entity_id) {
                    orphans.push_back(request);
                }
            }
            for (const RequestId& request : orphans) {
                finish(request, Outcome::Unknown, ErrorCode::HomeAssistantUnknown,
                       "it was removed meanwhile");
            }
            events_.on_entity_gone(id);
        }
        return;
    }
    const bool fresh = told == told_.end();
    if (fresh || !(told->second.entity == *entity)) {
        told_[entity_id].entity = *entity;
        events_.on_entity(*entity);
    }
    if (fresh) {
        told_[entity_id].state = "?";  // nothing yet, so that the first is told
    }
    tell_state(entity_id, known_.states.at(entity_id));
}

void Bridge::tell_state(const std::string& entity_id, const State& state) {
    Told& told = told_.at(entity_id);
    const std::string text = state_json(entity_id, state, known_.config);
    const bool available = ready() && is_available(state);
    if (told.state == text && told.available == available) {
        return;
    }
    told.state = text;
    told.available = available;
    events_.on_state(told.entity.id, text, available);
}

void Bridge::on(StateChanged& changed, MonoTime /*now*/) {
    // Newer than a list of states that came already; one that comes later replaces it.
    if (!wishes_.empty()) {
        put(incoming_.states, changed);
    }
    if (!put(known_.states, changed) && !wrong_) {
        wrong_ = too_many(1);
        events_.on_health({source_, false, *wrong_});
    }
    if (ready()) {
        tell(changed.entity_id);
        confirm(changed.entity_id);
    }
}

void Bridge::on(const RegistryChanged& /*message*/, MonoTime now) {
    if (ready() || phase_ == Phase::Loading) {
        reload_at_ = std::min(reload_at_.value_or(MonoTime::max()), now + kReloadAfter);
    }
}

void Bridge::on_closed(const std::string& reason) {
    const bool was_ready = ready();
    phase_ = Phase::Closed;
    give_up_at_.reset();
    reload_at_.reset();
    wishes_.clear();
    if (!failed_) {
        unhealthy({ErrorCode::HomeAssistantLost, reason});
    }
    std::vector<RequestId> waiting;
    for (const auto& [request, pending] : pending_) {
        waiting.push_back(request);
    }
    for (const RequestId& request : waiting) {
        finish(request, Outcome::Unknown, ErrorCode::HomeAssistantLost,
               "the connection broke after it was sent");
    }
    if (!was_ready) {
        return;
    }
    events_.on_available(source_, false);
    for (const auto& [entity_id, state] : known_.states) {
        if (told_.contains(entity_id)) {
            tell_state(entity_id, state);
        }
    }
}

void Bridge::act(const capability::Action& action) {
    if (pending_.contains(action.request)) {
        return;  // already under way
    }
    const auto refuse = [&](ErrorCode code, std::string detail) {
        events_.on_result({action.request, Outcome::NotDone, "{}", {code, std::move(detail)}});
    };
    const std::string entity_id = unprefixed(source_, action.entity);
    const auto told = told_.find(entity_id);
    const auto at = known_.states.find(entity_id);
    if (!ready()) {
        return refuse(ErrorCode::HomeAssistantLost, source_);
    }
    if (told == told_.end() || at == known_.states.end()) {
        return refuse(ErrorCode::HomeAssistantUnknown, action.entity);
    }
    const State& state = at->second;
    if (action.capability == "sensor.read") {
        return events_.on_result(
            {action.request, Outcome::Done, state_json(entity_id, state, known_.config), {}});
    }
    if (!is_available(state)) {
        return refuse(ErrorCode::HomeAssistantOffline, told->second.entity.name);
    }
    if (pending_.size() >= kPendingMax) {
        return refuse(ErrorCode::LimitExceeded, std::to_string(kPendingMax) + " commands under way");
    }
    const auto wanted = wanted_of(entity_id, state, action.capability, action.input_json, known_.config);
    if (!wanted) {
        return refuse(wanted.error().code, wanted.error().detail);
    }
    Pending& pending = pending_[action.request];
    pending.entity_id = entity_id;
    pending.wanted = *wanted;
    pending.deadline = action.deadline;
    call_next(pending);
}

void Bridge::call_next(Pending& pending) {
    const Service& service = pending.wanted.services[pending.called++];
    pending.call = ask("call_service",
                       json{{"domain", pending.wanted.domain},
                            {"service", service.name},
                            {"service_data", json::parse(service.data_json)},
                            {"target", {{"entity_id", pending.entity_id}}}}
                           .dump(),
                       Wish::Nothing);
}

void Bridge::on_called(const Answer& answer) {
    const auto called = std::find_if(pending_.begin(), pending_.end(),
                                     [&](const auto& one) { return one.second.call == answer.id; });
    if (called == pending_.end()) {
        return;
    }
    Pending& pending = called->second;
    if (!answer.success) {
        return finish(called->first, pending.called > 1 ? Outcome::Unknown : Outcome::NotDone,
                      ErrorCode::HomeAssistantCannot, answer.problem);
    }
    if (pending.called < pending.wanted.services.size()) {
        return call_next(pending);
    }
    pending.accepted = true;
    // By value: confirm() takes it out of pending_.
    const std::string entity_id = pending.entity_id;
    confirm(entity_id);
}

// Done is what the state says, after Home Assistant said that the service ran.
void Bridge::confirm(const std::string& entity_id) {
    const auto state = known_.states.find(entity_id);
    if (state == known_.states.end()) {
        return;
    }
    std::vector<RequestId> done;
    for (const auto& [request, pending] : pending_) {
        if (pending.accepted && pending.entity_id == entity_id &&
            met(pending.wanted, entity_id, state->second, known_.config)) {
            done.push_back(request);
        }
    }
    const std::string shown = state_json(entity_id, state->second, known_.config);
    for (const RequestId& request : done) {
        pending_.erase(request);
        events_.on_result({request, Outcome::Done, shown, {}});
    }
}

void Bridge::cancel(const RequestId& request) {
    if (pending_.contains(request)) {
        finish(request, Outcome::Unknown, ErrorCode::HomeAssistantUnconfirmed, "cancelled after it was sent");
    }
}

void Bridge::finish(const RequestId& request, Outcome outcome, ErrorCode code, std::string detail) {
    const RequestId id = request;  // may live in what is erased
    pending_.erase(id);
    events_.on_result({id, outcome, "{}", {code, std::move(detail)}});
}

std::optional<MonoTime> Bridge::next_time() const {
    std::optional<MonoTime> next = give_up_at_;
    const auto sooner = [&](MonoTime at) { next = next ? std::min(*next, at) : at; };
    if (reload_at_ && wishes_.empty()) {
        sooner(*reload_at_);
    }
    if (ready()) {
        sooner(ping_at_);
    }
    for (const auto& [request, pending] : pending_) {
        sooner(pending.deadline);
    }
    return next;
}

void Bridge::on_time(MonoTime now) {
    std::vector<RequestId> late;
    for (const auto& [request, pending] : pending_) {
        if (pending.deadline <= now) {
            late.push_back(request);
        }
    }
    for (const RequestId& request : late) {
        finish(request, Outcome::Unknown, ErrorCode::HomeAssistantUnconfirmed,
               pending_.at(request).entity_id);
    }
    if (give_up_at_ && *give_up_at_ <= now) {
        give_up_at_.reset();
        return io_.close("it does not answer", false);
    }
    if (reload_at_ && *reload_at_ <= now && wishes_.empty()) {
        load();
        give_up_at_ = now + kLoadMax;
    }
    if (ready() && ping_at_ <= now) {
        ping_at_ = now + kPingEvery;
        ask("ping", "{}", Wish::Nothing);
        if (!give_up_at_) {
            give_up_at_ = now + kPongMax;
        }
    }
}

void Bridge::unhealthy(Error error) {
    failed_ = true;
    events_.on_health({source_, false, std::move(error)});
}

void Bridge::healthy() {
    failed_ = false;
    events_.on_health(
        {source_, true, {ErrorCode::HomeAssistantLost, std::to_string(told_.size()) + " things"}});
}

}  // namespace ambit::homeassistant
