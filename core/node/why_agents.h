// Why, of agents: the reasons an agent gave, said in plain sentences as far as this device may know them.
//
// A reason whose value was for somebody else is only a pointer (who told, what, when); the device that told
// it knows the value and the rule, and says so.  Pure reading.  Ownership: borrows for one call.
// Threads: the loop's.  Failure: NothingToExplain (4304).  Spec: docs/spec/agents.md section "Why".
#pragma once

#include "node/why.h"

namespace ambit::node {

// Appends what `value_json`, which `actor` wrote about its agent, gives as reasons: the value of the fact
// `last_action` or `held_back`.
void add_reasons(const Parts& parts,
                 const DeviceId& actor,
                 const std::string& value_json,
                 const MaySee& may_see,
                 Explanation& explanation);

// What people call what `agent` acts for, besides the thing's own name; each word after a space.
std::string also_called(const std::string& agent);

// Why something that might have been expected did not happen: what a device said last that matches the words.
Result<Explanation> explain_not(const Parts& parts, const std::string& text, const MaySee& may_see, Now now);

}  // namespace ambit::node
