// HeartMeasurement: what a Bluetooth heart-rate sensor sends about every second.
//
// Pure.  Ownership: values.  Threads: any.  Failure: nothing for bytes that are none.
// Spec: Bluetooth SIG, Heart Rate Service 1.0, section 3.1 (characteristic 0x2A37).
#pragma once

#include <optional>
#include <vector>

#include "base/bytes.h"

namespace ambit::wearable {

struct HeartMeasurement {
    double beats_per_min = 0;
    // Whether it touches the skin, if it can tell.
    std::optional<bool> contact;
    std::vector<double> intervals_ms;  // oldest first
};

inline constexpr std::size_t kMeasurementBytesMax = 512;  // of an attribute

std::optional<HeartMeasurement> parse_measurement(ByteView bytes);

}  // namespace ambit::wearable
