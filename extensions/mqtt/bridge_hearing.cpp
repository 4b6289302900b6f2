// What the bridge listens to, for whom, and what it makes of what it hears.
#include <algorithm>

#include "mqtt/bridge.h"

namespace ambit::mqtt {

void Bridge::route(const Announced& announced) {
    for (const std::string& topic : topics_of(announced)) {
        Route& route = routes_[topic];
        const bool is_first = route.entities.empty();
        route.entities.insert(announced.entity.id);
        if (!connected_) {
            continue;
        }
        if (is_first) {
            io_.subscribe(topic);
        } else if (!route.kept) {
            ask_again_.insert(topic);
            ask_again_at_ = ask_again_at_.value_or(io_.now() + kAskAgain);
        }
    }
}

void Bridge::unroute(const std::string& entity, const std::set<std::string>& topics) {
    for (const std::string& topic : topics) {
        const auto found = routes_.find(topic);
        if (found == routes_.end()) {
            continue;
        }
        found->second.entities.erase(entity);
        if (found->second.entities.empty()) {
            keep(found->second, std::nullopt);
            routes_.erase(found);
            if (connected_) {
                io_.unsubscribe(topic);
            }
        }
    }
}

void Bridge::keep(Route& route, std::optional<std::string_view> payload) {
    kept_bytes_ -= route.kept ? route.kept->size() : 0;
    route.kept.reset();
    if (payload && !payload->empty() && payload->size() <= kKeptBytesMax &&
        kept_bytes_ + payload->size() <= kKeptBytesTotalMax) {
        route.kept = *payload;
        kept_bytes_ += payload->size();
    }
}

void Bridge::ask_again() {
    // Subscribing again makes the broker send what it retains, to all who listen: never for each of them.
    ask_again_at_.reset();
    for (const std::string& topic : std::exchange(ask_again_, {})) {
        const auto found = routes_.find(topic);
        if (connected_ && found != routes_.end() && !found->second.kept) {
            io_.subscribe(topic);
        }
    }
}

void Bridge::hear_kept(Thing& thing) {
    for (const std::string& topic : topics_of(thing.announced)) {
        if (const Route& route = routes_.at(topic); route.kept) {
            hear(thing, topic, Payload(*route.kept), true);
        }
    }
}

void Bridge::on_thing_message(Thing& thing, const std::string& topic, const Payload& payload, bool retained) {
    const Heard heard = hear(thing, topic, payload, retained);
    if (heard.news) {
        tell(thing);
    }
    if (heard.state && !retained) {
        confirm(thing);
    }
    if (!retained && !pending_.empty()) {
        confirm_pulse(thing, {topic, std::string(payload.text())});
    }
}

Bridge::Heard Bridge::hear(Thing& thing, const std::string& topic, const Payload& payload, bool retained) {
    const Announced& announced = thing.announced;
    const bool available = hear_availability(thing, topic, payload);
    const bool expires = announced.expire_after > seconds(0);
    if (expires && retained && thing.spoke) {
        return {false, available};  // the same again, as old as it was
    }
    const auto applied = apply_message(announced, topic, payload, thing.state);
    if (!applied) {
        unhealthy("state " + announced.entity.id,
                  {applied.error().code, topic + ": " + applied.error().detail});
        return {false, true};
    }
    if (*applied) {
        healthy("state " + announced.entity.id);
        thing.spoke = true;
        if (expires) {
            set_expiry(thing, io_.now() + announced.expire_after);
        }
    }
    return {*applied, *applied || available};
}

void Bridge::set_expiry(Thing& thing, std::optional<MonoTime> at) {
    const std::string& id = thing.announced.entity.id;
    if (thing.expires) {
        expiring_.erase({*thing.expires, id});
    }
    thing.expires = at;
    if (at) {
        expiring_.emplace(*at, id);
    }
}

void Bridge::expire(MonoTime now) {
    while (!expiring_.empty() && expiring_.begin()->first <= now) {
        Thing& thing = things_.at(expiring_.begin()->second);
        set_expiry(thing, std::nullopt);
        thing.state.members.clear();
        tell(thing);
    }
}

bool Bridge::hear_availability(Thing& thing, const std::string& topic, const Payload& payload) {
    bool changed = false;
    for (std::size_t i = 0; i < thing.announced.availability.size(); ++i) {
        const Availability& availability = thing.announced.availability[i];
        if (availability.topic != topic) {
            continue;
        }
        const auto said = availability.value.render(payload);
        if (said && (*said == availability.available || *said == availability.not_available)) {
            const bool is = *said == availability.available;
            changed = changed || thing.available[i] != is || thing.latest != i;
            thing.available[i] = is;
            thing.latest = i;
        }
    }
    return changed;
}

bool Bridge::is_available(const Thing& thing) const {
    if (!connected_ || thing.available.empty()) {
        return connected_;
    }
    const auto& sources = thing.announced.availability;
    const auto yes = [&](const std::optional<bool>& one) {
        return one.value_or(sources[static_cast<std::size_t>(&one - thing.available.data())].presumed);
    };
    switch (thing.announced.availability_mode) {
        case AvailabilityMode::All:
            return std::all_of(thing.available.begin(), thing.available.end(), yes);
        case AvailabilityMode::Any:
            return std::any_of(thing.available.begin(), thing.available.end(), yes);
        case AvailabilityMode::Latest:
            break;
    }
    return thing.latest && yes(thing.available[*thing.latest]);
}

void Bridge::tell(Thing& thing) {
    const std::string state = thing.state.json(thing.announced);
    const bool available = is_available(thing);
    if (thing.told && state == thing.told_state && available == thing.told_available) {
        return;
    }
    const bool lost = thing.told && thing.told_available && !available;
    thing.told = true;
    thing.told_state = state;
    thing.told_available = available;
    const std::string id = thing.announced.entity.id;
    events_.on_state(id, state, available);
    if (!lost || !connected_) {
        return;
    }
    // The device itself left: no confirmation will come.
    std::vector<RequestId> waiting;
    for (const auto& [request, pending] : pending_) {
        if (pending.entity == id) {
            waiting.push_back(request);
        }
    }
    finish_all(waiting, ErrorCode::MqttEntityOffline, "it went offline after the command was sent");
}

}  // namespace ambit::mqtt
