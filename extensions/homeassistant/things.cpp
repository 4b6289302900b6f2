#include "homeassistant/things.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <nlohmann/json.hpp>

namespace ambit::homeassistant {
namespace {

using nlohmann::json;

constexpr double kBrightnessMax = 255;

// What is a thing of the home.  Home Assistant has many more kinds: rules, helpers, updates, the sun.
constexpr std::array<std::string_view, 22> kThings = {"light",         "switch",
                                                      "input_boolean", "lock",
                                                      "sensor",        "binary_sensor",
                                                      "climate",       "cover",
                                                      "fan",           "media_player",
                                                      "vacuum",        "valve",
                                                      "humidifier",    "water_heater",
                                                      "siren",         "scene",
                                                      "button",        "person",
                                                      "lawn_mower",    "weather",
                                                      "camera",        "alarm_control_panel"};

std::string dump(const json& object) {
    return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

int pct_of(double brightness) {
    return static_cast<int>(std::lround(std::clamp(brightness, 0.0, kBrightnessMax) * 100 / kBrightnessMax));
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

std::vector<std::string> capabilities_of(const std::string& domain) {
    if (domain == "light") {
        return {"light.set"};
    }
    if (domain == "switch" || domain == "input_boolean") {
        return {"switch.set"};
    }
    if (domain == "lock") {
        return {"lock.set"};
    }
    if (domain == "sensor" || domain == "binary_sensor") {
        return {"sensor.read"};
    }
    return {};
}

}  // namespace

std::optional<capability::Entity> entity_of(const std::string& source,
                                            const std::string& entity_id,
                                            const Known& known) {
    const std::string domain = domain_of(entity_id);
    const auto state = known.states.find(entity_id);
    if (std::find(kThings.begin(), kThings.end(), domain) == kThings.end() || state == known.states.end()) {
        return std::nullopt;
    }
    capability::Entity entity;
    entity.id = source + "/" + entity_id;
    entity.source = source;
    entity.domain = domain == "input_boolean" ? "switch" : domain;
    entity.name = state->second.friendly_name;
    if (entity.name.empty()) {
        entity.name = entity_id.substr(domain.size() + 1);
        std::replace(entity.name.begin(), entity.name.end(), '_', ' ');
    }
    entity.capabilities = capabilities_of(domain);
    const auto registered = known.registry.find(entity_id);
    if (registered == known.registry.end()) {
        return entity;
    }
    const auto device = known.devices.find(registered->second.device_id);
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

std::string state_json(const std::string& entity_id, const State& state) {
    if (!is_known(state)) {
        return "{}";
    }
    const std::string domain = domain_of(entity_id);
    json shown = json::object();
    if (domain == "lock") {
        shown["locked"] = state.state == "locked";
    } else if (domain == "light" || domain == "switch" || domain == "input_boolean") {
        shown["on"] = state.state == "on";
        if (domain == "light" && state.brightness && state.state == "on") {
            shown["brightness_pct"] = pct_of(*state.brightness);
        }
        if (domain == "light" && state.color_temp_k && state.state == "on") {
            shown["color_temp_k"] = std::lround(*state.color_temp_k);
        }
    } else if (domain == "binary_sensor") {
        shown["value"] = state.state == "on";
    } else {
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
    }
    return dump(shown);
}

bool is_available(const State& state) {
    return state.state != "unavailable";
}

bool Wanted::met_by(const std::string& entity_id, const State& state) const {
    if (!is_known(state)) {
        return false;
    }
    const bool is_on = state.state == (domain_of(entity_id) == "lock" ? "locked" : "on");
    if (is_on != on) {
        return false;
    }
    // Brightness may differ by the rounding of the lamp's own scale.
    return !brightness_pct || !on ||
           (state.brightness && std::abs(pct_of(*state.brightness) - *brightness_pct) <= 1);
}

Result<Wanted> wanted_of(const std::string& entity_id,
                         const std::string& capability,
                         std::string_view input_json) {
    const auto cannot = [&](const std::string& what) { return Error{ErrorCode::HomeAssistantCannot, what}; };
    const json input = json::parse(input_json, nullptr, false);
    const std::string domain = domain_of(entity_id);
    const auto offered = capabilities_of(domain);
    if (!input.is_object() || std::find(offered.begin(), offered.end(), capability) == offered.end()) {
        return cannot(entity_id + " has no " + capability);
    }
    const bool is_lock = capability == "lock.set";
    const auto flag = input.find(is_lock ? "locked" : "on");
    if (flag == input.end() || !flag->is_boolean()) {
        return cannot(capability + " needs a yes or no");
    }
    Wanted wanted;
    wanted.service_domain = domain;
    wanted.on = flag->get<bool>();
    json data = json::object();
    if (is_lock) {
        wanted.service = wanted.on ? "lock" : "unlock";
    } else {
        wanted.service = wanted.on ? "turn_on" : "turn_off";
    }
    const auto number = [&](const char* name) -> std::optional<double> {
        const auto at = input.find(name);
        return at != input.end() && at->is_number() ? std::optional(at->get<double>()) : std::nullopt;
    };
    if (domain == "light" && wanted.on) {
        if (const auto pct = number("brightness_pct")) {
            wanted.brightness_pct = static_cast<int>(std::lround(std::clamp(*pct, 0.0, 100.0)));
            data["brightness_pct"] = *wanted.brightness_pct;
            if (*wanted.brightness_pct == 0) {
                wanted.on = false;
                wanted.service = "turn_off";
                data = json::object();
            }
        }
        if (const auto kelvin = number("color_temp_k"); kelvin && wanted.on) {
            data["color_temp_kelvin"] = std::lround(*kelvin);
        }
    }
    wanted.data_json = dump(data);
    return wanted;
}

}  // namespace ambit::homeassistant
