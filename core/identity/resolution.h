// Resolution: which operations of a set count, whatever order they came in.
//
// Inside core/identity only.  Pure.  Threads: any.  Failure: none.
// Cost: O(n) for histories without concurrency, up to O(n^2) folds of small states where much is concurrent.
// Spec: docs/spec/roster.md, section "Resolution".
#pragma once

#include "identity/fold.h"

namespace ambit::identity {

struct Resolved {
    PositionSet counting;
    Fold fold;
};

// REQUIRES: `set` holds the ancestors of everything in it.
Resolved resolve(const History& history, const PositionSet& set);

}  // namespace ambit::identity
