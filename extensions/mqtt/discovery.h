// Discovery: what a Home Assistant discovery message announces.
//
// Reads <prefix>/<component>/[<node>/]<object>/config and <prefix>/device/[<node>/]<object>/config; what a
// component means is in components.h.  Pure.  Ownership: values.  Threads: any. Failure: an entity that can't
// be used is left out with the reason; names from outside stay data. Spec: docs/spec/mqtt.md.
#pragma once

#include "mqtt/thing.h"

namespace ambit::mqtt {

inline constexpr std::size_t kComponentsMax = 256;  // of one device

// True for topics parse_announcement() understands.
bool is_discovery_topic(std::string_view prefix, std::string_view topic);
// What `topic` announces with this payload; an empty one announces nothing (all of the topic's entities are
// gone).
Announcement parse_announcement(std::string_view prefix,
                                const std::string& source,
                                std::string_view topic,
                                std::string_view payload);

}  // namespace ambit::mqtt
