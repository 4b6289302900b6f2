#include "node/why.h"

#include <algorithm>
#include <cctype>

#include <nlohmann/json.hpp>

#include "node/json_members.h"
#include "node/why_agents.h"

namespace ambit::node {
namespace {

constexpr privacy::Here kHere{"why"};

// One effect: the fact that a device wrote when it acted for an entity.
struct Effect {
    facts::Fact fact;
    nlohmann::json value;
    std::string entity_id;
    std::string entity_name;
    std::string said;
};

std::vector<std::string> words_of(const std::string& text) {
    std::vector<std::string> words;
    std::string word;
    for (const char c : text + " ") {
        if (std::isalnum(static_cast<unsigned char>(c)) != 0 ||
            (static_cast<unsigned char>(c) & 0x80U) != 0) {
            word.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
        } else if (!word.empty()) {
            words.push_back(std::move(word));
            word.clear();
        }
    }
    return words;
}

std::string device_name(const Parts& parts, const std::string& hex) {
    const auto id = DeviceId::from_hex(hex);
    const identity::Device* device = id ? parts.roster->device(*id) : nullptr;
    return device == nullptr ? "a device that is gone" : device->name;
}

std::vector<Effect> effects_of(const Parts& parts, const MaySee& may_see) {
    std::vector<Effect> effects;
    for (const auto& labelled : parts.facts.query({.audience = std::nullopt,
                                .subject_prefix = "entity:",
                                .attribute = std::string(kLastActionAttribute),
                                .limit = capability::Directory::kEntitiesMax})) {
        if (!may_see(labelled.label())) {
            continue;
        }
        Effect effect;
        effect.fact = labelled.read(kHere);
        const auto* json = std::get_if<facts::Json>(&effect.fact.value);
        effect.value = nlohmann::json::parse(json == nullptr ? "" : json->text, nullptr, false);
        if (!effect.value.is_object()) {
            continue;
        }
        effect.entity_id = effect.fact.key.subject.substr(std::string_view("entity:").size());
        const capability::Entity* entity = parts.directory.entity(effect.entity_id);
        effect.entity_name = entity == nullptr ? effect.entity_id : entity->name;
        const auto input = effect.value.find("input");
        effect.said = say_done(effect.entity_name, text_at(effect.value, "capability"),
                               input == effect.value.end() ? "{}" : input->dump());
        effects.push_back(std::move(effect));
    }
    return effects;
}

void add_words(const Parts& parts,
               const RequestId& request,
               const Effect& effect,
               const MaySee& may_see,
               Explanation& explanation) {
    const std::string person_hex = text_at(effect.value, "person");
    const auto person = PersonId::from_hex(person_hex);
    const std::string asked_by = device_name(parts, text_at(effect.value, "asked_by"));
    const privacy::NamedAudience audience = person ? privacy::NamedAudience(privacy::OnePerson{*person})
                                                   : privacy::NamedAudience(privacy::Household{});
    const auto asked = parts.facts.get({audience, request_subject(request), std::string(kAskedAttribute)});
    const identity::Person* who = person ? parts.roster->person(*person) : nullptr;
    const std::string whose = who == nullptr ? "somebody" : who->name;
    if (asked && may_see(asked->label())) {
        const facts::Fact& fact = asked->read(kHere);
        const auto* json = std::get_if<facts::Json>(&fact.value);
        const auto value = nlohmann::json::parse(json == nullptr ? "" : json->text, nullptr, false);
        const bool mine = person && parts.person() == *person;
        explanation.chain.push_back({.depth = 1,
                                     .time = fact.time,
                                     .what = (mine     ? std::string("you")
                                              : person ? whose
                                                       : std::string("somebody")) +
                                             " said \"" + text_at(value, "text") + "\"",
                                     .by = asked_by,
                                     .told_by = "",
                                     .rule = "",
                                     .leaves = std::nullopt,
                                     .until = std::nullopt});
        if (person) {
            explanation.withheld.push_back("The words stayed on " + whose +
                                           "'s own devices; only what to do went to " +
                                           device_name(parts, effect.fact.source.hex()) + ".");
        }
    } else {
        explanation.chain.push_back({.depth = 1,
                                     .time = std::nullopt,
                                     .what = whose + " asked for it at " + asked_by,
                                     .by = asked_by,
                                     .told_by = "",
                                     .rule = "",
                                     .leaves = std::nullopt,
                                     .until = std::nullopt});
        explanation.withheld.push_back("The words: only " + whose + "'s own devices may read them.");
    }
}

Explanation explain_effect(const Parts& parts, const Effect& effect, const MaySee& may_see) {
    Explanation explanation;
    const bool known = text_at(effect.value, "outcome") == "done";
    explanation.chain.push_back(
        {.depth = 0,
         .time = effect.fact.time,
         .what = effect.said + (known ? "" : " (sent; it can't be known whether it happened)"),
         .by = device_name(parts, effect.fact.source.hex()),
         .told_by = device_name(parts, text_at(effect.value, "asked_by")),
         .rule = text_at(effect.value, "rule"),
         .leaves = std::nullopt,
         .until = std::nullopt});
    if (effect.value.contains("agent")) {
        explanation.chain.front().told_by.clear();
        explanation.request = RequestId::from_hex(text_at(effect.value, "request")).value_or(RequestId());
        add_reasons(parts, effect.fact.source, effect.value.dump(), may_see, explanation);
        return explanation;
    }
    const auto request = RequestId::from_hex(text_at(effect.value, "request"));
    if (request) {
        explanation.request = *request;
        add_words(parts, *request, effect, may_see, explanation);
    }
    return explanation;
}

}  // namespace

std::size_t shared_words(const std::string& a, const std::string& b) {
    const auto in_b = words_of(b);
    const auto in_a = words_of(a);
    return static_cast<std::size_t>(std::count_if(in_a.begin(), in_a.end(), [&](const std::string& word) {
        return std::find(in_b.begin(), in_b.end(), word) != in_b.end();
    }));
}

Result<Explanation> explain(const Parts& parts, const std::string& text, const MaySee& may_see) {
    const std::vector<Effect> effects = effects_of(parts, may_see);
    const Effect* best = nullptr;
    std::size_t best_score = 0;
    for (const Effect& effect : effects) {
        const std::size_t score = shared_words(effect.said, text);
        const bool fits =
            text.empty() ||
            shared_words(effect.entity_name + also_called(text_at(effect.value, "agent")), text) > 0;
        const bool better = best == nullptr || score > best_score ||
                            (score == best_score && effect.fact.order > best->fact.order);
        if (fits && better) {
            best = &effect;
            best_score = score;
        }
    }
    if (best == nullptr) {
        return Error{ErrorCode::NothingToExplain, "nothing that happened here matches"};
    }
    return explain_effect(parts, *best, may_see);
}

Result<Explanation> explain(const Parts& parts, const RequestId& request, const MaySee& may_see) {
    for (const Effect& effect : effects_of(parts, may_see)) {
        if (text_at(effect.value, "request") == request.hex()) {
            return explain_effect(parts, effect, may_see);
        }
    }
    return Error{ErrorCode::NothingToExplain, "no effect of that request is known here"};
}

}  // namespace ambit::node
