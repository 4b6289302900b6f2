#include "wearable/heartbeats.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace ambit::wearable {
namespace {

constexpr std::size_t kAround = 5;        // beats in the median
constexpr double kBetweenMaxMs = 60'000;  // between two lines of a recording

struct Differences {
    double squares = 0;
    std::size_t count = 0;

    void add(std::span<const double> run) {
        for (std::size_t i = 1; i < run.size(); ++i) {
            squares += (run[i] - run[i - 1]) * (run[i] - run[i - 1]);
            ++count;
        }
    }

    std::optional<double> root() const {
        return count == 0 ? std::nullopt : std::optional(std::sqrt(squares / static_cast<double>(count)));
    }
};

// Of the plausible intervals around `at`.
std::optional<double> median_around(std::span<const double> all, std::size_t at) {
    const std::size_t from = at < kAround / 2 ? 0 : at - kAround / 2;
    std::array<double, kAround> near{};
    std::size_t count = 0;
    for (std::size_t i = from; i < all.size() && i < from + kAround; ++i) {
        if (all[i] >= kIntervalMinMs && all[i] <= kIntervalMaxMs) {
            near[count++] = all[i];
        }
    }
    if (count == 0) {
        return std::nullopt;
    }
    std::sort(near.begin(), near.begin() + static_cast<std::ptrdiff_t>(count));
    return near[count / 2];
}

}  // namespace

std::optional<double> rmssd(std::span<const double> intervals_ms) {
    Differences differences;
    differences.add(intervals_ms);
    return differences.root();
}

Cleaned clean(std::span<const double> intervals_ms) {
    Cleaned cleaned;
    cleaned.beats = intervals_ms.size();
    bool open = false;
    for (std::size_t i = 0; i < intervals_ms.size(); ++i) {
        const double value = intervals_ms[i];
        const auto median = median_around(intervals_ms, i);
        const bool good = value >= kIntervalMinMs && value <= kIntervalMaxMs && median &&
                          std::abs(value - *median) <= kOffMedian * *median;
        if (!good) {
            ++cleaned.dropped;
            open = false;
            continue;
        }
        if (!open) {
            cleaned.runs.emplace_back();
            open = true;
        }
        cleaned.runs.back().push_back(value);
    }
    return cleaned;
}

std::optional<double> rmssd(const Cleaned& cleaned) {
    Differences differences;
    for (const auto& run : cleaned.runs) {
        differences.add(run);
    }
    return differences.root();
}

std::optional<double> beats_per_min(const Cleaned& cleaned) {
    double sum = 0;
    std::size_t count = 0;
    for (const auto& run : cleaned.runs) {
        for (const double interval : run) {
            sum += interval;
            ++count;
        }
    }
    return count == 0 ? std::nullopt : std::optional(60'000 * static_cast<double>(count) / sum);
}

Result<void> RecordingReader::take_line(std::string_view line, std::vector<double>& intervals_ms) {
    ++line_;
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == ',')) {
        line.remove_suffix(1);
    }
    if (line.empty()) {
        return {};
    }
    double value = 0;
    const auto [stop, failed] = std::from_chars(line.data(), line.data() + line.size(), value);
    const bool number = failed == std::errc() && stop == line.data() + line.size() && std::isfinite(value);
    if (!number && line_ == 1) {
        return {};
    }
    if (!number || value <= 0 || value > kBetweenMaxMs || count_ >= kIntervalsMax) {
        return Error{ErrorCode::WearableRecordingInvalid, "line " + std::to_string(line_)};
    }
    ++count_;
    intervals_ms.push_back(value);
    return {};
}

Result<void> RecordingReader::add(std::string_view bytes, std::vector<double>& intervals_ms) {
    while (!bytes.empty()) {
        const std::size_t end = bytes.find('\n');
        rest_ += bytes.substr(0, end);
        if (rest_.size() > kLineMax) {
            return Error{ErrorCode::WearableRecordingInvalid, "line " + std::to_string(line_ + 1)};
        }
        if (end == std::string_view::npos) {
            break;
        }
        AMBIT_TRY(take_line(std::exchange(rest_, {}), intervals_ms));
        bytes.remove_prefix(end + 1);
    }
    return {};
}

Result<void> RecordingReader::end(std::vector<double>& intervals_ms) {
    return take_line(std::exchange(rest_, {}), intervals_ms);
}

Result<std::vector<double>> read_recording(std::string_view text) {
    std::vector<double> out;
    RecordingReader reader;
    AMBIT_TRY(reader.add(text, out));
    AMBIT_TRY(reader.end(out));
    if (out.empty()) {
        return Error{ErrorCode::WearableRecordingInvalid, "no interval in it"};
    }
    return out;
}

}  // namespace ambit::wearable
