#include "node/dashboard.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "node/json_members.h"
#include "node/local_json.h"

namespace ambit::node {
namespace {

using capability::Shown;
using nlohmann::json;

constexpr privacy::Here kHere{"dashboard"};
constexpr std::string_view kCabin = "cabin.precondition";
constexpr const char* kHousehold = "household";
constexpr const char* kUndo = "undo";
constexpr const char* kLast = "last_action";
constexpr const char* kAskedThere = "asked on a dashboard";
constexpr std::string_view kPerson = "person_";
constexpr std::string_view kDevice = "device_";
constexpr std::size_t kIdDigits = 12;

// The part of an id that topics may have.
std::string plain(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const char low = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        out += (low >= 'a' && low <= 'z') || (low >= '0' && low <= '9') ? low : '_';
    }
    return out;
}

template <typename Id>
std::string id_of(std::string_view prefix, const Id& id) {
    return std::string(prefix) + id.hex().substr(0, kIdDigits);
}

std::string words(std::string text) {
    std::replace(text.begin(), text.end(), '_', ' ');
    return text;
}

Shown sensor(Shown::Of of, std::string id, std::string name, std::string device_class, const json& value) {
    return {std::move(id),
            std::move(of),
            std::move(name),
            "sensor",
            std::move(device_class),
            "",
            value.is_null() ? "{}" : text_of({{"value", value}})};
}

// What a person's rule let the household know, as one value; null for what has none.
json told_value(const facts::Fact& fact) {
    const json told = json_of(fact);
    if (const auto leaves = number_at(told, "leaves")) {
        return *leaves > 0 ? json(time_text(time_at(told, "leaves").value_or(WallTime{}))) : json();
    }
    const std::string state = text_at(told, "state");
    return state.empty() ? json() : json(state);
}

}  // namespace

Dashboard::Dashboard(Node& node) : node_(node) {
    node_.add_watcher(*this);
    for (const auto& labelled : node_.parts().facts.query({.audience = privacy::Household{},
                                .subject_prefix = "entity:",
                                .attribute = std::string(kLastActionAttribute),
                                .limit = capability::Directory::kEntitiesMax})) {
        take_action(labelled.read(kHere));
    }
}

Dashboard::~Dashboard() {
    node_.remove_watcher(*this);
}

void Dashboard::set_screen(capability::Screen* screen) {
    screen_ = screen;
    ready_ = false;
    outlet_ = screen == nullptr ? nullptr : std::make_shared<Outlet>(node_, screen->service());
}

void Dashboard::on_screen_ready() {
    ready_ = true;
    told_.clear();
    dirty_ = true;
    next_ = {};
}

void Dashboard::on_fact(const facts::LabelledFact& labelled, bool gone) {
    const facts::Fact& fact = labelled.read(kHere);
    const facts::Key& key = fact.key;
    things_are_old_ = things_are_old_ || key.attribute.starts_with(kAnnouncedPrefix);
    if (key.attribute == kLastActionAttribute && !gone) {
        take_action(fact);
    }
    dirty_ = dirty_ || things_are_old_ || key.attribute == kLastActionAttribute ||
             key.subject.starts_with("person:") || key.subject.starts_with("device:") ||
             subjects_.contains(key.subject);
}

void Dashboard::on_peer(const DeviceId& /*peer*/, bool /*up*/) {
    dirty_ = true;
}

void Dashboard::on_health(const capability::HealthItem& /*item*/) {
    dirty_ = true;
}

void Dashboard::on_roster_changed() {
    dirty_ = true;
}

void Dashboard::take_action(const facts::Fact& fact) {
    const json action = json_of(fact);
    const std::string entity_id = fact.key.subject.substr(std::string_view("entity:").size());
    const bool household = std::holds_alternative<privacy::Household>(fact.key.audience);
    if (!household || !action.is_object() || (!last_.request.empty() && fact.order < last_.order)) {
        return;
    }
    const capability::Entity* entity = node_.parts().directory.entity(entity_id);
    const std::string agent = text_at(action, "agent");
    last_ = {fact.order, text_at(action, "request"),
             say_done(entity == nullptr ? entity_id : entity->name, text_at(action, "capability"),
                      text_of(action.value("input", json::object()))) +
                 (agent.empty() ? "" : " (" + agent + ")")};
    refusal_.clear();
}

Shown::Of Dashboard::of_household() const {
    return {kHousehold, node_.parts().roster->name + " (Ambit)", kHousehold, ""};
}

Shown::Of Dashboard::of_device(const identity::Device& device, Now now) const {
    return {id_of(kDevice, device.id), device.name, device.kind, node_.home().report(device.id, now).version};
}

