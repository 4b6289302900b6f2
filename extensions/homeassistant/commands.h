// Commands: the service calls for what is asked of a thing, and the state that shows it was done.
//
// Pure.  Ownership: values.  Threads: any.  Failure: HomeAssistantCannot for a command that does not fit.
// Spec: docs/spec/homeassistant.md.
#pragma once

#include "homeassistant/things.h"

namespace ambit::homeassistant {

struct Service {
    std::string name;       // "turn_on"
    std::string data_json;  // "{\"brightness_pct\":40}"
};

struct Wanted {
    std::string domain;             // of the services: "light"
    std::vector<Service> services;  // called one after the other
    // Members of state_json() that must come back; {}: that the services ran is all there is to see.
    std::string expected_json;
};

Result<Wanted> wanted_of(const std::string& entity_id,
                         const State& state,
                         const std::string& capability,
                         std::string_view input_json,
                         const Config& config);

// Does the state show what was wanted?  Numbers may differ by the rounding of the thing's own scale.
bool met(const Wanted& wanted, const std::string& entity_id, const State& state, const Config& config);

}  // namespace ambit::homeassistant
