// Heard: what a person's rule told this device, and what an agent here learned: kept over restarts, for this
// device alone.
//
// Ownership: nothing is kept but the fact.  Threads: the loop's.  Failure: the health item `facts.write`.
// Spec: docs/spec/agents.md.
#pragma once

#include "node/parts.h"

namespace ambit::node {

// Behind the attribute of what was told: {"value","told_by","time_ms","audience"}.
inline constexpr std::string_view kHeardSuffix = "_heard";

void keep_here(
    Parts& parts, const std::string& subject, const std::string& attribute, const std::string& json, Now now);
// `told` was said at `time`.
void keep_heard(Parts& parts, const facts::Fact& told, WallTime time, Now now);

}  // namespace ambit::node
