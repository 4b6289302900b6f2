// Posted: the value of the fact `heart_rate` about a person, as an app of theirs posts it.
//
// Pure.  Ownership: values.  Threads: any.  Failure: BadRequest (6003) names the reading.
// Spec: docs/http-api.md section "Health export apps".
#pragma once

#include "wearable/readings.h"

namespace ambit::wearable {

inline constexpr std::size_t kPostedMax = 10'000;  // readings at once: a week, minute by minute

// One reading, or a list of them: a number, beats per minute now; or {"beats_per_min": number} or
// {"rr_ms": [number, ...]}, with the "time" in RFC 3339, else now.
Result<std::vector<HeartReading>> read_posted(std::string_view json, WallTime now);

// "2026-11-29T07:30:00.5+01:00", or with a space before time and offset, as some apps write it.
std::optional<WallTime> moment(std::string_view text);

}  // namespace ambit::wearable
