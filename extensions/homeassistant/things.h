// Things: what Ambit makes of Home Assistant's lists - entities, their states, and the service call for a
// command.
//
// Pure.  Ownership: values.  Threads: any.  Failure: HomeAssistantCannot for a command that does not fit.
// Spec: docs/spec/homeassistant.md.
#pragma once

#include "capability/provider.h"
#include "homeassistant/messages.h"

namespace ambit::homeassistant {

// All that is known of one Home Assistant.
struct Known {
    Floors floors;
    Areas areas;
    Devices devices;
    Registry registry;
    States states;
};

// The entity that `entity_id` is in the household; none for what is no thing of the home, or not shown there.
std::optional<capability::Entity> entity_of(const std::string& source,
                                            const std::string& entity_id,
                                            const Known& known);

// {"on":true,"brightness_pct":40}, {"locked":true}, {"value":21.5,"unit":"°C"}; {} while it is unknown.
std::string state_json(const std::string& entity_id, const State& state);
// Home Assistant says it can be reached.
bool is_available(const State& state);

struct Wanted {
    std::string service_domain;  // "light"
    std::string service;         // "turn_on"
    std::string data_json;       // "{\"brightness_pct\":40}"
    bool on = false;             // or locked
    std::optional<int> brightness_pct;

    bool met_by(const std::string& entity_id, const State& state) const;
};

Result<Wanted> wanted_of(const std::string& entity_id,
                         const std::string& capability,
                         std::string_view input_json);

}  // namespace ambit::homeassistant
