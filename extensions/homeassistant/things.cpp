#include "homeassistant/things.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <nlohmann/json.hpp>

namespace ambit::homeassistant {
namespace {

using nlohmann::json;

constexpr double kBrightnessMax = 255;

// What is a thing of the home, and what it can be asked for.  Home Assistant has many more kinds: rules,
// helpers, updates, the sun.
struct Kind {
    std::string_view domain;
    std::vector<std::string> capabilities;
};

const std::vector<Kind>& kinds() {
    static const std::vector<Kind> table = {{"light", {"light.set"}},
                                            {"switch", {"switch.set"}},
                                            {"input_boolean", {"switch.set"}},
                                            {"lock", {"lock.set"}},
                                            {"sensor", {"sensor.read"}},
                                            {"binary_sensor", {"sensor.read"}},
                                            {"climate", {"climate.set"}},
                                            {"cover", {"cover.set", "cover.stop"}},
                                            {"fan", {"fan.set"}},
                                            {"media_player", {"media.set", "media.skip"}},
                                            {"vacuum", {"vacuum.set"}},
                                            {"lawn_mower", {"mower.set"}},
                                            {"valve", {"valve.set"}},
                                            {"humidifier", {"humidifier.set"}},
                                            {"siren", {"siren.set"}},
                                            {"scene", {"scene.activate"}},
                                            {"script", {"script.run"}},
                                            {"button", {"button.press"}},
                                            {"water_heater", {}},
                                            {"person", {}},
                                            {"weather", {}},
                                            {"camera", {}},
                                            {"alarm_control_panel", {}}};
    return table;
}

const Kind* kind_of(const std::string& domain) {
    const auto found =
        std::find_if(kinds().begin(), kinds().end(), [&](const Kind& kind) { return kind.domain == domain; });
    return found == kinds().end() ? nullptr : &*found;
}

bool is_known(const State& state) {
    return !state.state.empty() && state.state != "unknown" && state.state != "unavailable";
}

std::string area_of(const Registered& registered, const Known& known) {
    if (!registered.area_id.empty()) {
        return registered.area_id;
    }
    const auto device = known.devices.find(registered.device_id);
    return device == known.devices.end() ? "" : device->second.area_id;
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

json light_json(const State& state) {
    json shown = {{"on", state.state == "on"}};
    if (state.state == "on") {
        put(shown, "brightness_pct", state, "brightness", 100 / kBrightnessMax);
        if (const auto kelvin = state.number("color_temp_kelvin")) {
            shown["color_temp_k"] = std::lround(std::clamp(*kelvin, 0.0, 100'000.0));
        }
    }
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
    if (!state.source.empty()) {
        shown["source"] = state.source;
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
        return {{"locked", state.state == "locked"}};
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
        // One that moves is where it goes.
        json shown = {{"open", state.state == "open" || state.state == "opening"}};
        put(shown, "position_pct", state, "current_position", 1);
        return shown;
    }
    if (domain == "vacuum" || domain == "lawn_mower") {
        return {{"activity", state.state == "returning" ? "docked" : state.state}};
    }
    if (domain == "scene" || domain == "button") {
        return json::object();  // when it was last pressed is no state
    }
    if (domain == "switch" || domain == "input_boolean" || domain == "binary_sensor" || domain == "fan" ||
        domain == "humidifier" || domain == "siren" || domain == "script") {
        json shown = {{"on", state.state == "on"}};
        if (domain == "fan") {
            put(shown, "speed_pct", state, "percentage", 1);
        } else if (domain == "humidifier") {
            put(shown, "humidity_pct", state, "humidity", 1);
        }
        return shown;
    }
    return value_json(state);
}

}  // namespace

double celsius_of(double there, const Config& config) {
    return config.fahrenheit ? (there - 32) / 1.8 : there;
}

double there_of(double celsius, const Config& config) {
    return rounded(config.fahrenheit ? celsius * 1.8 + 32 : celsius);
}

std::vector<std::string> capabilities_of(const std::string& entity_id, const State& state) {
    const Kind* kind = kind_of(domain_of(entity_id));
    if (kind == nullptr) {
        return {};
    }
    const std::string& is = state.device_class;
    if (kind->domain == "cover" && (is == "garage" || is == "gate" || is == "door")) {
        return {"garage.set"};
    }
    return kind->capabilities;
}

std::optional<capability::Entity> entity_of(const std::string& source,
                                            const std::string& entity_id,
                                            const Known& known) {
    const std::string domain = domain_of(entity_id);
    const auto state = known.states.find(entity_id);
    if (kind_of(domain) == nullptr || state == known.states.end()) {
        return std::nullopt;
    }
    capability::Entity entity;
    entity.id = source + "/" + entity_id;
    entity.source = source;
    entity.domain = domain == "input_boolean" ? "switch" : domain;
    entity.device_class = state->second.device_class;
    entity.name = state->second.friendly_name;
    if (entity.name.empty()) {
        entity.name = entity_id.substr(domain.size() + 1);
        std::replace(entity.name.begin(), entity.name.end(), '_', ' ');
    }
    entity.capabilities = capabilities_of(entity_id, state->second);
    const auto registered = known.registry.find(entity_id);
    if (registered == known.registry.end()) {
        return entity;
    }
    const auto device = known.devices.find(registered->second.device_id);
    // What Ambit announced there itself (docs/spec/mqtt.md): a household does not hear itself.
    if (registered->second.platform == "mqtt" && registered->second.unique_id.starts_with("ambit_")) {
        return std::nullopt;
    }
    if (!registered->second.shown || (device != known.devices.end() && device->second.disabled)) {
        return std::nullopt;
    }
    if (!registered->second.platform.empty() && !registered->second.unique_id.empty()) {
        entity.twin = registered->second.platform + "/" + registered->second.unique_id;
    }
    if (const auto area = known.areas.find(area_of(registered->second, known)); area != known.areas.end()) {
        entity.area = area->second.name;
        if (const auto floor = known.floors.find(area->second.floor_id); floor != known.floors.end()) {
            entity.floor = floor->second;
        }
    }
    return entity;
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
