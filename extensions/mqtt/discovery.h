// Discovery: what a Home Assistant discovery message announces.
//
// Reads <prefix>/<component>/[<node>/]<object>/config and <prefix>/device/[<node>/]<object>/config: lights
// (JSON schema and plain), switches, locks, buttons, sensors and binary sensors; other components are none of
// our business. Pure.  Ownership: values.  Threads: any. Failure: an entity that can't be used is left out
// with the reason; names from outside stay data. Spec: docs/spec/mqtt.md.
#pragma once

#include <optional>
#include <vector>

#include "capability/provider.h"
#include "mqtt/value_template.h"

namespace ambit::mqtt {

inline constexpr std::size_t kPayloadBytesMax = 1024 * 1024;
inline constexpr std::size_t kTopicBytesMax = 1024;
inline constexpr std::size_t kNameBytesMax = 256;
inline constexpr std::size_t kComponentsMax = 256;     // of one device
inline constexpr std::size_t kAvailabilitiesMax = 16;  // of one entity

enum class Component : std::uint8_t { Light, Switch, Lock, Button, Sensor, BinarySensor };

struct Availability {
    std::string topic;
    std::string available = "online";
    std::string not_available = "offline";
    ValueTemplate value;
};

enum class AvailabilityMode : std::uint8_t { All, Any, Latest };

// One entity and how to talk to it.
struct Announced {
    capability::Entity entity;
    Component component = Component::Sensor;
    bool json_schema = false;  // lights
    std::string state_topic;   // empty: it never reports
    std::string command_topic;
    // A lock is "on" while it is locked; a button is pressed with `payload_on`.
    std::string payload_on = "ON";
    std::string payload_off = "OFF";
    std::string state_on = "ON";
    std::string state_off = "OFF";
    ValueTemplate state_value;
    bool brightness = false;
    double brightness_scale = 255;
    std::string brightness_state_topic;    // plain lights
    std::string brightness_command_topic;  // plain lights
    ValueTemplate brightness_value;
    std::string on_command_type = "last";  // plain lights: "last", "first" or "brightness"
    std::string unit;                      // sensors
    bool retain = false;
    std::vector<Availability> availability;
    AvailabilityMode availability_mode = AvailabilityMode::Latest;
};

struct Announcement {
    std::vector<Announced> entities;
    std::vector<Error> left_out;
};

// True for topics parse_announcement() understands.
bool is_discovery_topic(std::string_view prefix, std::string_view topic);
// What `topic` announces with this payload; an empty one announces nothing (all of the topic's entities are
// gone).
Announcement parse_announcement(std::string_view prefix,
                                const std::string& source,
                                std::string_view topic,
                                std::string_view payload);
// No wildcards, no control characters, not too long: may be subscribed to and published on.
bool is_plain_topic(std::string_view topic);

}  // namespace ambit::mqtt
