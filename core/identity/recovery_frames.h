// Recovery frames: read and written alike by both sides of a recovery.
//
// Inside core/identity only.  Ownership: values.  Threads: any.  Failure: BadPairingFrame (1305).
// Spec: docs/spec/recovery.md.
#pragma once

#include "identity/recovery.h"

namespace ambit::v1 {
class RecoveryFrame;
class RecoveryRefusal;
}  // namespace ambit::v1

namespace ambit::identity {

Result<v1::RecoveryFrame> parse_recovery_frame(ByteView bytes);
Bytes recovery_frame_bytes(const v1::RecoveryFrame& frame);
Bytes recovery_refusal_frame(const Error& error);
// What the other side says, with a detail that is safe to show.
Error error_of_refusal(const v1::RecoveryRefusal& refusal);

}  // namespace ambit::identity
