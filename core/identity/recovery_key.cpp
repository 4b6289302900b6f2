#include "identity/recovery_key.h"

namespace ambit::identity {

RecoveryKey prove_recovery_key(const crypto::SigningKey& recovery, const HouseholdId& household) {
    return {recovery.verify_key(), recovery.sign(crypto::kRecoveryProof, household.bytes())};
}

Result<void> verify_recovery_key(const RecoveryKey& recovery, const HouseholdId& household) {
    return recovery.key.verify(crypto::kRecoveryProof, household.bytes(), recovery.proof);
}

}  // namespace ambit::identity
