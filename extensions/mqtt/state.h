// State: payloads of state topics to what Ambit says about an entity, and commands to payloads.
//
// Pure.  Ownership: values.  Threads: any.
// Failure: MqttAnnouncementInvalid for a payload that doesn't fit; MqttCommandInvalid for a command that
// can't be done.
#pragma once

#include "mqtt/discovery.h"

namespace ambit::mqtt {

// What is known of one entity; unset means unknown.
struct EntityState {
    std::optional<bool> on;  // a lock: locked
    std::optional<int> brightness_pct;
    std::optional<std::string> value_json;  // sensors: a JSON number or string

    // {"on":true,"brightness_pct":40}, {"locked":true} or {"value":21.5,"unit":"°C"}
    std::string json(const Announced& announced) const;
    friend bool operator==(const EntityState&, const EntityState&) = default;
};

// What a command asks for.
struct Wanted {
    bool on = false;
    std::optional<int> brightness_pct;

    // Brightness may differ by the rounding of the device's own scale.
    bool met_by(const EntityState& state) const;
};

struct Publish {
    std::string topic;
    std::string payload;
    friend bool operator==(const Publish&, const Publish&) = default;
};

// Takes a message on one of the entity's topics into `state`; false if it says nothing about it.
Result<bool> apply_message(const Announced& announced,
                           std::string_view topic,
                           std::string_view payload,
                           EntityState& state);
// {"on":true,"brightness_pct":40}, {"locked":true} for a lock, or {} for a button; other keys are refused.
Result<Wanted> parse_wanted(const Announced& announced, std::string_view input_json);
// What to publish, in order.
std::vector<Publish> messages_for(const Announced& announced, const Wanted& wanted);

}  // namespace ambit::mqtt
