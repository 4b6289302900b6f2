#include <algorithm>
#include <charconv>
#include <cmath>

#include <nlohmann/json.hpp>

#include "homeassistant/things.h"

namespace ambit::homeassistant {
namespace {

using nlohmann::json;

constexpr double kBrightnessMax = 255;

bool is_known(const State& state) {
    return !state.state.empty() && state.state != "unknown" && state.state != "unavailable";
}

double rounded(double number) {
    return std::round(number * 10) / 10;
}

// One attribute, under another name and scale.
void put(json& shown, const char* name, const State& state, const char* attribute, double factor) {
    if (const auto number = state.number(attribute)) {
        shown[name] = static_cast<int>(std::lround(std::clamp(*number * factor, 0.0, 100.0)));
    }
}

void put_degrees(
    json& shown, const char* name, const State& state, const char* attribute, const Config& config) {
    if (const auto number = state.number(attribute)) {
        shown[name] = rounded(celsius_of(*number, config));
    }
}

// What is neither is not known.
json on_json(const State& state) {
    return state.state == "on" || state.state == "off" ? json{{"on", state.state == "on"}} : json::object();
}

json light_json(const State& state) {
    json shown = on_json(state);
    if (state.state == "on") {
        put(shown, "brightness_pct", state, "brightness", 100 / kBrightnessMax);
        if (const auto kelvin = state.number("color_temp_kelvin")) {
            shown["color_temp_k"] = std::lround(std::clamp(*kelvin, 0.0, 100'000.0));
        }
    }
    return shown;
}

// One that moves or is jammed is neither.
json lock_json(const State& state) {
    if (state.state == "locked") {
        return {{"locked", true}};
    }
    return state.state == "unlocked" || state.state == "open" ? json{{"locked", false}} : json::object();
}

// One that moves is where it goes.
json cover_json(const State& state) {
    json shown = json::object();
    if (state.state == "open" || state.state == "opening") {
        shown["open"] = true;
    } else if (state.state == "closed" || state.state == "closing") {
        shown["open"] = false;
    }
    put(shown, "position_pct", state, "current_position", 1);
    return shown;
}

json climate_json(const State& state, const Config& config) {
    json shown = {{"on", state.state != "off"}, {"mode", state.state}};
    put_degrees(shown, "temperature_c", state, "temperature", config);
    put_degrees(shown, "current_temperature_c", state, "current_temperature", config);
    return shown;
}

json media_json(const State& state) {
    json shown = {{"on", state.state != "off" && state.state != "standby"},
                  {"playing", state.state == "playing"}};
    put(shown, "volume_pct", state, "volume_level", 100);
    if (state.muted) {
        shown["muted"] = *state.muted;
    }
    if (const std::string source = state.text("source"); !source.empty()) {
        shown["source"] = source;
    }
    return shown;
}

json texts_json(const State& state, std::initializer_list<std::pair<const char*, const char*>> members) {
    json shown = json::object();
    for (const auto& [member, attribute] : members) {
        if (std::string text = state.text(attribute); !text.empty()) {
            shown[member] = std::move(text);
        }
    }
    return shown;
}

json value_json(const State& state) {
    json shown = json::object();
    double number = 0;
    const char* end = state.state.data() + state.state.size();
    const auto [at, failed] = std::from_chars(state.state.data(), end, number);
    if (failed == std::errc() && at == end && std::isfinite(number)) {
        shown["value"] = number;
    } else {
        shown["value"] = state.state;
    }
    if (!state.unit.empty()) {
        shown["unit"] = state.unit;
    }
    return shown;
}

json known_json(const std::string& domain, const State& state, const Config& config) {
    if (domain == "lock") {
        return lock_json(state);
    }
    if (domain == "light") {
        return light_json(state);
    }
    if (domain == "climate") {
        return climate_json(state, config);
    }
    if (domain == "media_player") {
        return media_json(state);
    }
    if (domain == "cover" || domain == "valve") {
        return cover_json(state);
    }
    if (domain == "vacuum" || domain == "lawn_mower") {
        return {{"activity", state.state == "returning" ? "docked" : state.state}};
    }
    if (domain == "scene" || domain == "button" || domain == "input_button") {
        return json::object();  // when it was last pressed is no state
    }
    if (domain == "select" || domain == "input_select") {
        return {{"option", state.state}};
    }
    if (domain == "person" || domain == "device_tracker") {
        return {{"on", state.state == "home"}};  // which other place it is in is nobody's business
    }
    if (domain == "event") {
        return texts_json(state, {{"value", "event_type"}});
    }
    if (domain == "update") {
        return texts_json(state,
                          {{"installed_version", "installed_version"}, {"latest_version", "latest_version"}});
    }
    static constexpr std::string_view kOnOrOff[] = {
        "switch", "input_boolean", "binary_sensor", "fan", "humidifier", "siren", "script", "automation"};
    if (std::find(std::begin(kOnOrOff), std::end(kOnOrOff), domain) == std::end(kOnOrOff)) {
        return value_json(state);
    }
    json shown = on_json(state);
    if (domain == "fan") {
        put(shown, "speed_pct", state, "percentage", 1);
    } else if (domain == "humidifier") {
        put(shown, "humidity_pct", state, "humidity", 1);
    }
    return shown;
}

}  // namespace

double celsius_of(double there, const Config& config) {
    return config.fahrenheit ? (there - 32) / 1.8 : there;
}

double there_of(double celsius, const Config& config) {
    return rounded(config.fahrenheit ? celsius * 1.8 + 32 : celsius);
}

std::string state_json(const std::string& entity_id, const State& state, const Config& config) {
    if (!is_known(state)) {
        return "{}";
    }
    return known_json(domain_of(entity_id), state, config)
        .dump(-1, ' ', false, json::error_handler_t::replace);
}

bool is_available(const State& state) {
    return state.state != "unavailable";
}

}  // namespace ambit::homeassistant
