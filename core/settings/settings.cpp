#include "settings/settings.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace ambit::settings {
namespace {

constexpr std::string_view kTypeNames[] = {"text", "flag", "number", "list"};  // in the order of Value

template <typename T>
std::string_view type_name() {
    return kTypeNames[Value(T{}).index()];
}

const std::vector<Setting>& rows() {
    static const std::vector<Setting> kRows = {
#define AMBIT_SETTING(member, name, type, fallback, min, max, unit, sentence) \
    {name,                                                                    \
     type_name<type>(),                                                       \
     unit,                                                                    \
     sentence,                                                                \
     min,                                                                     \
     max,                                                                     \
     Value(Settings().member),                                                \
     [](const Settings& settings) -> Value { return settings.member; },       \
     [](Settings& settings, Value value) { settings.member = std::get<type>(std::move(value)); }},
#include "settings/settings.def"
#undef AMBIT_SETTING
    };
    return kRows;
}

// Levenshtein distance, one row at a time.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) {
        row[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, replaced}));
        }
    }
    return row.back();
}

std::string nearest(std::string_view name) {
    constexpr std::size_t kCompared = 64;  // longer names are cut: the distance is quadratic
    name = name.substr(0, kCompared);
    const auto& all = rows();
    const auto best = std::min_element(all.begin(), all.end(), [&](const Setting& a, const Setting& b) {
        return distance(name, a.name) < distance(name, b.name);
    });
    return std::string(best->name);
}

Error bad(const Setting& setting, const std::string& what) {
    return {ErrorCode::BadSetting, std::string(setting.name) + " " + what};
}

// What min and max bound: the number itself, or how long a text or list is.
std::int64_t measure(const Value& value) {
    if (const auto* text = std::get_if<Text>(&value)) {
        return static_cast<std::int64_t>(text->size());
    }
    if (const auto* list = std::get_if<List>(&value)) {
        return static_cast<std::int64_t>(list->size());
    }
    const auto* number = std::get_if<Number>(&value);
    return number != nullptr ? *number : 0;
}

bool has_control_character(const Value& value) {
    const auto bad_text = [](const std::string& text) {
        return std::any_of(text.begin(), text.end(),
                           [](char c) { return static_cast<unsigned char>(c) < 0x20; });
    };
    if (const auto* text = std::get_if<Text>(&value)) {
        return bad_text(*text);
    }
    const auto* list = std::get_if<List>(&value);
    return list != nullptr && std::any_of(list->begin(), list->end(), bad_text);
}

Result<void> check(const Setting& setting, const Value& value) {
    if (value.index() != setting.fallback.index()) {
        return bad(setting,
                   "is a " + std::string(setting.type) + ", not a " + std::string(kTypeNames[value.index()]));
    }
    const std::int64_t size = measure(value);
    if (size < setting.min || size > setting.max) {
        const bool is_number = std::holds_alternative<Number>(value);
        return bad(setting, std::string(is_number ? "is " : "has a length of ") + std::to_string(size) +
                                "; allowed: " + std::to_string(setting.min) + " to " +
                                std::to_string(setting.max));
    }
    if (has_control_character(value)) {
        return bad(setting, "holds a control character");
    }
    return {};
}

std::string_view trimmed(std::string_view text) {
    const std::size_t start = std::min(text.find_first_not_of(' '), text.size());
    text.remove_prefix(start);
    return text.substr(0, text.find_last_not_of(' ') + 1);
}

}  // namespace

std::span<const Setting> catalogue() {
    return rows();
}

Result<const Setting*> find(std::string_view name) {
    for (const Setting& setting : rows()) {
        if (setting.name == name) {
            return &setting;
        }
    }
    return Error{ErrorCode::UnknownSetting, std::string(name) + " (the nearest is " + nearest(name) + ")"};
}

Result<void> set(Settings& settings, std::string_view name, Value value) {
    AMBIT_TRY_ASSIGN(const Setting* setting, find(name));
    AMBIT_TRY(check(*setting, value));
    setting->put(settings, std::move(value));
    return {};
}

Result<Value> get(const Settings& settings, std::string_view name) {
    AMBIT_TRY_ASSIGN(const Setting* setting, find(name));
    return setting->get(settings);
}

Result<Value> parse_value(const Setting& setting, std::string_view text) {
    Value value = std::string(text);
    if (setting.type == "flag") {
        const bool on = text == "on" || text == "true" || text == "yes";
        if (!on && text != "off" && text != "false" && text != "no") {
            return bad(setting, "is a flag: on or off, not \"" + std::string(text) + "\"");
        }
        value = on;
    } else if (setting.type == "number") {
        Number number = 0;
        const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (failed != std::errc() || end != text.data() + text.size()) {
            return bad(setting, "is a number, not \"" + std::string(text) + "\"");
        }
        value = number;
    } else if (setting.type == "list") {
        List list;
        while (!text.empty()) {
            const std::string_view item = text.substr(0, text.find(','));
            text.remove_prefix(std::min(text.size(), item.size() + 1));
            if (!trimmed(item).empty()) {
                list.emplace_back(trimmed(item));
            }
        }
        value = std::move(list);
    }
    AMBIT_TRY(check(setting, value));
    return value;
}

std::string to_text(const Value& value) {
    if (const auto* flag = std::get_if<Flag>(&value)) {
        return *flag ? "on" : "off";
    }
    if (const auto* number = std::get_if<Number>(&value)) {
        return std::to_string(*number);
    }
    if (const auto* text = std::get_if<Text>(&value)) {
        return *text;
    }
    std::string joined;
    for (const std::string& item : std::get<List>(value)) {
        joined += (joined.empty() ? "" : ",") + item;
    }
    return joined;
}

std::string markdown_table() {
    std::string table = "| setting | type | default | bounds | what it is |\n|---|---|---|---|---|\n";
    for (const Setting& setting : rows()) {
        const std::string fallback = to_text(setting.fallback);
        const std::string bounds =
            setting.type == "flag"     ? "on, off"
            : setting.type == "number" ? std::to_string(setting.min) + " to " + std::to_string(setting.max)
            : setting.type == "list"   ? "at most " + std::to_string(setting.max)
                                       : "at most " + std::to_string(setting.max) + " bytes";
        table += "| `" + std::string(setting.name) + "` | " + std::string(setting.type) +
                 (setting.unit.empty() ? "" : " (" + std::string(setting.unit) + ")") + " | " +
                 (fallback.empty() ? "empty" : "`" + fallback + "`") + " | " + bounds + " | " +
                 std::string(setting.sentence) + " |\n";
    }
    return table;
}

}  // namespace ambit::settings
