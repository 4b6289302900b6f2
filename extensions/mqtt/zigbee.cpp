#include "mqtt/zigbee.h"

#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "mqtt/exposes.h"
#include "mqtt/json_text.h"

namespace ambit::mqtt {
namespace {

using nlohmann::json;

bool is_thing(std::string_view type) {
    static constexpr std::string_view kThings[] = {"light", "switch", "lock", "cover", "climate", "fan"};
    return std::find(std::begin(kThings), std::end(kThings), type) != std::end(kThings);
}

// Both must be on where they are told of: the bridge itself, and the device.
void add_availability(const std::string& base, const ZigbeeTopics& topics, Announced& into) {
    into.availability_mode = AvailabilityMode::All;
    for (const std::string& topic : {base + "/bridge/state", topics.state + "/availability"}) {
        Availability one{topic};
        one.value = ValueTemplate::parse("{{ value_json.state }}").value();
        one.presumed = true;
        into.availability.push_back(std::move(one));
    }
}

// "Desk lamp" for what the device is, "Desk lamp Temperature" for what it also tells.
std::string name_of(const json& expose, const std::string& device) {
    const std::string end = text_in(expose, "endpoint");
    if (is_thing(text_in(expose, "type"))) {
        return capped(device + (end.empty() ? "" : " " + end));
    }
    const std::string label = text_in(expose, "label");
    return capped(device + " " + (label.empty() ? text_in(expose, "name") : label));
}

// As zigbee2mqtt's own discovery calls it.
std::string object_of(const json& expose) {
    const std::string type = text_in(expose, "type");
    const std::string end = text_in(expose, "endpoint");
    return is_thing(type) ? type + (end.empty() ? "" : "_" + end) : text_in(expose, "property");
}

ZigbeeDevice read_device(const std::string& base, const std::string& source, const json& device) {
    ZigbeeDevice out;
    out.address = capped(text_in(device, "ieee_address"));
    const std::string name = text_in(device, "friendly_name");
    const auto definition = device.find("definition");
    const ZigbeeTopics topics{base + "/" + name, base + "/" + name + "/set"};
    const auto left_out = [&](const char* why, bool wrong) {
        out.announcement.left_out.push_back({capped(name), unusable(why), wrong});
        return out;
    };
    out.announcement.from = capped(name);
    if (name.empty() || !is_plain_topic(topics.command)) {
        return left_out("its name is no topic", true);
    }
    if (definition == device.end() || !definition->is_object()) {
        return left_out("zigbee2mqtt does not support it", false);
    }
    out.announcement.from =
        capped(name + " (" + text_in(*definition, "vendor") + " " + text_in(*definition, "model") + ")");
    const auto exposes = definition->find("exposes");
    if (exposes == definition->end() || !exposes->is_array() || exposes->size() > kExposesMax) {
        return left_out("it has no list of what it exposes", true);
    }
    std::set<std::string> ids;
    for (const json& expose : *exposes) {
        if (!expose.is_object()) {
            continue;
        }
        Announced made;
        if (auto why = read_expose(expose, topics, made)) {
            out.announcement.left_out.push_back(std::move(*why));
            continue;
        }
        made.entity.source = source;
        made.entity.id = source + "/" + capped(out.address + "_" + object_of(expose) + "_zigbee2mqtt");
        if (!ids.insert(made.entity.id).second) {
            out.announcement.left_out.push_back({object_of(expose), unusable("exposed twice"), false});
            continue;
        }
        made.entity.name = name_of(expose, name);
        add_availability(base, topics, made);
        out.announcement.entities.push_back(std::move(made));
    }
    return out;
}

}  // namespace

Result<std::vector<ZigbeeDevice>> parse_zigbee_devices(const std::string& base,
                                                       const std::string& source,
                                                       std::string_view payload) {
    const json list = parsed(payload, kZigbeeBytesMax);
    if (!list.is_array() || list.size() > kZigbeeDevicesMax) {
        return unusable("not a list of at most " + std::to_string(kZigbeeDevicesMax) + " devices");
    }
    std::vector<ZigbeeDevice> devices;
    for (const json& device : list) {
        if (!device.is_object() || text_in(device, "type") == "Coordinator" ||
            text_in(device, "ieee_address").empty() || device.value("disabled", json()) == true) {
            continue;
        }
        devices.push_back(read_device(base, source, device));
    }
    return devices;
}

}  // namespace ambit::mqtt
