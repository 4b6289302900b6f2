// say_state(): the spoken answer to a question about states.
#include <optional>

#include <nlohmann/json.hpp>

#include "language/openings.h"
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

std::optional<bool> flag(const json& state, const char* member) {
    const auto found = state.find(member);
    return found != state.end() && found->is_boolean() ? std::optional(found->get<bool>()) : std::nullopt;
}

// Each in the words that a question may use.
struct Telling {
    std::optional<bool> on;
    std::optional<bool> open;
    std::optional<bool> locked;
};

Telling told(const HomeEntity* entity, const json& state) {
    Telling out{flag(state, "on"), flag(state, "open"), flag(state, "locked")};
    const auto position = state.find("position_pct");
    if (!out.open && position != state.end() && position->is_number()) {
        out.open = position->get<double>() > 0;
    }
    if (entity == nullptr || !out.on) {
        return out;
    }
    // A sensor that is on says that what it looks at is open, or unlocked.
    if (tells_of_an_opening(*entity)) {
        out.open = out.on;
    } else if (entity->domain == "binary_sensor" && entity->device_class == "lock") {
        out.locked = !*out.on;
    }
    return out;
}

bool is_about_open(const std::string& expected) {
    return expected == "open" || expected == "closed";
}

// Whether it is as the question expects; nothing if its state does not tell.
std::optional<bool> is_so(const Telling& told, const std::string& expected) {
    const auto as = [](std::optional<bool> is, bool wanted) {
        return is ? std::optional(*is == wanted) : std::nullopt;
    };
    if (is_about_open(expected)) {
        return as(told.open, expected == "open");
    }
    if (expected == "locked" || expected == "unlocked") {
        return as(told.locked, expected == "locked");
    }
    return as(told.on, expected != "off");
}

Phrase opposite_of(const std::string& expected) {
    return expected == "off"        ? Phrase::IsOn
           : expected == "open"     ? Phrase::IsClosed
           : expected == "closed"   ? Phrase::IsOpen
           : expected == "locked"   ? Phrase::IsUnlocked
           : expected == "unlocked" ? Phrase::IsLocked
                                    : Phrase::IsOff;
}

std::string say_one(const std::string& name,
                    const json& state,
                    const Telling& told,
                    const Question& question,
                    std::string_view language) {
    const std::string& aspect = question.aspect;
    if (aspect == "brightness_pct" && state.contains(aspect) && told.on.value_or(true)) {
        return phrase(Phrase::IsAt, language, name, value_text(state[aspect]) + " %");
    }
    if (aspect == "current_temperature_c") {
        // Of a climate, and of a car's cabin.
        for (const char* member : {"current_temperature_c", "cabin_c"}) {
            if (const auto degrees = state.find(member); degrees != state.end() && degrees->is_number()) {
                return phrase(Phrase::IsAt, language, name, degrees->dump() + " °C");
            }
        }
    }
    if (told.open) {
        return phrase(*told.open ? Phrase::IsOpen : Phrase::IsClosed, language, name);
    }
    if (told.locked) {
        return phrase(*told.locked ? Phrase::IsLocked : Phrase::IsUnlocked, language, name);
    }
    if (told.on) {
        return phrase(*told.on ? Phrase::IsOn : Phrase::IsOff, language, name);
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

// About several of them.
std::string say_several(const Question& question,
                        const Home& home,
                        const std::map<std::string, std::string>& states,
                        std::string_view language) {
    std::vector<std::string> fitting;
    std::vector<std::string> others;
    std::vector<std::string> unknown;
    for (const std::string& entity : question.entities) {
        const auto so = is_so(told(home.find(entity), state_of(entity, states)), question.expected);
        (!so ? unknown : *so ? fitting : others).push_back(name_of(home, entity));
    }
    const auto names = [&](const std::vector<std::string>& all) {
        return enumerate(all, Phrase::And, language);
    };
    if (question.quantifier == "all" && !others.empty()) {
        return phrase(Phrase::No, language) + " " +
               phrase(opposite_of(question.expected), language, names(others));
    }
    if (question.quantifier != "all" && !fitting.empty()) {
        return question.quantifier == "any" ? phrase(Phrase::Yes, language) + " " + names(fitting) + "."
                                            : names(fitting) + ".";
    }
    if (!unknown.empty()) {
        return phrase(Phrase::Unknown, language, names(unknown));
    }
    return phrase(question.quantifier == "all"   ? Phrase::Yes
                  : question.quantifier == "any" ? Phrase::No
                                                 : Phrase::None,
                  language);
}

}  // namespace

std::string say_state(const Question& question,
                      const Home& home,
                      const std::map<std::string, std::string>& states,
                      std::string_view language) {
    if (question.entities.size() != 1 || !question.quantifier.empty()) {
        return say_several(question, home, states, language);
    }
    const std::string& entity = question.entities.front();
    const json state = state_of(entity, states);
    const Telling telling = told(home.find(entity), state);
    const std::string said = say_one(name_of(home, entity), state, telling, question, language);
    const auto so = question.expected.empty() ? std::nullopt : is_so(telling, question.expected);
    return so ? phrase(*so ? Phrase::Yes : Phrase::No, language) + " " + said : said;
}

}  // namespace ambit::language
