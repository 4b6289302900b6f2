// Time as the core sees it: handed in, never read.
//
// Ownership: values.  Threads: any.  The edge reads the clocks; the simulator makes them up.
#pragma once

#include <chrono>

namespace ambit {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

// Civil time since the Unix epoch.  May jump; used for facts and people, never for deadlines.
using WallTime = std::chrono::time_point<std::chrono::system_clock, microseconds>;
// Time since an arbitrary start, never backwards; used for deadlines and timers.
using MonoTime = std::chrono::time_point<std::chrono::steady_clock, microseconds>;

// Both clocks at one event.
struct Now {
    WallTime wall;
    MonoTime mono;
};

}  // namespace ambit
