// Proposal: what an agent wants done, and why.  Agents never act.
//
// An agent is a pure policy: facts in, proposals out.  The same facts give the same proposal with the same
// key on every device, so that two devices may run one agent and each effect still happens once.
// Ownership: values.  Threads: any.  Failure: none.  Spec: docs/spec/agents.md.
#pragma once

#include <string>
#include <vector>

#include "base/ids.h"
#include "base/time.h"

namespace ambit::agents {

// What a proposal serves; of two that differ, the higher wins.  A person's explicit word stands between
// comfort and safety (arbitration.h).
enum class Motive : std::uint8_t { Energy = 1, Comfort = 2, Safety = 3 };
std::string_view name_of(Motive motive);

// A fact that led to a proposal, as far as its label lets the agent's device know it.
struct Cause {
    std::string attribute;  // "departure", "cabin", "body_state"
    DeviceId told_by;
    WallTime time;           // when it was so, as its source says
    std::string value_json;  // typed fields: times, bounded numbers, enums
    // Whether it is one of the facts that trigger: those alone make the key.  What was merely weighed, such
    // as the temperature of this minute, changes all the time.
    bool triggers = true;
    friend bool operator==(const Cause&, const Cause&) = default;
};

struct Proposal {
    std::string agent;  // "precondition"
    std::string capability;
    std::string entity;
    std::string input_json;
    // What may be asked for instead where the entity cannot do that, in this order.  Not part of the key.
    std::vector<std::string> otherwise_json = {};
    Motive motive = Motive::Comfort;
    std::string step;  // tells apart what one set of causes leads to in turn: "start", "stop", "dim 55"
    std::vector<Cause> causes;
    // One of several small steps: taking it back takes back all that these causes led to.
    bool continues = false;
    friend bool operator==(const Proposal&, const Proposal&) = default;
};

// The idempotency key: made of the agent, what it wants, and the facts that trigger; never of when it ran.
RequestId key_of(const Proposal& proposal);

}  // namespace ambit::agents
