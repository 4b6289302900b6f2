// Zigbee: what zigbee2mqtt says of its devices on <base>/bridge/devices, for homes where it does not announce
// them by Home Assistant discovery.
//
// An entity has the unique id that zigbee2mqtt's own discovery would give it, so that both are one.  Pure.
// Ownership: values.  Threads: any.  Failure: what can't be used is left out with the reason;
// MqttAnnouncementInvalid for a list that is none.  Spec: docs/spec/mqtt.md, "zigbee2mqtt".
#pragma once

#include "mqtt/thing.h"

namespace ambit::mqtt {

inline constexpr std::size_t kZigbeeBytesMax = 16 * 1024 * 1024;  // of the list
inline constexpr std::size_t kZigbeeDevicesMax = 1024;
inline constexpr std::size_t kExposesMax = 256;  // of one device

struct ZigbeeDevice {
    std::string address;  // "0x00158d0001234567"
    Announcement announcement;
};

// `base`: "zigbee2mqtt".
Result<std::vector<ZigbeeDevice>> parse_zigbee_devices(const std::string& base,
                                                       const std::string& source,
                                                       std::string_view payload);

}  // namespace ambit::mqtt
