// Alarm: one moment at which something on the loop is due; for what has its own next time, as a bridge has.
//
// Ownership: whoever is woken owns it, and destroys it before the loop.  Threads: the loop's.
// Failure: none.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "base/time.h"

namespace ambit {

class Loop;

class Alarm {
  public:
    // `due` runs on the loop, never inside set(), and not after the alarm is gone.
    Alarm(Loop& loop, std::function<void()> due);
    ~Alarm();
    Alarm(const Alarm&) = delete;
    Alarm& operator=(const Alarm&) = delete;

    // Due once, at or after `at`; in place of what was set before.  None: not due.  Costs nothing when it is
    // set to that already.
    void set(std::optional<MonoTime> at);

  private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace ambit
