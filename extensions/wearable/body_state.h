// BodyState: from minutes of heartbeats to one of four words, with hysteresis, for lights and heating.
//
// A rough everyday guess relative to the person's own resting rate; no medical statement.
// Ownership: value.  Threads: one.  Failure: minutes that can't be trusted change nothing; decode() returns
// BadEncoding.
// Spec: docs/spec/agents.md section "Body state".
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace ambit::wearable {

enum class State : std::uint8_t { Unknown = 0, Asleep = 1, Resting = 2, Active = 3, Exertion = 4 };
std::string_view name_of(State state);
std::optional<State> state_of(std::string_view name);

// About one minute.
struct Minute {
    WallTime at;
    double beats_per_min = 0;
    std::optional<double> rmssd_ms;
    std::optional<int> steps;  // none: not counted
    double artefacts = 0;      // share of beats that were none
};

struct Reading {
    State state = State::Unknown;
    double confidence = 0;  // 0..1
    double resting_beats_per_min = 0;
    friend bool operator==(const Reading&, const Reading&) = default;
};

class BodyState {
  public:
    // Above this share a minute says nothing: the sensor slipped.
    static constexpr double kArtefactsMax = 0.1;
    static constexpr std::chrono::minutes kGapMax{10};  // after that, nothing is known

    // Returns what is so now.
    Reading on_minute(const Minute& minute);
    // It is `at`, and no minute came since: after kGapMax nothing is known.
    Reading on_silence(WallTime at);

    const Reading& now() const { return reading_; }

    // The low end of the person's own minutes, by beats: what resting is for them.
    double resting_beats() const;

    // What was learned of the person, for the next start; what is so now is not part of it.
    std::string encode() const;
    // BadEncoding for anything else.
    static Result<BodyState> decode(std::string_view json);

  private:
    bool is_to_be_trusted(const Minute& minute);
    State guess(const Minute& minute, double resting) const;
    double sureness(const Minute& minute, double resting) const;

    static constexpr std::size_t kBeatsMax = 240;
    std::array<double, kBeatsMax> seen_{};  // minutes by whole beats, fading over about a week
    double seen_sum_ = 0;
    double rmssd_usual_ = 0;  // fading mean of waking minutes
    std::optional<WallTime> last_;
    std::optional<double> beats_before_;  // of the last minute, trusted or not
    int same_ = 0;                        // minutes for which they were just that
    Reading reading_;
    State coming_ = State::Unknown;
    int for_minutes_ = 0;
};

}  // namespace ambit::wearable
