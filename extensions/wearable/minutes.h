// Minutes: from one heartbeat after the other, or one rate after the other, to minutes of them, for
// BodyState.
//
// Ownership: value.  Threads: one.  Failure: none; what can't be told of a minute is absent from it.
// Spec: docs/spec/agents.md section "Body state".
#pragma once

#include <vector>

#include "wearable/body_state.h"

namespace ambit::wearable {

class Minutes {
  public:
    static constexpr seconds kSpan{60};
    static constexpr std::size_t kBeatsMax = 600;  // of one minute; more are noise, and end it

    // A beat at `at`, so long after the one before.  Returns the minute that it ends, if it ends one.
    std::optional<Minute> on_beat(WallTime at, double interval_ms);
    // Beats per minute, as a sensor or an app that knows no intervals says it.  Those within a minute come to
    // their mean, without what is far from their median; it ends with the first one after it, or with time.
    std::optional<Minute> on_rate(WallTime at, double beats_per_min);
    std::optional<Minute> on_time(WallTime at);

  private:
    std::vector<double> intervals_ms_;
    WallTime began_;
    std::vector<double> rates_;
    WallTime rates_began_;
    WallTime rates_last_;
};

}  // namespace ambit::wearable
