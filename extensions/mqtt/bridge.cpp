#include "mqtt/bridge.h"

#include <algorithm>

namespace ambit::mqtt {
namespace {

using capability::Outcome;

constexpr std::string_view kZigbeeList = "/bridge/devices";
// Health items of the bridge as a whole.
constexpr std::string_view kBroker = "broker";
constexpr std::string_view kEntities = "entities";
constexpr std::size_t kOwnHealthItems = 2;

std::vector<std::string> availability_topics(const Announced& announced) {
    std::vector<std::string> topics;
    for (const Availability& one : announced.availability) {
        topics.push_back(one.topic);
    }
    return topics;
}

}  // namespace

Bridge::Bridge(std::string source,
               std::string prefix,
               std::string zigbee,
               BridgeIo& io,
               capability::ProviderEvents& events)
    : source_(std::move(source)),
      prefix_(std::move(prefix)),
      zigbee_list_(zigbee.empty() ? "" : zigbee + std::string(kZigbeeList)),
      io_(io),
      events_(events) {}

void Bridge::on_connected(MonoTime now) {
    connected_ = true;
    unhealthy_.erase(std::string(kBroker));
    events_.on_health({source_ + " broker", true, {}});  // also when it never was lost: people look for it
    healthy(std::string(kEntities));                     // all of them are announced again
    // The subscriptions did not outlive the connection; what the broker still knows comes again.
    for (auto& [name, topic] : topics_) {
        topic.fresh = false;
    }
    for (auto& [id, thing] : things_) {
        std::fill(thing.available.begin(), thing.available.end(), std::nullopt);
        thing.latest.reset();
        thing.spoke = false;
    }
    io_.subscribe(prefix_ + "/+/+/config");
    io_.subscribe(prefix_ + "/+/+/+/config");
    if (!zigbee_list_.empty()) {
        io_.subscribe(zigbee_list_);
    }
    ask_again_.clear();
    ask_again_at_.reset();
    for (auto& [topic, route] : routes_) {
        keep(route, std::nullopt);
        io_.subscribe(topic);
    }
    resync_at_ = now + kResyncGrace;
    events_.on_available(source_, true);
    for (auto& [id, thing] : things_) {
        tell(thing);
    }
}

void Bridge::on_disconnected(const std::string& reason) {
    unhealthy(std::string(kBroker), {ErrorCode::MqttBrokerLost, reason});
    if (!connected_) {
        return;
    }
    connected_ = false;
    resync_at_.reset();
    events_.on_available(source_, false);
    for (auto& [id, thing] : things_) {
        tell(thing);
    }
    // What is seen after a reconnect may be somebody else's press.
    std::vector<RequestId> pressed;
    for (const auto& [request, pending] : pending_) {
        if (pending.wanted.pulse) {
            pressed.push_back(request);
        }
    }
    finish_all(pressed, ErrorCode::MqttBrokerLost, "the broker was lost after the button was pressed");
}

void Bridge::on_message(const std::string& topic, std::string_view payload, bool retained) {
    if (is_discovery_topic(prefix_, topic)) {
        on_announcement(topic, parse_announcement(prefix_, source_, topic, payload), retained);
    }
    if (!zigbee_list_.empty() && topic == zigbee_list_) {
        on_zigbee_list(payload, retained);
    }
    const auto found = routes_.find(topic);
    if (found == routes_.end()) {
        return;
    }
    Route& route = found->second;
    if (retained || route.kept) {  // else nothing says that the broker retains what comes there
        keep(route, payload);
    }
    const Payload read(payload);
    for (const std::string& id : std::vector<std::string>(route.entities.begin(), route.entities.end())) {
        if (const auto thing = things_.find(id); thing != things_.end()) {
            on_thing_message(thing->second, topic, read, retained);
        }
    }
}

void Bridge::on_announcement(const std::string& topic, Announcement announcement, bool retained) {
    const auto known = topics_.find(topic);
    std::vector<std::string> before =
        known == topics_.end() ? std::vector<std::string>() : known->second.entities;
    const auto wrong = std::find_if(announcement.left_out.begin(), announcement.left_out.end(),
                                    [](const LeftOut& one) { return one.wrong; });
    if (wrong == announcement.left_out.end()) {
        healthy("announcement " + topic);
    } else {
        unhealthy("announcement " + topic, {wrong->why.code, topic + ": " + wrong->why.detail});
    }
    std::set<std::string> kept;
    for (const Announced& announced : announcement.entities) {
        kept.insert(announced.entity.id);
    }
    for (const std::string& id : before) {
        if (!kept.contains(id)) {
            remove(id);
        }
    }
    if (announcement.entities.empty() && announcement.left_out.empty()) {
        topics_.erase(topic);
        return;
    }
    if (known == topics_.end() && topics_.size() >= kDiscoveryTopicsMax) {
        unhealthy(std::string(kEntities),
                  {ErrorCode::LimitExceeded, std::to_string(kDiscoveryTopicsMax) + " announcements"});
        return;
    }
    Topic& state = topics_[topic];
    state.retained = state.retained || retained;
    state.fresh = true;
    state.entities.clear();
    state.from = announcement.from.empty() ? topic : announcement.from;
    state.left_out = std::move(announcement.left_out);
    if (state.left_out.size() > kLeftOutMax) {
        state.left_out.erase(state.left_out.begin() + kLeftOutMax, state.left_out.end());
    }
    for (Announced& announced : announcement.entities) {
        if (!takes_over(announced.entity.id, topic)) {
            continue;
        }
        if (!things_.contains(announced.entity.id) && things_.size() >= kEntitiesMax) {
            unhealthy(std::string(kEntities),
                      {ErrorCode::LimitExceeded, std::to_string(kEntitiesMax) + " entities"});
            continue;
        }
        state.entities.push_back(announced.entity.id);
        add(std::move(announced), topic);
    }
}

bool Bridge::takes_over(const std::string& entity, const std::string& from) {
    const auto other = things_.find(entity);
    if (other == things_.end() || other->second.announced_by == from) {
        return true;
    }
    // zigbee2mqtt says the same in two ways; discovery, which people can shape, counts.
    const auto is_from_list = [&](const std::string& who) {
        return !zigbee_list_.empty() && who.starts_with(zigbee_list_);
    };
    if (is_from_list(from)) {
        return false;
    }
    if (is_from_list(other->second.announced_by)) {
        std::erase(topics_[other->second.announced_by].entities, entity);
        return true;
    }
    unhealthy("announcement " + from,
              {ErrorCode::MqttAnnouncementInvalid, from + ": its unique_id is that of another device"});
    return false;
}

void Bridge::on_zigbee_list(std::string_view payload, bool retained) {
    auto devices = parse_zigbee_devices(zigbee_list_.substr(0, zigbee_list_.size() - kZigbeeList.size()),
                                        source_, payload);
    if (!devices) {
        unhealthy("announcement " + zigbee_list_,
                  {devices.error().code, zigbee_list_ + ": " + devices.error().detail});
        return;
    }
    healthy("announcement " + zigbee_list_);
    std::set<std::string> gone;
    for (const auto& [from, topic] : topics_) {
        if (from.starts_with(zigbee_list_ + "/")) {
            gone.insert(from);
        }
    }
    for (ZigbeeDevice& device : *devices) {
        const std::string from = zigbee_list_ + "/" + device.address;
        gone.erase(from);
        on_announcement(from, std::move(device.announcement), retained);
    }
    for (const std::string& from : gone) {
        on_announcement(from, Announcement(), retained);
    }
}

void Bridge::add(Announced announced, const std::string& topic) {
    const std::string id = announced.entity.id;
    const auto [place, added] = things_.try_emplace(id);
    Thing& thing = place->second;
    const bool changed = added || !(thing.announced.entity == announced.entity);
    const std::set<std::string> before = added ? std::set<std::string>() : topics_of(thing.announced);
    const std::vector<std::string> available_at = availability_topics(thing.announced);
    thing.announced = std::move(announced);
    thing.announced_by = topic;
    const std::set<std::string> after = topics_of(thing.announced);
    if (added || availability_topics(thing.announced) != available_at) {
        thing.available.assign(thing.announced.availability.size(), std::nullopt);
        thing.latest.reset();
    }
    std::set<std::string> left = before;
    std::erase_if(left, [&](const std::string& one) { return after.contains(one); });
    unroute(id, left);
    route(thing.announced);
    if (changed) {
        events_.on_entity(thing.announced.entity);
        thing.told = false;
    }
    if (thing.announced.expire_after == seconds(0)) {
        set_expiry(thing, std::nullopt);
    }
    hear_kept(thing);
    tell(thing);
}

void Bridge::remove(const std::string& entity) {
    const auto found = things_.find(entity);
    if (found == things_.end()) {
        return;
    }
    unroute(entity, topics_of(found->second.announced));
    set_expiry(found->second, std::nullopt);
    things_.erase(found);
    healthy("state " + entity);
    std::vector<RequestId> orphans;
    for (const auto& [request, pending] : pending_) {
        if (pending.entity == entity) {
            orphans.push_back(request);
        }
    }
    finish_all(orphans, ErrorCode::MqttEntityUnknown, "it was removed meanwhile");
    events_.on_entity_gone(entity);
}

void Bridge::confirm(const Thing& thing) {
    std::vector<RequestId> met;
    for (const auto& [request, pending] : pending_) {
        if (pending.entity == thing.announced.entity.id && !pending.wanted.pulse &&
            pending.wanted.met_by(thing.announced, thing.state)) {
            met.push_back(request);
        }
    }
    const std::string state = thing.state.json(thing.announced);
    for (const RequestId& request : met) {
        pending_.erase(request);
        events_.on_result({request, Outcome::Done, state, {}});
    }
}

void Bridge::confirm_pulse(const Thing& thing, const Publish& passed) {
    // All pulses of a kind are alike, so each that passes answers for the one that waited longest.
    auto oldest = pending_.end();
    for (auto at = pending_.begin(); at != pending_.end(); ++at) {
        if (at->second.entity == thing.announced.entity.id && at->second.wanted.pulse == passed &&
            (oldest == pending_.end() || at->second.deadline < oldest->second.deadline)) {
            oldest = at;
        }
    }
    if (oldest != pending_.end()) {
        const RequestId request = oldest->first;
        pending_.erase(oldest);
        events_.on_result({request, Outcome::Done, "{}", {}});
    }
}

void Bridge::act(const capability::Action& action) {
    if (pending_.contains(action.request)) {
        return;  // already under way
    }
    const auto refuse = [&](ErrorCode code, std::string detail) {
        events_.on_result({action.request, Outcome::NotDone, "{}", {code, std::move(detail)}});
    };
    const auto found = things_.find(action.entity);
    if (found == things_.end()) {
        return refuse(ErrorCode::MqttEntityUnknown, action.entity);
    }
    const Thing& thing = found->second;
    const Announced& announced = thing.announced;
    if (!connected_) {
        return refuse(ErrorCode::MqttBrokerLost, source_);
    }
    if (!is_available(thing)) {
        return refuse(ErrorCode::MqttEntityOffline, announced.entity.name);
    }
    const auto& capabilities = announced.entity.capabilities;
    if (std::find(capabilities.begin(), capabilities.end(), action.capability) == capabilities.end()) {
        return refuse(ErrorCode::MqttCommandInvalid, announced.entity.name + " has no " + action.capability);
    }
    if (pending_.size() >= kPendingMax) {
        return refuse(ErrorCode::LimitExceeded, std::to_string(kPendingMax) + " commands under way");
    }
    const auto wanted = parse_wanted(announced, action.capability, action.input_json);
    if (!wanted) {
        return refuse(wanted.error().code, wanted.error().detail);
    }
    const auto messages = messages_for(announced, *wanted);
    if (!messages) {
        return refuse(messages.error().code, messages.error().detail);
    }
    bool sent = false;
    for (const Publish& message : *messages) {
        if (!io_.publish(message, announced.retain && !wanted->pulse)) {
            if (sent) {
                break;  // half of it is out: the deadline will say Unknown
            }
            return refuse(ErrorCode::MqttBrokerLost, "the command could not be sent");
        }
        sent = true;
    }
    pending_[action.request] = {action.entity, *wanted, action.deadline};
    if (!is_ever_told(announced, *wanted)) {
        finish(action.request, Outcome::Unknown, ErrorCode::MqttNotConfirmed, "it never reports its state");
    }
}

void Bridge::cancel(const RequestId& request) {
    if (pending_.contains(request)) {
        finish(request, Outcome::Unknown, ErrorCode::MqttNotConfirmed,
               "cancelled after the command was sent");
    }
}

void Bridge::finish(const RequestId& request, Outcome outcome, ErrorCode code, std::string detail) {
    pending_.erase(request);
    events_.on_result({request, outcome, "{}", {code, std::move(detail)}});
}

void Bridge::finish_all(const std::vector<RequestId>& requests, ErrorCode code, const std::string& detail) {
    for (const RequestId& request : requests) {
        finish(request, Outcome::Unknown, code, detail);
    }
}

std::vector<capability::Survey> Bridge::survey() const {
    std::map<std::string, capability::Survey> by_device;
    for (const auto& [name, topic] : topics_) {
        capability::Survey& one = by_device[topic.from];
        one.from = topic.from;
        for (const std::string& id : topic.entities) {
            const auto thing = things_.find(id);
            if (thing != things_.end()) {
                const capability::Entity& entity = thing->second.announced.entity;
                one.used.push_back(entity.domain + " " + entity.name);
            }
        }
        for (const LeftOut& left : topic.left_out) {
            one.ignored.push_back({left.what, left.why.detail});
        }
    }
    std::vector<capability::Survey> all;
    for (auto& [name, one] : by_device) {
        all.push_back(std::move(one));
    }
    return all;
}

std::optional<MonoTime> Bridge::next_time() const {
    std::optional<MonoTime> next = resync_at_;
    const auto also = [&](MonoTime at) { next = next ? std::min(*next, at) : at; };
    if (ask_again_at_) {
        also(*ask_again_at_);
    }
    if (!expiring_.empty()) {
        also(expiring_.begin()->first);
    }
    for (const auto& [request, pending] : pending_) {
        also(pending.deadline);
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
        finish(request, Outcome::Unknown, ErrorCode::MqttNotConfirmed, pending_.at(request).entity);
    }
    expire(now);
    if (ask_again_at_ && *ask_again_at_ <= now) {
        ask_again();
    }
    if (!resync_at_ || now < *resync_at_) {
        return;
    }
    resync_at_.reset();
    std::vector<std::string> cleared;
    for (const auto& [name, topic] : topics_) {
        if (topic.retained && !topic.fresh) {
            cleared.push_back(name);
        }
    }
    for (const std::string& name : cleared) {
        on_announcement(name, Announcement(), false);
    }
}

void Bridge::unhealthy(const std::string& what, Error error) {
    const bool own = what == kBroker || what == kEntities;
    if (unhealthy_.contains(what) || unhealthy_.size() >= kHealthItemsMax - (own ? 0 : kOwnHealthItems)) {
        return;
    }
    unhealthy_.insert(what);
    events_.on_health({source_ + " " + what, false, std::move(error)});
}

void Bridge::healthy(const std::string& what) {
    if (unhealthy_.erase(what) > 0) {
        events_.on_health({source_ + " " + what, true, {}});
    }
}

}  // namespace ambit::mqtt
