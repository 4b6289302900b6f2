#include <set>

#include "homeassistant/things.h"

namespace ambit::homeassistant {
namespace {

// "Desk lamp (IKEA LED1545G12)"
std::string made_by(const Device& device, const std::string& id) {
    const std::string name = device.name.empty() ? id : device.name;
    return device.model.empty() ? name : name + " (" + device.model + ")";
}

}  // namespace

std::vector<capability::Survey> survey_of(const std::string& source, const Known& known) {
    std::set<std::string> all;
    for (const auto& [entity_id, state] : known.states) {
        all.insert(entity_id);
    }
    for (const auto& [entity_id, registered] : known.registry) {
        all.insert(entity_id);
    }
    std::map<std::string, capability::Survey> by_device;
    for (const std::string& entity_id : all) {
        const auto registered = known.registry.find(entity_id);
        const auto device = registered == known.registry.end()
                                ? known.devices.end()
                                : known.devices.find(registered->second.device_id);
        std::string from = "helpers and rules";
        if (device != known.devices.end()) {
            from = made_by(device->second, device->first);
        } else if (registered != known.registry.end() && !registered->second.platform.empty()) {
            from = "integration " + registered->second.platform;
        }
        capability::Survey& one = by_device[from];
        one.from = from;
        if (const auto entity = entity_of(source, entity_id, known)) {
            one.used.push_back(entity->domain + " " + entity->name);
        } else {
            one.ignored.push_back({entity_id, unused_because(entity_id, known)});
        }
    }
    std::vector<capability::Survey> surveys;
    for (auto& [from, one] : by_device) {
        surveys.push_back(std::move(one));
    }
    return surveys;
}

}  // namespace ambit::homeassistant
