#include "node/why_agents.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <nlohmann/json.hpp>

#include "agents/precondition.h"
#include "node/bedroom_room.h"
#include "node/heard.h"
#include "node/json_members.h"
#include "node/releasing.h"

namespace ambit::node {
namespace {

constexpr privacy::Here kHere{"why, of agents"};
constexpr int kDepth = 1;

// "21", "0.55"
std::string plain(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.2f", std::clamp(value, -1e6, 1e6));
    std::string out = text;
    while (out.back() == '0') {
        out.pop_back();
    }
    if (out.back() == '.') {
        out.pop_back();
    }
    return out;
}

std::string name_of(const Parts& parts, const std::string& hex) {
    const auto id = DeviceId::from_hex(hex);
    const identity::Device* device = id ? parts.roster->device(*id) : nullptr;
    return device == nullptr ? "a device that is gone" : device->name;
}

std::string owner_of(const Parts& parts, const std::string& hex) {
    const auto id = DeviceId::from_hex(hex);
    const identity::Device* device = id ? parts.roster->device(*id) : nullptr;
    const identity::Person* person =
        device != nullptr && device->owner ? parts.roster->person(*device->owner) : nullptr;
    return person == nullptr ? "its owner" : person->name;
}

// What this device's person let out to `actor` then, if it was one of their devices that told.
struct Told {
    std::string rule;
    nlohmann::json value;
};

std::optional<Told> told_here(const Parts& parts,
                              const std::string& attribute,
                              std::optional<WallTime> time,
                              const DeviceId& actor,
                              const MaySee& may_see) {
    for (const auto& labelled : parts.facts.query({.audience = std::nullopt,
                                .subject_prefix = std::string(kToldPrefix),
                                .attribute = std::string(kToldAttribute),
                                .limit = kTellersMax * kToldMax})) {
        if (!may_see(labelled.label())) {
            continue;
        }
        const auto* json = std::get_if<facts::Json>(&labelled.read(kHere).value);
        const auto told = nlohmann::json::parse(json == nullptr ? "" : json->text, nullptr, false);
        const auto to = privacy::parse_named_audience(told.is_object() ? text_at(told, "to") : "");
        if (to && told.contains("value") && text_at(told, "attribute") == attribute &&
            privacy::may_read(privacy::Audience(*to), *parts.roster, actor) &&
            time_at(told, "time_ms") == time) {
            return Told{text_at(told, "rule"), told["value"]};
        }
    }
    return std::nullopt;
}

// What was told to this device itself, which keeps it for itself.
std::optional<Told> heard_here(const Parts& parts,
                               const std::string& attribute,
                               std::optional<WallTime> time,
                               const std::string& teller,
                               const MaySee& may_see) {
    for (const auto& labelled :
         parts.facts.query({.audience = privacy::NamedAudience(privacy::ThisDevice{parts.self}),
         .subject_prefix = "person:",
         .attribute = attribute + std::string(kHeardSuffix),
         .limit = kToldMax})) {
        const auto* json = std::get_if<facts::Json>(&labelled.read(kHere).value);
        const auto heard = nlohmann::json::parse(json == nullptr ? "" : json->text, nullptr, false);
        if (may_see(labelled.label()) && heard.is_object() && text_at(heard, "told_by") == teller &&
            time_at(heard, "time_ms") == time) {
            return Told{"", heard.value("value", nlohmann::json())};
        }
    }
    return std::nullopt;
}

void say_departure(const nlohmann::json& value, WhyEntry& entry) {
    if (number_at(value, "leaves").value_or(0) == 0) {
        entry.what = "nothing to leave for any more";
        return;
    }
    entry.leaves = time_at(value, "leaves");
    entry.what = "comfort " + plain(number_at(value, "comfort_c").value_or(0)) + " °C";
}

// A reason that a person's rule let out to the device that acted.
void add_told(const Parts& parts,
              const DeviceId& actor,
              const nlohmann::json& reason,
              const MaySee& may_see,
              Explanation& explanation) {
    const std::string attribute = text_at(reason, "attribute");
    const std::string teller = text_at(reason, "told_by");
    WhyEntry entry{.depth = kDepth,
                   .time = time_at(reason, "time_ms"),
                   .what = "",
                   .by = "",
                   .told_by = name_of(parts, teller),
                   .rule = "",
                   .leaves = std::nullopt,
                   .until = std::nullopt};
    auto told = told_here(parts, attribute, entry.time, actor, may_see);
    if (!told) {
        told = heard_here(parts, attribute, entry.time, teller, may_see);
    }
    nlohmann::json value = reason.contains("value") ? reason["value"] : nlohmann::json();
    if (told) {
        entry.rule = told->rule;
        value = told->value;
    }
    const std::string owner = owner_of(parts, teller);
    if (!value.is_object()) {
        entry.what = attribute == "departure" ? "when " + owner + " leaves" : "how " + owner + " is";
        explanation.withheld.push_back("What " + entry.told_by +
                                       " told is for the device that acted, and for " + owner +
                                       "'s own devices.");
    } else if (attribute == "departure") {
        say_departure(value, entry);
    } else {
        entry.what = owner + " is " + text_at(value, "state");
    }
    explanation.withheld.push_back(attribute == "departure"
                                       ? "The calendar itself stayed on " + entry.told_by + "."
                                       : "Heartbeats and all that was found from them stayed on " +
                                             entry.told_by + ".");
    explanation.chain.push_back(std::move(entry));
}

void add_learned(const nlohmann::json& reason, const std::string& by, Explanation& explanation) {
    const nlohmann::json value = reason.value("value", nlohmann::json::object());
    constexpr double kMorningsMax = 100'000;
    const double rate = number_at(value, "c_per_min").value_or(0);
    const auto mornings =
        static_cast<int>(std::clamp(number_at(value, "mornings").value_or(0), 0.0, kMorningsMax));
    WhyEntry entry{.depth = kDepth,
                   .time = std::nullopt,
                   .what = "cabin " + plain(number_at(value, "cabin_c").value_or(0)) + " °C " +
                           (rate < 0 ? "cools " : "warms ") + plain(std::abs(rate)) + " °C/min",
                   .by = by,
                   .told_by = "",
                   .rule = "",
                   .leaves = std::nullopt,
                   .until = std::nullopt};
    entry.what +=
        mornings == 0 ? ", as cars usually do" : ", learned from " + std::to_string(mornings) + " mornings";
    explanation.chain.push_back(std::move(entry));
}

// What an agent follows that a person's rule has to let out.
struct Followed {
    std::string_view agent;
    std::string_view attribute;
    const char* untold;  // in the person's eyes
    const char* would;
};

constexpr Followed kFollowed[] = {
    {agents::kPreconditionAgent, "departure", "no rule lets a car know when you leave",
     "A time and a temperature would go out, and nothing else: ambit release grant departure --to "
     "device:NAME."},
    {agents::kBedroomAgent, kBodyAttribute, "no rule lets the home know how you are",
     "One word would go out, and nothing else: ambit release grant body-state --to device:NAME."}};

// Perhaps there is something to know of this device's person, and no rule of theirs says so to anybody.
void add_untold(
    const Parts& parts, const Followed& followed, const MaySee& may_see, Now now, Explanation& explanation) {
    const auto person = parts.person();
    const auto rules = parts.rules.list();
    const bool told = std::any_of(rules.begin(), rules.end(), [&](const privacy::ReleaseRule& rule) {
        return rule.source_attribute == followed.attribute && rule.owner == person;
    });
    if (!person || told) {
        return;
    }
    for (const auto& labelled : parts.fleeting.query("person:" + person->hex(), now)) {
        const facts::Fact& fact = labelled.read(kHere);
        const auto* json = std::get_if<facts::Json>(&fact.value);
        const auto value = nlohmann::json::parse(json == nullptr ? "" : json->text, nullptr, false);
        const auto leaves = time_at(value, "leaves_ms");
        const bool something = leaves.value_or(WallTime{}) != WallTime{} || !text_at(value, "state").empty();
        if (fact.key.attribute != followed.attribute || !something || !may_see(labelled.label())) {
            continue;
        }
        explanation.chain.push_back({.depth = kDepth + 1,
                                     .time = std::nullopt,
                                     .what = followed.untold,
                                     .by = "",
                                     .told_by = "",
                                     .rule = "",
                                     .leaves = leaves,
                                     .until = std::nullopt});
        explanation.withheld.emplace_back(followed.would);
        return;
    }
}

}  // namespace

void add_reasons(const Parts& parts,
                 const DeviceId& actor,
                 const std::string& value_json,
                 const MaySee& may_see,
                 Explanation& explanation) {
    const auto value = nlohmann::json::parse(value_json, nullptr, false);
    const auto because = value.is_object() ? value.find("because") : value.end();
    if (because == value.end() || !because->is_array()) {
        return;
    }
    constexpr std::size_t kReasonsMax = 8;
    std::size_t said = 0;
    for (const nlohmann::json& reason : *because) {
        if (!reason.is_object() || ++said > kReasonsMax) {
            continue;
        }
        if (text_at(reason, "attribute") == "cabin") {
            add_learned(reason, explanation.chain.empty() ? "" : explanation.chain.front().by, explanation);
        } else {
            add_told(parts, actor, reason, may_see, explanation);
        }
    }
}

std::string also_called(const std::string& agent) {
    return agent == agents::kPreconditionAgent ? " cabin car" : "";
}

Result<Explanation> explain_not(const Parts& parts, const std::string& text, const MaySee& may_see, Now now) {
    std::optional<facts::Fact> newest;
    std::size_t best = 0;  // how many words it shares with the text
    nlohmann::json newest_value;
    std::string name;
    for (const auto& labelled : parts.fleeting.query("entity:", now)) {
        const facts::Fact& fact = labelled.read(kHere);
        const auto* json = std::get_if<facts::Json>(&fact.value);
        if (fact.key.attribute != kHeldAttribute || json == nullptr || !may_see(labelled.label())) {
            continue;
        }
        const std::string id = fact.key.subject.substr(std::string_view("entity:").size());
        const capability::Entity* entity = parts.directory.entity(id);
        std::string names = entity == nullptr ? id : entity->name;
        for (std::size_t i = 0; entity != nullptr && i < entity->aliases.size(); ++i) {
            names += " " + entity->aliases[i];
        }
        auto value = nlohmann::json::parse(json->text, nullptr, false);
        names += also_called(text_at(value, "agent"));
        // "The window lamp" is meant rather than any other lamp.
        const std::size_t shared = shared_words(names, text);
        const bool fits = value.is_object() && !text_at(value, "why").empty() && (text.empty() || shared > 0);
        if (fits && (!newest || std::pair(best, newest->time) < std::pair(shared, fact.time))) {
            best = shared;
            newest = fact;
            newest_value = std::move(value);
            name = entity == nullptr ? id : entity->name;
        }
    }
    if (!newest) {
        return Error{ErrorCode::NothingToExplain, "nothing was proposed for that and held back"};
    }
    Explanation explanation;
    explanation.chain.push_back({.depth = 0,
                                 .time = newest->time,
                                 .what = name + " was left as it is",
                                 .by = "",
                                 .told_by = name_of(parts, newest->source.hex()),
                                 .rule = "agent " + text_at(newest_value, "agent"),
                                 .leaves = std::nullopt,
                                 .until = std::nullopt});
    WhyEntry why{.depth = kDepth,
                 .time = std::nullopt,
                 .what = text_at(newest_value, "why"),
                 .by = "",
                 .told_by = "",
                 .rule = "",
                 .leaves = std::nullopt,
                 .until = std::nullopt};
    why.until = time_at(newest_value, "until_ms");
    explanation.chain.push_back(std::move(why));
    add_reasons(parts, newest->source, newest_value.dump(), may_see, explanation);
    for (const Followed& followed : kFollowed) {
        if (text_at(newest_value, "agent") == followed.agent) {
            add_untold(parts, followed, may_see, now, explanation);
        }
    }
    return explanation;
}

}  // namespace ambit::node
