// Heartbeats: intervals between beats, cleaned of what is no heartbeat, and how much they vary.
//
// Pure.  Ownership: values.  Threads: any.  Failure: none; what can't be told is absent.  No medical meaning.
// Spec: docs/spec/agents.md section "Body state"; RMSSD as in Task Force of the ESC and NASPE, 1996.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ambit::wearable {

inline constexpr double kIntervalMinMs = 300;
inline constexpr double kIntervalMaxMs = 2000;
// An interval this far from the median around it is a missed, doubled or misread beat.
inline constexpr double kOffMedian = 0.2;
inline constexpr std::size_t kIntervalsMax = 200'000;  // of one recording: a day and a half

// Root mean square of the differences between neighbours; absent for fewer than two.
std::optional<double> rmssd(std::span<const double> intervals_ms);

struct Cleaned {
    std::vector<std::vector<double>> runs;  // without a gap inside; nothing is bridged
    std::size_t beats = 0;
    std::size_t dropped = 0;

    double artefacts() const {
        return beats == 0 ? 1 : static_cast<double>(dropped) / static_cast<double>(beats);
    }
};

Cleaned clean(std::span<const double> intervals_ms);
std::optional<double> rmssd(const Cleaned& cleaned);
std::optional<double> beats_per_min(const Cleaned& cleaned);

// Reads a recording as it comes: one interval in milliseconds a line; a first line that is no number is a
// heading.  Ownership: value.
class RecordingReader {
  public:
    static constexpr std::size_t kLineMax = 64;

    // Appends the intervals of every line that is whole.  WearableRecordingInvalid names the line, after
    // which it reads no more.
    Result<void> add(std::string_view bytes, std::vector<double>& intervals_ms);
    // There comes no more: what is left is a line, too.
    Result<void> end(std::vector<double>& intervals_ms);

    std::size_t intervals() const { return count_; }

  private:
    Result<void> take_line(std::string_view line, std::vector<double>& intervals_ms);

    std::string rest_;  // of a line that has not ended
    std::size_t line_ = 0;
    std::size_t count_ = 0;
};

// A whole recording; one without any interval is WearableRecordingInvalid, too.
Result<std::vector<double>> read_recording(std::string_view text);

}  // namespace ambit::wearable
