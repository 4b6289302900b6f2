#include "wearable/readings.h"

#include <algorithm>
#include <cmath>

namespace ambit::wearable {
namespace {

microseconds lasting(double interval_ms) {
    return microseconds(std::llround(interval_ms * 1000));
}

}  // namespace

Readings::Taken Readings::take(std::vector<HeartReading> readings, WallTime now) {
    std::stable_sort(readings.begin(), readings.end(),
                     [](const HeartReading& a, const HeartReading& b) { return a.at < b.at; });
    Taken taken;
    if (newest_ > now + kAheadMax) {
        newest_ = {};  // taken while the clock was wrong
    }
    for (HeartReading& reading : readings) {
        const bool ahead = reading.at > now + kAheadMax;
        reading.at = std::min(reading.at, now);
        if (ahead || reading.at <= newest_ || reading.intervals_ms.size() > kIntervalsMax) {
            ++taken.left_out;
        } else {
            add(reading, taken);
        }
    }
    return taken;
}

void Readings::add(const HeartReading& reading, Taken& taken) {
    const auto keep = [&](std::optional<Minute> minute) {
        if (minute) {
            taken.minutes.push_back(*minute);
        }
    };
    bool any = false;
    if (reading.intervals_ms.empty()) {
        any = reading.beats_per_min && *reading.beats_per_min >= kBeatsMin &&
              *reading.beats_per_min <= kBeatsMax;
        if (any) {
            keep(minutes_.on_rate(reading.at, *reading.beats_per_min));
        }
    }
    microseconds left{};
    for (const double interval : reading.intervals_ms) {
        left += lasting(interval);
    }
    for (const double interval : reading.intervals_ms) {
        left -= lasting(interval);
        if (reading.at - left > newest_ - kAgain) {
            newest_ =
                std::max(newest_, reading.at - left);  // a few milliseconds before it: the clocks differ
            keep(minutes_.on_beat(newest_, interval));
            any = true;
        }
    }
    if (any) {
        newest_ = reading.at;
    }
    ++(any ? taken.taken : taken.left_out);
}

}  // namespace ambit::wearable