void Dashboard::add_devices(All& all, Now now) const {
    const Parts& parts = node_.parts();
    const auto& items = parts.health.items();
    const bool problem =
        std::any_of(items.begin(), items.end(), [](const auto& one) { return !one.second.ok; });
    for (const auto& [id, device] : parts.roster->devices) {
        const Shown::Of of = of_device(device, now);
        const auto add_flag = [&, &who = id](const char* what, const char* name, const char* kind, bool on) {
            const std::string key = id_of(kDevice, who) + "_" + what;
            all[key] = {key, of, name, "binary_sensor", kind, "", text_of({{"on", on}})};
        };
        add_flag("connected", "Connected", "connectivity", id == parts.self || parts.links.is_up(id));
        if (id == parts.self) {
            add_flag("problem", "Problem", "problem", problem);
        }
        if (const auto battery = node_.home().report(id, now).battery_pct) {
            Shown one = sensor(of, id_of(kDevice, id) + "_battery", "Battery", "battery", *battery);
            one.unit = "%";
            all[one.id] = one;
        }
    }
}

void Dashboard::add_household(All& all) const {
    const std::string text = !refusal_.empty() ? refusal_ : last_.text;
    all[kLast] = sensor(of_household(), kLast, "Last action", "", text.empty() ? json() : json(text));
    all[kUndo] = {kUndo, of_household(), "Undo last action", "button", "", "", "{}", !last_.request.empty()};
}

void Dashboard::add_people(All& all, Now now) const {
    const Parts& parts = node_.parts();
    for (const auto& labelled : parts.fleeting.query("person:", now)) {
        const facts::Fact& fact = labelled.read(kHere);
        const auto person = PersonId::from_hex(fact.key.subject.substr(std::string_view("person:").size()));
        const identity::Person* known = person ? parts.roster->person(*person) : nullptr;
        const identity::Device* source = parts.roster->device(fact.source);
        // Each speaks for themselves: the device that tells is one of that person's.
        const bool theirs = source != nullptr && person && source->owner == *person;
        if (known != nullptr && theirs && std::holds_alternative<privacy::Household>(fact.key.audience)) {
            const bool is_time = number_at(json_of(fact), "leaves").has_value();
            const Shown one = sensor(
                of_household(), id_of(kPerson, *person) + "_" + plain(fact.key.attribute),
                known->name + " " + words(fact.key.attribute), is_time ? "timestamp" : "", told_value(fact));
            all[one.id] = one;
        }
    }
}

void Dashboard::find_things() {
    things_are_old_ = false;
    things_.clear();
    subjects_.clear();
    for (const capability::Entity* entity : node_.parts().directory.find(
             {.name = "", .area = "", .domain = "", .capability = std::string(kCabin)})) {
        if (things_.size() < kThingsMax) {
            things_["thing_" + plain(entity->id)] = entity->id;
            subjects_.insert(entity_subject(entity->id));
        }
    }
}

void Dashboard::add_things(All& all, Now now) const {
    const Parts& parts = node_.parts();
    for (const auto& [id, entity_id] : things_) {
        const capability::Entity* entity = parts.directory.entity(entity_id);
        const auto acting = entity == nullptr ? std::vector<DeviceId>()
                                              : parts.directory.acting_order(*entity, *parts.roster);
        const identity::Device* device = acting.empty() ? nullptr : parts.roster->device(acting.front());
        if (device == nullptr) {
            continue;
        }
        const auto state = node_.home().state(entity_id, now);
        const json said = json::parse(state ? state->state_json : "", nullptr, false);
        json told = json::object();
        if (said.is_object() && said.contains("on")) {
            told["on"] = flag_at(said, "on");
        }
        for (const auto& [theirs, ours] :
             {std::pair("target_c", "temperature_c"), std::pair("cabin_c", "current_temperature_c")}) {
            if (const auto number = number_at(said, theirs)) {
                told[ours] = *number;
            }
        }
        const bool there = acting.front() == parts.self || parts.links.is_up(acting.front());
        all[id] = {id,
                   of_device(*device, now),
                   entity->name,
                   "climate",
                   "",
                   "",
                   text_of(told),
                   there && state && state->available};
    }
}

void Dashboard::remember(const Shown& shown) {
    const bool may_be_unknown = shown.id.ends_with("_battery") || shown.id.starts_with(kPerson);
    if (may_be_unknown && (remembered_.contains(shown.id) || remembered_.size() < kRememberedMax)) {
        remembered_[shown.id] = shown;
        remembered_[shown.id].state_json = "{}";
    }
}

