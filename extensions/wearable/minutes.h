// Minutes: from one heartbeat after the other to minutes of them, for BodyState.
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

  private:
    std::vector<double> intervals_ms_;
    WallTime began_;
};

}  // namespace ambit::wearable
