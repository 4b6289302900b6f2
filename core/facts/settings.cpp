#include "facts/settings.h"

#include <algorithm>

namespace ambit::facts {
namespace {

constexpr std::size_t kLanguagesMax = 8;
const privacy::Here kHere("facts::household_settings");

bool all_of(std::string_view text, bool (*allowed)(char)) {
    return std::all_of(text.begin(), text.end(), allowed);
}

bool is_alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// "UTC", "Europe/Berlin", "Etc/GMT+1": the shape only; whoever computes with it has the database.
bool is_time_zone(std::string_view text) {
    const auto allowed = [](char c) {
        return is_alphanumeric(c) || c == '/' || c == '_' || c == '-' || c == '+';
    };
    return !text.empty() && text.size() <= 64 && all_of(text, allowed) && text.front() != '/' &&
           text.back() != '/';
}

bool is_language(std::string_view text) {
    return text.size() >= 2 && text.size() <= 35 && text.front() != '-' && text.back() != '-' &&
           all_of(text, [](char c) { return is_alphanumeric(c) || c == '-'; });
}

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= 64 &&
           all_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
}

// Empty unless every part is a language.
std::vector<std::string> split_languages(std::string_view text) {
    std::vector<std::string> languages;
    while (languages.size() < kLanguagesMax) {
        const std::size_t comma = text.find(',');
        const std::string_view part = text.substr(0, comma);
        if (!is_language(part)) {
            return {};
        }
        languages.emplace_back(part);
        if (comma == std::string_view::npos) {
            return languages;
        }
        text.remove_prefix(comma + 1);
    }
    return {};
}

struct Setting {
    std::string_view name;
    bool (*is_valid)(std::string_view text);
    std::string_view expected;
};

constexpr Setting kSettings[] = {
    {"name", is_name, "1 to 64 characters"},
    {"time_zone", is_time_zone, "an IANA name such as Europe/Berlin"},
    {"languages", [](std::string_view text) { return !split_languages(text).empty(); },
     "1 to 8 language tags, such as de,en"},
    {"units", [](std::string_view text) { return text == "metric" || text == "imperial"; },
     "metric or imperial"},
};

const Setting* find(std::string_view name) {
    const auto* at = std::find_if(std::begin(kSettings), std::end(kSettings),
                                  [name](const Setting& s) { return s.name == name; });
    return at == std::end(kSettings) ? nullptr : at;
}

Key key_of(std::string_view name) {
    return {privacy::Household{}, std::string(kHouseholdSubject), std::string(name)};
}

// The text of a setting, if it was set to something valid: a peer may have written anything.
std::optional<std::string> text_of(const Facts& facts, std::string_view name) {
    const auto fact = facts.get(key_of(name));
    if (!fact) {
        return std::nullopt;
    }
    const auto* text = std::get_if<std::string>(&fact->read(kHere).value);
    return text != nullptr && find(name)->is_valid(*text) ? std::optional(*text) : std::nullopt;
}

}  // namespace

HouseholdSettings household_settings(const Facts& facts) {
    HouseholdSettings settings;
    settings.name = text_of(facts, "name").value_or(settings.name);
    settings.time_zone = text_of(facts, "time_zone").value_or(settings.time_zone);
    if (const auto languages = text_of(facts, "languages")) {
        settings.languages = split_languages(*languages);
    }
    if (const auto units = text_of(facts, "units")) {
        settings.units = *units == "imperial" ? Units::Imperial : Units::Metric;
    }
    return settings;
}

Result<Draft> household_setting(std::string_view name, std::string_view text, WallTime time) {
    const Setting* setting = find(name);
    if (setting == nullptr) {
        return Error{ErrorCode::FactInvalid,
                     "no such setting; there are name, time_zone, languages and units"};
    }
    if (!setting->is_valid(text)) {
        return Error{ErrorCode::FactInvalid, std::string(name) + " needs " + std::string(setting->expected)};
    }
    Draft draft;
    draft.key = key_of(name);
    draft.value = std::string(text);
    draft.time = time;
    return draft;
}

}  // namespace ambit::facts
