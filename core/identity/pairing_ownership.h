// Pairing ownership: from what the person at the host said to what the new device is asked to consent to.
//
// Inside core/identity only.  Ownership: values.  Threads: any.  Failure: NoSuchMember (1202).
// Spec: docs/spec/pairing.md, "Whose".
#pragma once

#include "identity/pairing.h"

namespace ambit::identity {

struct AgreedOwnership {
    Belonging belonging;
    std::optional<NewPerson> created;  // who joins with the device
};

// `host` is the device that adds it; a new person's nonce is made here, so that only this pairing can use it.
Result<AgreedOwnership> agree_ownership(const Ownership& wanted,
                                        const Roster& roster,
                                        const DeviceId& host,
                                        const crypto::VerifyKey& joiner,
                                        Random& random);

}  // namespace ambit::identity
