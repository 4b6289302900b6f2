// Components: what a Home Assistant discovery config says of a light, a cover, a thermostat ..., as members.
//
// Pure.  Ownership: values.  Threads: any.  Failure: MqttAnnouncementInvalid or MqttTemplateUnsupported, with
// what can't be used.  Spec: docs/spec/mqtt.md, "Announcements".
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "mqtt/thing.h"

namespace ambit::mqtt {

// True for the components that are of use; the others are passed over.
bool is_component(std::string_view name);
// Fills members, pulses, capabilities and unit.  `config`: with whole keys and topics.
Result<void> read_component(std::string_view name, const nlohmann::json& config, Announced& into);

}  // namespace ambit::mqtt
