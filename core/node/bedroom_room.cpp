#include "node/bedroom_room.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "node/heard.h"
#include "node/json_members.h"

namespace ambit::node {
namespace {

constexpr privacy::Here kHere{"bedroom room"};
constexpr std::string_view kPersonPrefix = "person:";

}  // namespace

BedroomRoom::BedroomRoom(Node& node, AgentActs& acts, std::string area, const agents::RoomWishes& wishes)
    : node_(node), acts_(acts), area_(std::move(area)), wishes_(wishes) {
    node_.add_watcher(*this);
}

BedroomRoom::~BedroomRoom() {
    node_.remove_watcher(*this);
}

void BedroomRoom::on_fact(const facts::LabelledFact& labelled, bool /*gone*/) {
    const facts::Key& key = labelled.read(kHere).key;
    dirty_ = dirty_ || key.attribute == kBodyAttribute || subjects_.contains(key.subject);
}

BedroomRoom::People BedroomRoom::people(Now now) {
    const Parts& parts = node_.parts();
    const privacy::NamedAudience here = privacy::ThisDevice{parts.self};
    People out;
    std::map<PersonId, std::pair<agents::BodyTold, facts::Fact>> newest;
    for (const auto& labelled : parts.fleeting.query(kPersonPrefix, now)) {
        const facts::Fact& fact = labelled.read(kHere);
        const bool for_home =
            fact.key.audience == here || std::holds_alternative<privacy::Household>(fact.key.audience);
        const identity::Device* source = parts.roster->device(fact.source);
        // Each speaks for themselves: the device that tells is one of that person's.
        if (fact.key.attribute != kBodyAttribute || !for_home || source == nullptr || !source->owner ||
            fact.key.subject != std::string(kPersonPrefix) + source->owner->hex()) {
            continue;
        }
        const auto json = json_of(fact);
        const std::string state = text_at(json, "state");
        out.any = out.any || !state.empty();
        const auto body = agents::body_of(state);
        const auto known = newest.find(*source->owner);
        if (!body ||
            (known == newest.end() ? newest.size() >= kPeopleMax : known->second.second.time >= fact.time)) {
            continue;
        }
        const agents::Cause cause{std::string(kBodyAttribute), fact.source,
                                  std::chrono::floor<milliseconds>(fact.time), json.dump(), true};
        newest.insert_or_assign(*source->owner, std::pair(agents::BodyTold{*body, cause}, fact));
    }
    for (const auto& [person, one] : newest) {
        out.told.push_back(one.first);
        if (one.second.key.audience == here) {
            out.audience = here;
        }
        keep(person, one.second, one.first.told);
    }
    return out;
}

void BedroomRoom::keep(const PersonId& person, const facts::Fact& fact, const agents::Cause& cause) {
    const auto known = kept_.find(person);
    if (known != kept_.end() && known->second == cause) {
        return;
    }
    kept_[person] = cause;
    keep_heard(node_.parts(), fact, cause.time, node_.now());
}

std::vector<capability::Entity> BedroomRoom::things() const {
    std::vector<capability::Entity> out;
    for (const char* capability : {"light.set", "climate.set"}) {
        for (const capability::Entity* entity : node_.parts().directory.find(
                 {.name = "", .area = area_, .domain = "", .capability = capability})) {
            if (out.size() < kThingsMax && acts_.acts_for(entity->id)) {
                out.push_back(*entity);
            }
        }
    }
    return out;
}

agents::RoomThing BedroomRoom::thing(const capability::Entity& entity, Now now) const {
    agents::RoomThing thing;
    thing.entity = entity.id;
    const auto& can = entity.capabilities;
    thing.capability =
        std::find(can.begin(), can.end(), "light.set") != can.end() ? "light.set" : "climate.set";
    const std::string agent(agents::kBedroomAgent);
    thing.last_step = acts_.last_step(entity.id, agent).value_or("");
    const auto state = node_.home().state(entity.id, now);
    const auto json =
        nlohmann::json::parse(state && state->available ? state->state_json : "", nullptr, false);
    if (!json.is_object()) {
        return thing;
    }
    const std::string mode = text_at(json, "mode");
    thing.on = json.contains("on") ? flag_at(json, "on") : !mode.empty() && mode != "off";
    thing.brightness_pct = number_at(json, "brightness_pct");
    thing.target_c = number_at(json, "temperature_c");
    // A lamp that is off does not say how bright it would be.
    const auto before = nlohmann::json::parse(acts_.before(entity.id, agent), nullptr, false);
    thing.dims = thing.brightness_pct || number_at(before, "brightness_pct");
    return thing;
}

void BedroomRoom::follow(const agents::RoomThing& thing, const People& people, Now now) {
    Held held{thing.entity, std::string(agents::kBedroomAgent), thing.capability};
    const auto body = agents::room_body(people.told);
    if (!body) {
        held.why =
            people.any ? "how the people in it are is not known" : "nobody lets this room know how they are";
        return acts_.hold_back(held, privacy::Household{});
    }
    const agents::RoomPlan plan = agents::settle(thing, *body, wishes_, now.wall);
    if (plan.next) {
        look_.sooner(now, std::max<microseconds>(*plan.next - now.wall, seconds(1)));
    }
    if (plan.proposal) {
        return acts_.propose({*plan.proposal}, std::nullopt, people.audience);
    }
    held.why = plan.why;
    held.until = plan.next;
    held.causes = body->told;
    acts_.hold_back(held, people.audience);
}

void BedroomRoom::say_whether_empty(bool empty, Now now) {
    if (!empty) {
        empty_since_.reset();
        return node_.parts().health.ok("bedroom");
    }
    empty_since_ = empty_since_.value_or(now.mono);
    if (now.mono >= *empty_since_ + kEmptyAfter) {
        node_.parts().health.bad(
            "bedroom", {ErrorCode::NoSuchThing, "no light or heating that this device acts for is in \"" +
                                                    area_ + "\" (bedroom.area)"});
    }
}

void BedroomRoom::tick(Now now) {
    if ((!look_.is_due(now) && !dirty_) || !node_.parts().roster) {
        return;
    }
    dirty_ = false;
    look_.set(now, kEvery);
    const auto in_room = things();
    say_whether_empty(in_room.empty(), now);
    subjects_.clear();
    const People known = people(now);
    for (const capability::Entity& entity : in_room) {
        subjects_.insert(entity_subject(entity.id));
        follow(thing(entity, now), known, now);
    }
}

}  // namespace ambit::node
