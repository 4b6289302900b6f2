#include "node/cabin_room.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <nlohmann/json.hpp>

#include "node/heard.h"
#include "node/json_members.h"

namespace ambit::node {
namespace {

constexpr privacy::Here kHere{"cabin room"};
constexpr const char* kDeparture = "departure";
constexpr const char* kModel = "model";
constexpr const char* kCabinSubject = "cabin";
constexpr std::string_view kPersonPrefix = "person:";
// Of a departure: nothing is planned.
constexpr WallTime kNever{};
// No cabin keeps a temperature to the last digit for so long, so far from that outside.
constexpr std::chrono::hours kStuckAfter{6};
constexpr double kStuckFar = 5;

std::optional<PersonId> person_of(const std::string& subject) {
    if (!subject.starts_with(kPersonPrefix)) {
        return std::nullopt;
    }
    const auto person = PersonId::from_hex(subject.substr(kPersonPrefix.size()));
    return person ? std::optional(*person) : std::nullopt;
}

}  // namespace

CabinRoom::CabinRoom(Node& node, AgentActs& acts, CabinThings things)
    : node_(node), acts_(acts), things_(std::move(things)) {
    node_.add_watcher(*this);
    load();
}

CabinRoom::~CabinRoom() {
    node_.remove_watcher(*this);
}

void CabinRoom::load() {
    const Parts& parts = node_.parts();
    const privacy::NamedAudience here = privacy::ThisDevice{parts.self};
    if (const auto kept = parts.facts.get({here, kCabinSubject, kModel})) {
        const auto* json = std::get_if<facts::Json>(&kept->read(kHere).value);
        if (auto model = agents::CabinModel::decode(json == nullptr ? "" : json->text)) {
            model_ = std::move(model).value();
            kept_mornings_ = model_.mornings();
        }
    }
    for (const auto& labelled : parts.facts.query({.audience = here,
                                .subject_prefix = std::string(kPersonPrefix),
                                .attribute = std::string(kDeparture) + std::string(kHeardSuffix),
                                .limit = kPeopleMax})) {
        const facts::Fact& fact = labelled.read(kHere);
        const auto json = json_of(fact);
        const auto person = person_of(fact.key.subject);
        const auto from = DeviceId::from_hex(text_at(json, "told_by"));
        if (person && from && json.contains("value") && json["value"].is_object()) {
            Told told;
            told.leaves = time_at(json["value"], "leaves").value_or(kNever);
            told.comfort_c = number_at(json["value"], "comfort_c").value_or(21);
            told.cause = {kDeparture, *from, time_at(json, "time_ms").value_or(kNever), json["value"].dump(),
                          true};
            const auto audience = privacy::parse_named_audience(text_at(json, "audience"));
            told.audience = audience ? *audience : here;
            told_[*person] = std::move(told);
        }
    }
}

void CabinRoom::on_fact(const facts::LabelledFact& labelled, bool gone) {
    const facts::Fact& fact = labelled.read(kHere);
    if (fact.key.attribute == kStateAttribute || fact.key.attribute == kLastActionAttribute) {
        for (const std::string* entity : {&things_.entity, &things_.temperature, &things_.outside}) {
            dirty_ = dirty_ || (!entity->empty() && fact.key.subject == entity_subject(*entity));
        }
        return;
    }
    const auto person = person_of(fact.key.subject);
    const Parts& parts = node_.parts();
    const identity::Device* source = parts.roster->device(fact.source);
    // Each speaks for themselves: the device that tells is one of that person's.
    if (gone || fact.key.attribute != kDeparture || !person || source == nullptr || source->owner != person ||
        fact.source == parts.self) {
        return;
    }
    hear(*person, fact);
}

void CabinRoom::hear(const PersonId& person, const facts::Fact& fact) {
    const auto json = json_of(fact);
    const auto leaves = time_at(json, "leaves");
    const bool fits = leaves && number_at(json, "comfort_c");
    const auto known = told_.find(person);
    if (!fits || (known == told_.end() && told_.size() >= kPeopleMax)) {
        return;
    }
    Told told;
    told.leaves = *leaves;
    told.comfort_c = std::clamp(*number_at(json, "comfort_c"), 16.0, 26.0);
    // As it is kept, so that nothing is done twice after a restart.
    const auto time = std::chrono::floor<milliseconds>(fact.time);
    told.cause = {kDeparture, fact.source, time, json.dump(), true};
    told.audience = fact.key.audience;
    // What was said by a clock that was set back since does not outlive what is said now.
    const bool ahead = known != told_.end() && known->second.cause.time > node_.now().wall;
    if (known != told_.end() && !ahead &&
        (known->second.cause == told.cause || known->second.cause.time > told.cause.time)) {
        return;  // said again, or overtaken
    }
    keep_heard(node_.parts(), fact, time, node_.now());
    told_[person] = std::move(told);
    dirty_ = true;
}

const CabinRoom::Told* CabinRoom::next(Now now) const {
    const Told* first = nullptr;
    for (const auto& [person, told] : told_) {
        const bool planned = told.leaves.time_since_epoch().count() != 0;
        if (planned && told.leaves + agents::kKeptFor > now.wall &&
            (first == nullptr || told.leaves < first->leaves)) {
            first = &told;
        }
    }
    return first;
}

std::optional<agents::CabinBinding> CabinRoom::binding() const {
    const Parts& parts = node_.parts();
    const capability::Entity* entity = parts.directory.entity(things_.entity);
    if (things_.entity.empty()) {
        for (const capability::Entity* one : parts.directory.find(
                 {.name = "", .area = "", .domain = "", .capability = "cabin.precondition"})) {
            if (parts.directory.announced_by(parts.self, one->id)) {
                entity = one;
                break;
            }
        }
    }
    if (entity == nullptr) {
        return std::nullopt;
    }
    for (const std::string& capability : entity->capabilities) {
        if (!agents::cabin_inputs(capability, true, 21, true).empty()) {
            return agents::CabinBinding{entity->id, capability};
        }
    }
    return std::nullopt;
}

std::optional<double> CabinRoom::sensor(const std::string& entity, Now now) const {
    const auto state = entity.empty() ? std::nullopt : node_.home().state(entity, now);
    if (!state || !state->available) {
        return std::nullopt;
    }
    const auto json = nlohmann::json::parse(state->state_json, nullptr, false);
    for (const char* name : {"value", "current_temperature_c", "temperature_c"}) {
        if (const auto value = number_at(json, name)) {
            return text_at(json, "unit") == "°F" ? (*value - 32) / 1.8 : *value;
        }
    }
    return std::nullopt;
}

void CabinRoom::gather_temperatures(agents::CabinFacts& facts, const std::string& state_json, Now now) const {
    const auto state = nlohmann::json::parse(state_json, nullptr, false);
    const bool of_a_car = state.is_object() && state.contains("cabin_c");
    facts.cabin_c = number_at(state, of_a_car ? "cabin_c" : "current_temperature_c");
    if (!facts.cabin_c) {
        facts.cabin_c = sensor(things_.temperature, now);
    }
    facts.outside_c = number_at(state, "outside_c");
    if (!facts.outside_c) {
        facts.outside_c = sensor(things_.outside, now);
    }
}

void CabinRoom::doubt_temperature(agents::CabinFacts& facts, bool on, Now now) {
    if (facts.cabin_c != read_c_) {
        read_c_ = facts.cabin_c;
        read_since_ = now.mono;
        stuck_ = false;
    } else if (on && !stuck_) {
        read_since_ = now.mono;  // a thermostat may well keep it so
    }
    stuck_ = stuck_ || (facts.cabin_c && facts.outside_c && now.mono - read_since_ >= kStuckAfter &&
                        std::abs(*facts.cabin_c - *facts.outside_c) > kStuckFar);
    if (!stuck_) {
        return node_.parts().health.ok("cabin.temperature");
    }
    char said[64];
    std::snprintf(said, sizeof said, "the cabin's thermometer stands at %.1f", *facts.cabin_c);
    node_.parts().health.bad("cabin.temperature", {ErrorCode::NotAvailable, said});
    facts.cabin_c.reset();
}

CabinRoom::Known CabinRoom::gather(const agents::CabinBinding& bound, Now now) {
    Known known;
    agents::CabinFacts& facts = known.facts;
    facts.usual_lead = things_.usual_lead;
    if (const Told* told = next(now)) {
        facts.leaves = told->leaves;
        facts.comfort_c = told->comfort_c;
        facts.told = told->cause;
    } else if (!told_.empty()) {
        // Why it is not needed any more.
        const auto newest = std::max_element(told_.begin(), told_.end(), [](const auto& a, const auto& b) {
            return a.second.cause.time < b.second.cause.time;
        });
        facts.told = newest->second.cause;
    }
    const auto state = node_.home().state(bound.entity, now);
    const std::string text = state ? state->state_json : "{}";
    const auto json = nlohmann::json::parse(text, nullptr, false);
    const bool button = bound.capability == "button.press";  // which has no state to speak of
    known.able = button ? !state || state->available : state && state->available && json.is_object();
    gather_temperatures(facts, text, now);
    facts.moving = flag_at(json, "moving");
    facts.charge_pct = number_at(json, "charge_pct");
    facts.plugged = flag_at(json, "plugged");
    // Only what this agent began is its to end; a thing that does not tell whether it is on was left as it
    // was.
    const bool began = acts_.last_step(bound.entity, std::string(agents::kPreconditionAgent)) == "start";
    const bool on = json.is_object() && json.contains("on") ? flag_at(json, "on") : began && !button;
    facts.on = on && began && !button;
    facts.for_told = facts.on && facts.told &&
                     acts_.was_for(bound.entity, std::string(agents::kPreconditionAgent), *facts.told);
    known.heated_otherwise = on && !began;
    if (button) {
        facts.pressed = acts_.acted(bound.entity, now);
        known.heated_otherwise = facts.pressed.has_value();
    }
    doubt_temperature(facts, on, now);
    if (!on && !facts.moving && !known.heated_otherwise && facts.cabin_c) {
        resting_c_ = facts.cabin_c;
    }
    if (!facts.outside_c) {
        facts.outside_c = resting_c_;
    }
    return known;
}

void CabinRoom::learn(const agents::CabinFacts& facts, bool heated_otherwise, Now now) {
    if (facts.on && !begun_) {
        model_.began(now.wall, *facts.cabin_c, *facts.outside_c, facts.comfort_c);
    } else if (!facts.on && begun_) {
        model_.gave_up();
    }
    begun_ = facts.on;
    if (!sample_.is_due(now)) {
        return;
    }
    sample_.set(now, kEvery);
    model_.learn(agents::sample_of(facts, heated_otherwise, now.wall));
}

void CabinRoom::follow(const agents::CabinPlan& plan,
                       const Known& known,
                       const agents::CabinBinding& bound,
                       Now now) {
    const agents::CabinFacts& facts = known.facts;
    const Told* told = next(now);
    const privacy::NamedAudience here = privacy::ThisDevice{node_.parts().self};
    const privacy::NamedAudience audience = told != nullptr ? told->audience : here;
    if (plan.proposal && known.able) {
        return acts_.propose({*plan.proposal}, agents::cabin_veto(facts), audience);
    }
    Held held{bound.entity, std::string(agents::kPreconditionAgent), bound.capability, "start"};
    if (facts.told) {
        held.causes.push_back(*facts.told);
    }
    if (told_.empty()) {
        held.why = "nobody lets this car know when they leave";
    } else if (told == nullptr) {
        held.why = "nobody is about to leave";
    } else if (!known.able) {
        held.why = "what acts for the cabin cannot act now";
    } else if (facts.moving) {
        held.why = agents::cabin_veto(facts)->reason;
    } else if (facts.pressed && plan.starts && *plan.starts <= now.wall) {
        held.why = "its button was pressed for this departure";
    } else if (plan.starts && *plan.starts > now.wall) {
        held.why = "it is not time yet";
        held.until = std::chrono::floor<seconds>(*plan.starts);
    } else if (facts.leaves && now.wall >= *facts.leaves && !facts.on) {
        held.why = "it is time to leave already";
    } else if (!facts.on) {
        held.why = "it is warm enough already";
    }
    acts_.hold_back(held, told_.empty() ? privacy::NamedAudience(privacy::Household{}) : audience);
}

void CabinRoom::look_for_things() {
    for (const std::string* entity : {&things_.entity, &things_.temperature, &things_.outside}) {
        if (!entity->empty() && node_.parts().directory.entity(*entity) == nullptr) {
            return node_.parts().health.bad("cabin", {ErrorCode::CabinUnknown, *entity});
        }
    }
    node_.parts().health.ok("cabin");
}

void CabinRoom::tick(Now now) {
    if (!look_.is_due(now) && !dirty_) {
        return;
    }
    dirty_ = false;
    look_.set(now, kEvery);
    look_for_things();
    const auto bound = binding();
    if (!bound) {
        return;
    }
    things_.entity = bound->entity;
    const Known known = gather(*bound, now);
    const agents::CabinFacts& facts = known.facts;
    if (facts.cabin_c && facts.outside_c) {
        learn(facts, known.heated_otherwise, now);
    }
    const agents::CabinPlan plan = agents::precondition(facts, model_, *bound, now.wall);
    if (plan.starts && *plan.starts > now.wall) {
        look_.sooner(now, std::max<microseconds>(*plan.starts - now.wall, seconds(1)));
    }
    follow(plan, known, *bound, now);
    keep_model(now);
}

void CabinRoom::keep_model(Now now) {
    if (model_.mornings() != kept_mornings_) {
        kept_mornings_ = model_.mornings();
        keep_here(node_.parts(), kCabinSubject, kModel, model_.encode(), now);
    }
}

}  // namespace ambit::node
