// RecoveryKey: the public half of a household's recovery words, and the proof that it is this household's.
//
// Only who has the words can make the proof.  So the words alone tell their own household from one that
// somebody made up around the same public key.  Ownership: values.  Threads: any.
// Failure: BadSignature (1102).  Spec: docs/spec/roster.md, section "Recovery words".
#pragma once

#include "base/ids.h"
#include "crypto/keys.h"

namespace ambit::identity {

struct RecoveryKey {
    crypto::VerifyKey key;
    crypto::Signature proof;
};

// In a genesis, where the household has no id yet, the root public key stands for `household`.
RecoveryKey prove_recovery_key(const crypto::SigningKey& recovery, const HouseholdId& household);
Result<void> verify_recovery_key(const RecoveryKey& recovery, const HouseholdId& household);

}  // namespace ambit::identity
