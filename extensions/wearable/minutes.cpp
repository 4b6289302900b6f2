#include "wearable/minutes.h"

#include <algorithm>
#include <cmath>

#include "wearable/heartbeats.h"

namespace ambit::wearable {

std::optional<Minute> Minutes::on_beat(WallTime at, double interval_ms) {
    // After a pause, or with a clock that jumped, a minute begins anew.
    if (!intervals_ms_.empty() && (at < began_ || at - began_ > 2 * kSpan)) {
        intervals_ms_.clear();
    }
    if (intervals_ms_.empty()) {
        began_ = at;
    }
    intervals_ms_.push_back(interval_ms);
    if (at - began_ < kSpan && intervals_ms_.size() < kBeatsMax) {
        return std::nullopt;
    }
    const Cleaned cleaned = clean(intervals_ms_);
    intervals_ms_.clear();
    Minute minute;
    minute.at = at;
    minute.beats_per_min = beats_per_min(cleaned).value_or(0);
    minute.rmssd_ms = rmssd(cleaned);
    minute.artefacts = cleaned.artefacts();
    return minute;
}

std::optional<Minute> Minutes::on_rate(WallTime at, double beats_per_min) {
    if (!rates_.empty() && at < rates_began_) {
        rates_.clear();  // a clock that jumped
    }
    const auto ended = on_time(at);
    if (rates_.empty()) {
        rates_began_ = at;
    }
    if (rates_.size() < kBeatsMax) {
        rates_.push_back(beats_per_min);
    }
    rates_last_ = at;
    return ended;
}

std::optional<Minute> Minutes::on_time(WallTime at) {
    if (rates_.empty() || at - rates_began_ < kSpan) {
        return std::nullopt;
    }
    const auto middle = rates_.begin() + static_cast<std::ptrdiff_t>(rates_.size() / 2);
    std::nth_element(rates_.begin(), middle, rates_.end());
    const double median = *middle;
    double sum = 0;
    std::size_t good = 0;
    for (const double rate : rates_) {
        if (std::abs(rate - median) <= kOffMedian * median) {
            sum += rate;
            ++good;
        }
    }
    Minute minute;
    minute.at = rates_last_;
    minute.beats_per_min = good == 0 ? 0 : sum / static_cast<double>(good);
    minute.artefacts = 1 - static_cast<double>(good) / static_cast<double>(rates_.size());
    rates_.clear();
    return minute;
}

}  // namespace ambit::wearable
