// World: virtual time, and what happens when.
//
// Ownership: one per simulated household; events borrow what they speak of and must check that it still is
// there. Threads: one.  Failure: none.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "base/time.h"

namespace ambit::sim {

class World {
  public:
    Now now() const { return now_; }

    // Events at the same time run in the order they were made.
    void after(microseconds delay, std::function<void()> event);
    // Runs events until nothing is left before `span` is over.
    void run_for(microseconds span);
    // Runs until `done` says so; false if it did not within `span`.
    bool run_until(const std::function<bool()>& done, microseconds span);

    std::uint64_t events_run() const { return events_run_; }

  private:
    struct Event {
        MonoTime at;
        std::uint64_t order;
        std::function<void()> run;
    };

    // For a heap with the earliest event on top.
    static bool later(const Event& a, const Event& b) {
        return a.at != b.at ? a.at > b.at : a.order > b.order;
    }

    void pass_to(MonoTime time);
    void step();

    Now now_{WallTime(std::chrono::hours(24 * 365 * 56)), MonoTime(seconds(1000))};
    std::uint64_t next_order_ = 0;
    std::uint64_t events_run_ = 0;
    std::vector<Event> events_;
};

}  // namespace ambit::sim
