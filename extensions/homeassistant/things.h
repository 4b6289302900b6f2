// Things: what Ambit makes of Home Assistant's lists - entities, what they can do, and their states.
//
// Pure.  Ownership: values.  Threads: any.  Failure: none; what is no thing of the home is left out.
// Spec: docs/spec/homeassistant.md.
#pragma once

#include "capability/provider.h"
#include "homeassistant/messages.h"

namespace ambit::homeassistant {

// All that is known of one Home Assistant.
struct Known {
    Config config;
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

// Why that one is not used: "disabled in Home Assistant"; empty if it is.
std::string unused_because(const std::string& entity_id, const Known& known);

// By device what is used, and what is not and why; what belongs to none by the integration it comes from.
std::vector<capability::Survey> survey_of(const std::string& source, const Known& known);

// What it can be asked for.  A cover that lets people in is a garage, whatever it is called.
std::vector<std::string> capabilities_of(const std::string& entity_id, const State& state);

// {"on":true,"brightness_pct":40}, {"locked":true}, {"value":21.5,"unit":"°C"}; {} while it is unknown.
std::string state_json(const std::string& entity_id, const State& state, const Config& config);
// Home Assistant says it can be reached.
bool is_available(const State& state);

// Temperatures in the household are in degrees Celsius.
double celsius_of(double there, const Config& config);
double there_of(double celsius, const Config& config);

}  // namespace ambit::homeassistant
