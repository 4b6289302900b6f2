// say_state(): the spoken answer to a question about states.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "language/phrases.h"
#include "language/understand.h"

namespace ambit::language {
namespace {

using nlohmann::json;

json state_of(const std::string& entity, const std::map<std::string, std::string>& states) {
    const auto found = states.find(entity);
    if (found == states.end()) {
        return json::object();
    }
    json state = json::parse(found->second, nullptr, false);
    return state.is_object() ? state : json::object();
}

std::string name_of(const Home& home, const std::string& entity) {
    const HomeEntity* found = home.find(entity);
    return found == nullptr ? entity : found->name;
}

std::string value_text(const json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string say_one(const std::string& name,
                    const json& state,
                    const std::string& aspect,
                    std::string_view language) {
    const auto on = state.find("on");
    if (aspect == "brightness_pct" && state.contains(aspect) && (on == state.end() || *on == true)) {
        return phrase(Phrase::IsAt, language, name, value_text(state[aspect]) + " %");
    }
    if (on != state.end() && on->is_boolean()) {
        return phrase(*on ? Phrase::IsOn : Phrase::IsOff, language, name);
    }
    if (const auto locked = state.find("locked"); locked != state.end() && locked->is_boolean()) {
        return phrase(*locked ? Phrase::IsLocked : Phrase::IsUnlocked, language, name);
    }
    if (const auto beats = state.find("beats_per_min"); beats != state.end() && beats->is_number()) {
        return phrase(Phrase::IsAt, language, name, beats->dump() + " beats/min");
    }
    const auto value = state.find("value");
    if (value == state.end() || value->is_null()) {
        return phrase(Phrase::Unknown, language, name);
    }
    const std::string unit =
        state.value("unit", json()).is_string() ? " " + state["unit"].get<std::string>() : "";
    return phrase(Phrase::IsAt, language, name, value_text(*value) + unit);
}

}  // namespace

std::string say_state(const Question& question,
                      const Home& home,
                      const std::map<std::string, std::string>& states,
                      std::string_view language) {
    if (question.entities.size() == 1 && question.quantifier.empty()) {
        const std::string name = name_of(home, question.entities.front());
        const json state = state_of(question.entities.front(), states);
        std::string said = say_one(name, state, question.aspect, language);
        const bool about_lock = question.expected == "locked" || question.expected == "unlocked";
        const auto is_so = state.find(about_lock ? "locked" : "on");
        if (question.expected.empty() || is_so == state.end() || !is_so->is_boolean()) {
            return said;
        }
        const bool expected = question.expected == "on" || question.expected == "locked";
        const bool as_expected = expected == is_so->get<bool>();
        return phrase(as_expected ? Phrase::Yes : Phrase::No, language) + " " + said;
    }
    std::vector<std::string> fitting;
    std::vector<std::string> others;
    for (const std::string& entity : question.entities) {
        const json state = state_of(entity, states);
        const bool on = state.value("on", json()).is_boolean() && state["on"].get<bool>();
        (on == (question.expected != "off") ? fitting : others).push_back(name_of(home, entity));
    }
    const std::string names = enumerate(fitting, Phrase::And, language);
    if (question.quantifier == "all") {
        const std::string exceptions = enumerate(others, Phrase::And, language);
        return others.empty() ? phrase(Phrase::Yes, language)
                              : phrase(Phrase::No, language) + " " +
                                    phrase(question.expected == "off" ? Phrase::IsOn : Phrase::IsOff,
                                           language, exceptions);
    }
    if (fitting.empty()) {
        return phrase(question.quantifier == "any" ? Phrase::No : Phrase::None, language);
    }
    return question.quantifier == "any" ? phrase(Phrase::Yes, language) + " " + names + "." : names + ".";
}

}  // namespace ambit::language