void Dashboard::add_remembered(All& all) {
    for (const auto& [id, shown] : all) {
        remember(shown);
    }
    const identity::Roster& roster = *node_.parts().roster;
    const auto belongs = [&](const std::string& id) {
        const auto is_theirs = [&](std::string_view prefix) {
            return [&id, prefix](const auto& one) { return id.starts_with(id_of(prefix, one.first) + "_"); };
        };
        return std::any_of(roster.people.begin(), roster.people.end(), is_theirs(kPerson)) ||
               std::any_of(roster.devices.begin(), roster.devices.end(), is_theirs(kDevice));
    };
    std::erase_if(remembered_, [&](const auto& one) { return !belongs(one.first); });
    all.insert(remembered_.begin(), remembered_.end());
}

bool Dashboard::on_screen_left(const std::string& id) {
    const Parts& parts = node_.parts();
    for (const auto& [person, known] : parts.roster->people) {
        const std::string prefix = id_of(kPerson, person) + "_";
        if (id.starts_with(prefix)) {
            const std::string what = id.substr(prefix.size());
            remember(sensor(of_household(), id, known.name + " " + words(what),
                            what == "departure" ? "timestamp" : "", json()));
        }
    }
    for (const auto& [device, known] : parts.roster->devices) {
        if (id == id_of(kDevice, device) + "_battery") {
            Shown one = sensor(of_device(known, node_.now()), id, "Battery", "battery", json());
            one.unit = "%";
            remember(one);
        }
    }
    dirty_ = dirty_ || remembered_.contains(id);
    return remembered_.contains(id);
}

Dashboard::All Dashboard::all(Now now) {
    if (things_are_old_) {
        find_things();
    }
    All all;
    add_devices(all, now);
    add_household(all);
    add_people(all, now);
    add_things(all, now);
    add_remembered(all);
    return all;
}

void Dashboard::tick(Now now) {
    if (!ready_ || screen_ == nullptr || node_.parts().me() == nullptr || now.mono < next_deadline()) {
        return;
    }
    dirty_ = false;
    next_ = now.mono + kEvery;
    look_again_ = now.mono + kLookAgain;
    std::map<std::string, std::string> telling;
    for (const auto& [id, shown] : all(now)) {
        telling[id] = capability::encode_shown(shown);
    }
    for (const auto& [id, text] : told_) {
        if (!telling.contains(id)) {
            screen_->hide(id);
        }
    }
    for (const auto& [id, text] : telling) {
        const auto before = told_.find(id);
        if (before != told_.end() && before->second == text) {
            continue;
        }
        outlet_->send("states and buttons", text, household_label(),
                      [this, alive = std::weak_ptr(life_)](const Result<std::string>& cleared) {
                          if (cleared && !alive.expired() && screen_ != nullptr) {
                              screen_->show(*cleared);
                          }
                      });
    }
    told_ = std::move(telling);
}

MonoTime Dashboard::next_deadline() const {
    return !ready_ ? MonoTime::max() : dirty_ ? std::min(next_, look_again_) : look_again_;
}

void Dashboard::on_screen_asked(const std::string& id, const std::string& input_json) {
    if (node_.parts().me() == nullptr || under_way_ >= kUnderWayMax) {
        return;
    }
    const auto thing = things_.find(id);
    if (id == kUndo) {
        undo();
    } else if (thing != things_.end()) {
        ask(thing->second, input_json);
    }
}

void Dashboard::undo() {
    ++under_way_;
    node_.conversation().undo(last_.request, kAskTimeout, answered(), node_.now(),
                              Asker{privacy::Household{}, std::nullopt});
}

void Dashboard::ask(const std::string& entity, const std::string& input_json) {
    const json wanted = json::parse(input_json, nullptr, false);
    json input = {{"on", wanted.contains("on") ? flag_at(wanted, "on") : true}};
    if (const auto target = number_at(wanted, "temperature_c")) {
        input["target_c"] = *target;
    }
    ++under_way_;
    node_.conversation().command({std::string(kCabin), entity, input.dump()}, kAskedThere,
                                 Asker{privacy::Household{}, std::nullopt}, kAskTimeout, answered(),
                                 node_.now());
}

Conversation::OnAnswered Dashboard::answered() {
    return [this, alive = std::weak_ptr(life_)](const AskResult& result) {
        if (alive.expired()) {
            return;
        }
        --under_way_;
        const auto wrong = std::find_if(result.answers.begin(), result.answers.end(),
                                        [](const Answer& one) { return one.state != Answer::State::Done; });
        if (wrong != result.answers.end()) {
            refusal_ = (wrong->error ? wrong->error->message() : wrong->text);
            dirty_ = true;
        }
    };
}

}  // namespace ambit::node
