// Resolution: which operations of a set count, whatever order they came in.
//
// Inside core/identity only.  Pure.  Threads: any.  Failure: none.
// Cost: O(n) operations applied for histories of branches; an operation that joins branches costs O(n) more.
// Spec: docs/spec/roster.md, section "Resolution".
#pragma once

#include "identity/fold.h"

namespace ambit::identity {

struct Resolved {
    PositionSet counting;
    // What a flooding author wrote and nobody else built on: as if it had never come.  Which of that a device
    // holds is chance, so that nothing may depend on it.
    PositionSet ignored;
    Fold fold;
};

// REQUIRES: `set` holds the ancestors of everything in it.
Resolved resolve(const History& history, const PositionSet& set);

}  // namespace ambit::identity
