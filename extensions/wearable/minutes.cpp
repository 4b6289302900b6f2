#include "wearable/minutes.h"

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

}  // namespace ambit::wearable
