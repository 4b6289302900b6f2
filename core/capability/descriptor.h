// Descriptor: what a capability is: one description for placement, tools of a model, and the command line
// alike.
//
// Ownership: the built-in table lives as long as the program.  Threads: any.  Failure: UnknownCapability
// (4101). Spec: docs/spec/requests.md section "Capabilities".
#pragma once

#include <string>
#include <vector>

#include "capability/schema.h"

namespace ambit::capability {

// None: changes nothing.  Absolute: doing it twice is as doing it once.  Once: each time counts (a pulse).
enum class Effect : std::uint8_t { None = 0, Absolute = 1, Once = 2 };
// Confirm: needs a person's yes.
enum class Risk : std::uint8_t { None = 0, Confirm = 1 };
std::string_view name_of(Effect effect);
std::string_view name_of(Risk risk);

struct Descriptor {
    std::string name;      // "light.set"
    std::string sentence;  // what it does, for people and models
    Schema input;
    Schema output;
    Effect effect = Effect::None;
    Risk risk = Risk::None;
    bool needs_entity = false;
};

const std::vector<Descriptor>& builtin_capabilities();
Result<const Descriptor*> find_capability(std::string_view name);

}  // namespace ambit::capability
