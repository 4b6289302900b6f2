// State: payloads of state topics to what Ambit says about an entity, and commands to payloads.
//
// Pure.  Ownership: values.  Threads: any.
// Failure: MqttAnnouncementInvalid for a payload that doesn't fit; MqttCommandInvalid for a command that
// can't be done.
#pragma once

#include "mqtt/thing.h"

namespace ambit::mqtt {

// What is known of one entity.
struct EntityState {
    std::map<std::string, std::string> members;  // JSON by name

    // {"on":true,"brightness_pct":40}, {"locked":true} or {"value":21.5,"unit":"°C"}
    std::string json(const Announced& announced) const;
    friend bool operator==(const EntityState&, const EntityState&) = default;
};

// What a command asks for.
struct Wanted {
    std::map<std::string, std::string> members;  // JSON by name
    std::optional<Publish> pulse;

    // As far as the thing ever tells; true if it tells nothing of it.
    bool met_by(const Announced& announced, const EntityState& state) const;
};

// Takes a message on one of the entity's topics into `state`; false if it says nothing about it.
Result<bool> apply_message(const Announced& announced,
                           std::string_view topic,
                           const Payload& payload,
                           EntityState& state);
// {"on":true,"brightness_pct":40}, {"locked":true} for a lock, or {} for a pulse; other keys are refused.
Result<Wanted> parse_wanted(const Announced& announced,
                            std::string_view capability,
                            std::string_view input_json);
// What to publish, in order.  A template may refuse what is asked for.
Result<std::vector<Publish>> messages_for(const Announced& announced, const Wanted& wanted);
// False if nothing of what is wanted can ever be heard of.
bool is_ever_told(const Announced& announced, const Wanted& wanted);

}  // namespace ambit::mqtt
