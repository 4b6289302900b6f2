// Exposes: one thing that a zigbee2mqtt device exposes, as members.
//
// Pure.  Borrows its JSON.  Threads: any.  Failure: MqttAnnouncementInvalid, with what can't be used.
// Source: zigbee2mqtt's documentation of "exposes".
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "mqtt/thing.h"

namespace ambit::mqtt {

// Reads and asks under the device's own topics, each feature by its property.
struct ZigbeeTopics {
    std::string state;    // "zigbee2mqtt/Desk lamp"
    std::string command;  // "zigbee2mqtt/Desk lamp/set"
};

// Fills domain, class, capabilities, members, pulses and unit.  `expose`: an object with a "type".  What is
// no use to anybody but the device is refused, with `wrong` false.
std::optional<LeftOut> read_expose(const nlohmann::json& expose, const ZigbeeTopics& topics, Announced& into);

}  // namespace ambit::mqtt
