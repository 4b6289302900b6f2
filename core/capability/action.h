// Action: an invocation as those read it who carry it out: with its input as text.
//
// Ownership: value.  Threads: any.  Failure: none.
#pragma once

#include "capability/provider.h"

namespace ambit::capability {

struct Action {
    RequestId request;
    std::string capability;
    std::string entity;
    std::string input_json;
    MonoTime deadline;
};

// The gate let these bytes go to the provider's service.
inline Action action_of(const Invocation& invocation) {
    return {invocation.request, invocation.capability, invocation.entity, to_text(invocation.input.value()),
            invocation.deadline};
}

}  // namespace ambit::capability
