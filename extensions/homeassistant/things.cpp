#include "homeassistant/things.h"

#include <algorithm>

namespace ambit::homeassistant {
namespace {

// What is a thing of the home, what it is shown as, and what it can be asked for.
struct Kind {
    std::string_view domain;
    std::string_view shown_as;
    std::vector<std::string> capabilities;
};

const std::vector<Kind>& kinds() {
    static const std::vector<Kind> table = {
        {"light", "light", {"light.set"}},
        {"switch", "switch", {"switch.set"}},
        {"input_boolean", "switch", {"switch.set"}},
        {"lock", "lock", {"lock.set"}},
        {"sensor", "sensor", {"sensor.read"}},
        {"binary_sensor", "binary_sensor", {"sensor.read"}},
        {"climate", "climate", {"climate.set"}},
        {"cover", "cover", {"cover.set", "cover.stop"}},
        {"fan", "fan", {"fan.set"}},
        {"media_player", "media_player", {"media.set", "media.skip"}},
        {"vacuum", "vacuum", {"vacuum.set"}},
        {"lawn_mower", "lawn_mower", {"mower.set"}},
        {"valve", "valve", {"valve.set"}},
        {"humidifier", "humidifier", {"humidifier.set"}},
        {"siren", "siren", {"siren.set"}},
        {"scene", "scene", {"scene.activate"}},
        {"script", "script", {"script.run"}},
        // Not switch.set: "everything off" is not meant to end the rules of the home.
        {"automation", "automation", {"script.run"}},
        {"button", "button", {"button.press"}},
        {"input_button", "button", {"button.press"}},
        {"number", "number", {"number.set"}},
        {"input_number", "number", {"number.set"}},
        {"select", "select", {"select.set"}},
        {"input_select", "select", {"select.set"}},
        {"person", "binary_sensor", {"sensor.read"}},
        {"device_tracker", "binary_sensor", {"sensor.read"}},
        {"event", "event", {}},
        {"update", "update", {}},
        {"todo", "todo", {}},
        {"water_heater", "water_heater", {}},
        {"weather", "weather", {}},
        {"camera", "camera", {}},
        {"alarm_control_panel", "alarm_control_panel", {}}};
    return table;
}

// Kinds that somebody may miss, and why they are no things of the household.
constexpr std::pair<std::string_view, std::string_view> kNoThings[] = {
    {"calendar", "calendars are a person's: Ambit reads them itself (docs/calendar.md)"},
    {"text", "free text, for which there is no command"},
    {"input_text", "free text, for which there is no command"},
};

bool is_presence(std::string_view domain) {
    return domain == "person" || domain == "device_tracker";
}

// What is of use though Home Assistant counts it to what a device says of itself.
bool is_of_use(std::string_view domain, const std::string& device_class) {
    return domain == "update" || domain == "device_tracker" || device_class == "battery";
}

const Kind* kind_of(const std::string& domain) {
    const auto found =
        std::find_if(kinds().begin(), kinds().end(), [&](const Kind& kind) { return kind.domain == domain; });
    return found == kinds().end() ? nullptr : &*found;
}

std::string area_of(const Registered& registered, const Known& known) {
    if (!registered.area_id.empty()) {
        return registered.area_id;
    }
    const auto device = known.devices.find(registered.device_id);
    return device == known.devices.end() ? "" : device->second.area_id;
}

// Why its owner would not want to see it here; empty: nothing against it.
std::string hidden_because(const Registered& registered,
                           std::string_view domain,
                           const std::string& device_class,
                           const Known& known) {
    const auto device = known.devices.find(registered.device_id);
    // What Ambit announced there itself (docs/spec/mqtt.md): a household does not hear itself.
    if (registered.platform == "mqtt" && registered.unique_id.starts_with("ambit_")) {
        return "Ambit's own announcement";
    }
    if (registered.disabled || (device != known.devices.end() && device->second.disabled)) {
        return "disabled in Home Assistant";
    }
    if (registered.hidden) {
        return "hidden in Home Assistant";
    }
    if (registered.category.empty() || is_of_use(domain, device_class)) {
        return "";
    }
    return registered.category == "config" ? "a setting of the device" : "what the device says of itself";
}

}  // namespace

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

std::string unused_because(const std::string& entity_id, const Known& known) {
    const std::string domain = domain_of(entity_id);
    const auto* const no_thing = std::find_if(std::begin(kNoThings), std::end(kNoThings),
                                              [&](const auto& one) { return one.first == domain; });
    if (no_thing != std::end(kNoThings)) {
        return std::string(no_thing->second);
    }
    if (kind_of(domain) == nullptr) {
        return "of a kind that Ambit has no use for";
    }
    const auto state = known.states.find(entity_id);
    const auto registered = known.registry.find(entity_id);
    if (registered != known.registry.end()) {
        std::string why = hidden_because(
            registered->second, domain, state == known.states.end() ? "" : state->second.device_class, known);
        if (!why.empty()) {
            return why;
        }
    }
    return state == known.states.end() ? "Home Assistant has no state of it" : "";
}

std::optional<capability::Entity> entity_of(const std::string& source,
                                            const std::string& entity_id,
                                            const Known& known) {
    if (!unused_because(entity_id, known).empty()) {
        return std::nullopt;
    }
    const std::string domain = domain_of(entity_id);
    const State& state = known.states.find(entity_id)->second;
    capability::Entity entity;
    entity.id = source + "/" + entity_id;
    entity.source = source;
    entity.domain = kind_of(domain)->shown_as;
    entity.device_class = is_presence(domain) ? "presence" : state.device_class;
    entity.name = state.friendly_name;
    if (entity.name.empty()) {
        entity.name = entity_id.substr(domain.size() + 1);
        std::replace(entity.name.begin(), entity.name.end(), '_', ' ');
    }
    entity.capabilities = capabilities_of(entity_id, state);
    const auto registered = known.registry.find(entity_id);
    if (registered == known.registry.end()) {
        return entity;
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

}  // namespace ambit::homeassistant
