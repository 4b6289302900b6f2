// A run: consecutive items of a stream that were appended in one transaction, as one row of the database
// holds them.
//
// Each item is its size, four bytes little-endian, and its bytes.  One row for many items costs SQLite less
// than many rows (docs/benchmarks.md, facts-commit).  Ownership: values.  Threads: any. Failure: StoreDamaged
// (2100-2199) for bytes that are no run.
#pragma once

#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace ambit::store {

// A run that has grown so far is written, and the next one begins.
inline constexpr std::size_t kRunBytes = 128UL * 1024;

// Adds `item` to the end of `run`.
void append_to_run(Bytes& run, ByteView item);

// The items of `run`, which they point into.
Result<std::vector<ByteView>> items_of_run(ByteView run);

}  // namespace ambit::store
