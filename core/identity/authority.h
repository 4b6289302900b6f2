// Authority: who may do what to the household, judged in the past of the operation alone.
//
// Inside core/identity only.  Pure.  Threads: any.  Failure: NotAllowed, NoSuchMember, AlreadyMember,
// LimitExceeded (1000-1299).  Spec: docs/spec/roster.md, section "Authority".
#pragma once

#include "identity/fold.h"

namespace ambit::identity {

// May the author of `operation` do this, in the state `past`?
Result<void> authorise(const Fold& past, const Operation& operation);

// Fills in what resolution needs to know of an authorised operation: support, affected, gives_first_device.
void annotate(const Fold& past, Entry& entry);

}  // namespace ambit::identity
