// Viewer: whose eyes see what the local API shows, and whose words come through it.
//
// Either the person at this device, who sees all that is here, or a client with a token, which sees what its
// audience may read and no more.  Ownership: value.  Threads: the loop's.  Failure: none.
// Spec: docs/spec/privacy.md section "Clients".
#pragma once

#include "node/conversation.h"

namespace ambit::node {

struct Viewer {
    // What is said has this label, and a client sees only what everybody in it may read.
    privacy::NamedAudience audience;
    std::optional<PersonId> person;
    // None: the person at this device.
    std::optional<privacy::Service> client;

    // By what the audiences mean, not by who is a member today: a household token on Anna's phone does not
    // show Anna's own facts, even while she lives alone.
    bool may_see(const privacy::Label& label, const Parts& parts) const;

    Asker asker() const { return {audience, person}; }
};

Viewer viewer_here(const Parts& parts);

}  // namespace ambit::node
