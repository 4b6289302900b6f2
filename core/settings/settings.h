// Settings: each described once (settings.def), which yields the struct, `ambit config` and docs/settings.md.
//
// Ownership: values.  Threads: any.  Reads no file: edge/settings_file does.
// Failure: UnknownSetting (with the nearest name), BadSetting (7000-7099).  Spec: settings.def.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"

namespace ambit::settings {

using Text = std::string;
using Flag = bool;
using Number = std::int64_t;
using List = std::vector<std::string>;
using Value = std::variant<Text, Flag, Number, List>;

struct Settings {
#define AMBIT_SETTING(member, name, type, fallback, min, max, unit, sentence) type member = fallback;
#include "settings/settings.def"
#undef AMBIT_SETTING
    friend bool operator==(const Settings&, const Settings&) = default;
};

// One row of settings.def.
struct Setting {
    std::string_view name;
    std::string_view type;  // "text", "flag", "number", "list"
    std::string_view unit;
    std::string_view sentence;
    std::int64_t min = 0;
    std::int64_t max = 0;
    Value fallback;
    Value (*get)(const Settings&);
    void (*put)(Settings&, Value);
};

// All rows, in the order of settings.def.
std::span<const Setting> catalogue();
// UnknownSetting names the nearest one.
Result<const Setting*> find(std::string_view name);

// Refuses another type or a value out of bounds, and leaves `settings` as it was.
Result<void> set(Settings& settings, std::string_view name, Value value);
Result<Value> get(const Settings& settings, std::string_view name);

// A value typed by a person: "on", "1883", "a:1,b:2".
Result<Value> parse_value(const Setting& setting, std::string_view text);
// The same the other way: "on", "1883", "a:1,b:2", "".
std::string to_text(const Value& value);

// The table of docs/settings.md.
std::string markdown_table();

}  // namespace ambit::settings
