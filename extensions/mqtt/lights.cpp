#include <algorithm>

#include <nlohmann/json.hpp>

#include "mqtt/config.h"

namespace ambit::mqtt {
namespace {

using Kind = Member::Kind;

constexpr double kKelvinMin = 1000;
constexpr double kKelvinMax = 20'000;

// A member of a light whose messages are JSON.
Member keyed(const char* name, Kind kind, const char* key, const Member& like) {
    Member made;
    made.name = name;
    made.kind = kind;
    made.state_topic = like.state_topic;
    made.command_topic = like.command_topic;
    made.state_key = made.command_key = key;
    made.only_while_on = true;
    return made;
}

void make_kelvin(Member& of, bool mired) {
    of.mired = mired;
    of.min = kKelvinMin;
    of.max = kKelvinMax;
    of.slack = kKelvinSlack;
    of.only_while_on = true;
}

Result<double> brightness_scale(const Config& config) {
    AMBIT_TRY_ASSIGN(const double scale, config.number_at("brightness_scale", 255));
    if (scale < 1 || scale > 1e6) {
        return unusable("brightness_scale out of range");
    }
    return scale;
}

Result<void> read_json_light(const Config& config, Announced& out) {
    AMBIT_TRY_ASSIGN(Member on, config.member("on", Kind::Choice, {}));
    on.state_key = on.command_key = "state";
    on.others_unknown = true;
    on.choices = {{"ON", "true", R"("ON")"}, {"OFF", "false", R"("OFF")"}};
    AMBIT_TRY_ASSIGN(const double scale, brightness_scale(config));
    if (config.is_true("brightness") ||
        config.has_mode([](const std::string& mode) { return mode != "onoff"; })) {
        Member dim = keyed("brightness_pct", Kind::Number, "brightness", on);
        dim.factor = scale / 100;
        dim.sent_min = 1;
        add(out, std::move(dim));
    }
    if (config.is_true("color_temp") ||
        config.has_mode([](const std::string& mode) { return mode == "color_temp"; })) {
        Member warm = keyed("color_temp_k", Kind::Number, "color_temp", on);
        make_kelvin(warm, !config.is_true("color_temp_kelvin"));
        add(out, std::move(warm));
    }
    if (config.has_mode([](const std::string& mode) {
            return mode.starts_with("rgb") || mode == "hs" || mode == "xy";
        })) {
        Member color = keyed("color_rgb", Kind::Rgb, "color", on);
        color.max = 255;
        if (!config.has_mode([](const std::string& mode) { return mode.starts_with("rgb"); })) {
            color.state_topic.clear();  // it tells in other terms
        }
        add(out, std::move(color));
    }
    out.members.insert(out.members.begin(), std::move(on));
    return {};
}

Result<void> read_plain_light(const Config& config, Announced& out) {
    // A plain light calls its template differently; it takes value_template only for brightness.
    AMBIT_TRY_ASSIGN(Member on, config.on({.value = "state_value_template"}));
    add(out, std::move(on));
    AMBIT_TRY_ASSIGN(const double scale, brightness_scale(config));
    AMBIT_TRY_ASSIGN(Member dim, config.percent("brightness_pct",
                                                {"brightness_state_topic", "brightness_value_template",
                                                 "brightness_command_topic", "brightness_command_template"},
                                                0, scale));
    dim.sent_min = 1;
    dim.only_while_on = true;
    if (dim.can_be_asked()) {
        add(out, std::move(dim));
    }
    AMBIT_TRY_ASSIGN(Member warm, config.member("color_temp_k", Kind::Number,
                                                {"color_temp_state_topic", "color_temp_value_template",
                                                 "color_temp_command_topic", "color_temp_command_template"}));
    make_kelvin(warm, !config.is_true("color_temp_kelvin"));
    if (warm.can_be_asked()) {
        add(out, std::move(warm));
    }
    AMBIT_TRY_ASSIGN(Member color,
                     config.member("color_rgb", Kind::Rgb,
                                   {"rgb_state_topic", "rgb_value_template", "rgb_command_topic", ""}));
    color.max = 255;
    color.only_while_on = true;
    if (color.can_be_asked() && !config.has("rgb_command_template")) {
        add(out, std::move(color));
    }
    const std::string order = config.text("on_command_type", "last");
    out.on_order = order == "brightness" ? OnOrder::NotBesides
                   : order == "first"    ? OnOrder::First
                                         : OnOrder::Last;
    return {};
}

}  // namespace

Result<void> read_light(const Config& config, Announced& out) {
    const std::string schema = config.text("schema", "default");
    if (schema != "json" && schema != "default" && schema != "basic") {
        return unusable("light schema '" + capped(schema) + "'");
    }
    return schema == "json" ? read_json_light(config, out) : read_plain_light(config, out);
}

}  // namespace ambit::mqtt
