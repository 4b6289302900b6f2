// HlcClock: the hybrid logical clock of this device (Kulkarni et al. 2014), 48 bits of ms and 16 of counter.
//
// Packed as ms << 16 | counter, the paper's send rule is max(last + 1, now) and its receive rule the same
// after the maximum with the other clock; a counter that overflows carries into the milliseconds. Ownership:
// value.  Threads: one.  Failure: none.
#pragma once

#include <algorithm>

#include "base/time.h"
#include "facts/fact.h"

namespace ambit::facts {

inline std::uint64_t unix_ms(WallTime time) {
    const auto ms = std::chrono::duration_cast<milliseconds>(time.time_since_epoch()).count();
    return ms > 0 ? static_cast<std::uint64_t>(ms) : 0;
}

class HlcClock {
  public:
    Hlc send(WallTime now) {
        last_ = std::max(last_ + 1, unix_ms(now) << 16U);
        return {last_};
    }

    void receive(Hlc other, WallTime now) {
        last_ = std::max(std::max(last_, other.packed) + 1, unix_ms(now) << 16U);
    }

    // At start-up: what was written before.
    void restore(Hlc seen) { last_ = std::max(last_, seen.packed); }

    // The clock was ahead: goes on from `to`.
    void step_back(Hlc to) { last_ = to.packed; }

    Hlc last() const { return {last_}; }

  private:
    std::uint64_t last_ = 0;
};

}  // namespace ambit::facts
