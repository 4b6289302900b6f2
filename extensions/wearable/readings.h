// Readings: what a sensor or an app says of a heart, in whatever order and however often, comes to minutes
// for BodyState.
//
// Only what is newer than what was taken before counts, and nothing from the future: what is said twice, out
// of order or by a clock that is wrong is left out.
// Ownership: value.  Threads: one.  Failure: none; it counts what was left out.
// Spec: docs/spec/agents.md section "Body state".
#pragma once

#include "wearable/minutes.h"

namespace ambit::wearable {

struct HeartReading {
    WallTime at;
    std::optional<double> beats_per_min;  // if there are no intervals
    std::vector<double> intervals_ms;     // oldest first; the last one ends at `at`
};

class Readings {
  public:
    // A clock may be ahead by so much.
    static constexpr std::chrono::minutes kAheadMax{2};
    static constexpr std::size_t kIntervalsMax = 600;  // of one reading; more are left out
    // Intervals that ended so long before what was taken last are the same ones again.
    static constexpr seconds kAgain{2};
    static constexpr double kBeatsMin = 25;
    static constexpr double kBeatsMax = 239;

    struct Taken {
        std::vector<Minute> minutes;
        std::size_t taken = 0;
        std::size_t left_out = 0;
    };

    // In order of time, whatever order they are in.
    Taken take(std::vector<HeartReading> readings, WallTime now);

    // The minute that is over.
    std::optional<Minute> on_time(WallTime now) { return minutes_.on_time(now); }

  private:
    void add(const HeartReading& reading, Taken& taken);

    Minutes minutes_;
    WallTime newest_;
};

}  // namespace ambit::wearable
