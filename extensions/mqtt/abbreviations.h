// Abbreviations: the short names that Home Assistant discovery gives its keys.
//
// Pure.  Threads: any.  Source: Home Assistant's documentation of MQTT discovery; those of keys that Ambit
// reads.
#pragma once

#include <string_view>

namespace ambit::mqtt {

// `key` itself if it is no abbreviation; lives as long as the program, or as `key`.
std::string_view whole_key(std::string_view key);

}  // namespace ambit::mqtt
