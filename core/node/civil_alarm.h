// CivilAlarm: when to look again at what goes by civil time, which may be set, or slept through, meanwhile.
//
// Ownership: value.  Threads: one.  Failure: none.
#pragma once

#include <algorithm>

#include "base/time.h"

namespace ambit::node {

class CivilAlarm {
  public:
    // `wait` has passed by either clock, or civil time went back behind where it was; at first at once.
    bool is_due(Now now) const { return now.mono >= at_.mono || now.wall >= at_.wall || now.wall < set_; }

    void set(Now now, microseconds wait) {
        at_ = {now.wall + wait, now.mono + wait};
        set_ = now.wall;
    }

    void sooner(Now now, microseconds wait) {
        at_ = {std::min(at_.wall, now.wall + wait), std::min(at_.mono, now.mono + wait)};
    }

    void set_due() { at_ = {}; }

    // If nobody sets a clock.
    MonoTime next_deadline() const { return at_.mono; }

  private:
    Now at_{};
    WallTime set_{};
};

}  // namespace ambit::node
