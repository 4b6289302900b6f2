#include "language/expectations.h"

#include <algorithm>

#include "language/text.h"

namespace ambit::language {
namespace {

constexpr std::string_view kNothing = "nothing";

// The words up to the next place outside of quotes that begins "<word>=".
std::size_t end_of_value(std::string_view text) {
    for (std::size_t space = text.find(' '); space != std::string_view::npos;
         space = text.find(' ', space + 1)) {
        const std::string_view next = text.substr(space + 1);
        const std::string_view word = next.substr(0, next.find(' '));
        if (word.find('=') != std::string_view::npos && word.front() != '=') {
            return space;
        }
    }
    return text.size();
}

bool is_intent(std::string_view word) {
    return word == kNothing || word.starts_with("Hass") || word.starts_with("Ambit");
}

// "<Intent> <thing> <slot>=<value> ...", each of them optional.
bool parse_meaning(std::string_view text, Expectation& out) {
    text = strip(text);
    const std::string_view first = text.substr(0, text.find(' '));
    if (is_intent(first)) {
        out.intent = first;
        text = strip(text.substr(first.size()));
    }
    if (text.find('=') != std::string_view::npos &&
        text.substr(0, text.find(' ')).find('=') == std::string_view::npos) {
        const std::size_t end = end_of_value(text);
        out.thing = strip(text.substr(0, end));
        text = strip(text.substr(end));
    } else if (text.find('=') == std::string_view::npos) {
        out.thing = text;
        text = {};
    }
    while (!text.empty()) {
        const std::size_t equals = text.find('=');
        if (equals == std::string_view::npos || equals == 0) {
            return false;
        }
        const std::size_t end = end_of_value(text.substr(equals + 1));
        out.slots[std::string(text.substr(0, equals))] = strip(text.substr(equals + 1, end));
        text = strip(text.substr(equals + 1 + end));
    }
    return !out.intent.empty() || !out.slots.empty() || !out.thing.empty();
}

std::vector<std::string> entities_of(const Understanding& understood) {
    std::vector<std::string> out;
    for (const Command& command : understood.commands) {
        out.push_back(command.entity);
    }
    if (understood.question) {
        out = understood.question->entities;
    }
    return out;
}

std::string name_in(const Home& home, const std::string& id) {
    const HomeEntity* entity = home.find(id);
    return entity == nullptr ? id : entity->name;
}

bool is_thing(const Home& home, const std::string& id, const std::string& wanted) {
    const HomeEntity* entity = home.find(id);
    return id == wanted || (entity != nullptr && spoken_form(entity->name) == spoken_form(wanted));
}

}  // namespace

ExpectationList parse_expectations(const std::string& file, std::string_view text) {
    ExpectationList out;
    int line = 0;
    while (!text.empty()) {
        ++line;
        std::string_view row = strip(text.substr(0, text.find('\n')));
        text.remove_prefix(std::min(text.size(), std::min(text.find('\n'), text.size() - 1) + 1));
        if (row.ends_with('\r')) {
            row = strip(row.substr(0, row.size() - 1));
        }
        if (row.empty() || row.starts_with('#')) {
            continue;
        }
        const auto problem = [&](const char* why) {
            out.problems.push_back({file, line, {ErrorCode::SentenceListLineInvalid, why}});
        };
        if (out.expectations.size() >= kExpectationsMax) {
            problem("more than 10000 sentences");
            break;
        }
        const std::size_t arrow = row.find("->");
        Expectation expected;
        expected.line = line;
        if (arrow == std::string_view::npos) {
            problem("no -> between the words and what they mean");
        } else if (expected.words = strip(row.substr(0, arrow)); expected.words.empty()) {
            problem("no words before ->");
        } else if (!parse_meaning(row.substr(arrow + 2), expected)) {
            problem("after -> an intent, a thing, or slot=value is expected");
        } else {
            out.expectations.push_back(std::move(expected));
        }
    }
    return out;
}

std::string difference(const Expectation& expected, const Understanding& understood, const Home& home) {
    const bool nothing = understood.meaning == Meaning::NotUnderstood;
    if (expected.intent == kNothing) {
        return nothing ? "" : "was understood: " + summary(understood, home);
    }
    if (nothing || understood.recognitions.empty()) {
        return "was not understood";
    }
    const auto fits = [&](const Recognition& recognition) {
        return (expected.intent.empty() || recognition.intent == expected.intent) &&
               std::all_of(expected.slots.begin(), expected.slots.end(), [&](const auto& wanted) {
                   const Slot* slot = recognition.slot(wanted.first);
                   return slot != nullptr && (slot->value == wanted.second ||
                                              spoken_form(slot->value) == spoken_form(wanted.second));
               });
    };
    if (std::none_of(understood.recognitions.begin(), understood.recognitions.end(), fits)) {
        return "means " + summary(understood, home);
    }
    const auto entities = entities_of(understood);
    if (!expected.thing.empty() && std::none_of(entities.begin(), entities.end(), [&](const std::string& id) {
            return is_thing(home, id, expected.thing);
        })) {
        return "is about " +
               (entities.empty() ? "nothing: " + understood.text : name_in(home, entities.front()));
    }
    return "";
}

std::string summary(const Understanding& understood, const Home& home) {
    std::string out;
    for (const Recognition& recognition : understood.recognitions) {
        out += (out.empty() ? "" : ", ") + recognition.intent;
        for (const Slot& slot : recognition.slots) {
            out += " " + slot.name + "=" + slot.value;
        }
    }
    for (const std::string& id : entities_of(understood)) {
        out += " [" + name_in(home, id) + "]";
    }
    return out + (understood.text.empty() ? "" : " (" + understood.text + ")");
}

}  // namespace ambit::language
