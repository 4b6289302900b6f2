#include "wearable/body_state.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

namespace ambit::wearable {
namespace {

constexpr double kBeatsLow = 25;
constexpr double kBeatsHigh = 239;
constexpr double kUsualResting = 62;  // until a person's own is known
constexpr double kKnownAfter = 30;    // minutes
constexpr double kLowShare = 0.05;    // of minutes are at or below the resting rate
constexpr double kFades = 1.0 / (7 * 24 * 60);
// Ratios to the resting rate at which a state begins, and how far past its border one must come to leave.
constexpr double kAsleepBelow = 1.06;
constexpr double kActiveFrom = 1.30;
constexpr double kExertionFrom = 1.75;
constexpr double kBand = 0.05;
constexpr double kWorthKeeping = 0.01;  // minutes
constexpr double kRmssdMax = 2000;
constexpr int kStepsOfWalking = 20;
constexpr double kCalm = 1.0;  // times the usual RMSSD: at least so much in sleep
// A rate so far from that of the minute before, without intervals that show that it is one of a heart, is
// none until the next minute agrees.
constexpr double kJump = 0.4;
// Minutes of the same rate to the last digit: that is no heart.
constexpr int kStuckAfter = 20;
constexpr std::string_view kNames[] = {"unknown", "asleep", "resting", "active", "exertion"};
// Minutes for which a new state must last.
constexpr int kMinutes[] = {0, 5, 3, 2, 1};

}  // namespace

std::string_view name_of(State state) {
    return kNames[static_cast<std::size_t>(state)];
}

std::optional<State> state_of(std::string_view name) {
    const auto found = std::find(std::begin(kNames), std::end(kNames), name);
    return found == std::end(kNames) ? std::nullopt
                                     : std::optional(static_cast<State>(found - std::begin(kNames)));
}

double BodyState::resting_beats() const {
    if (seen_sum_ < kKnownAfter) {
        return kUsualResting;
    }
    double below = 0;
    for (std::size_t beats = 0; beats < kBeatsMax; ++beats) {
        below += seen_[beats];
        if (below >= kLowShare * seen_sum_) {
            return std::max(static_cast<double>(beats), kBeatsLow);
        }
    }
    return kUsualResting;
}

State BodyState::guess(const Minute& minute, double resting) const {
    const State is = reading_.state;
    const double ratio = minute.beats_per_min / resting;
    // A border is further away for whoever has to cross it.
    const auto border = [&](double at, State above) { return is >= above ? at - kBand : at + kBand; };
    const int steps = minute.steps.value_or(0);
    if (ratio >= border(kExertionFrom, State::Exertion)) {
        return State::Exertion;
    }
    if (ratio >= border(kActiveFrom, State::Active) || steps >= kStepsOfWalking) {
        return State::Active;
    }
    const bool calm = !minute.rmssd_ms || rmssd_usual_ == 0 || *minute.rmssd_ms >= kCalm * rmssd_usual_;
    const bool low = ratio <= (is == State::Asleep ? kAsleepBelow + 2 * kBand : kAsleepBelow);
    return low && steps == 0 && (calm || is == State::Asleep) ? State::Asleep : State::Resting;
}

double BodyState::sureness(const Minute& minute, double resting) const {
    const double ratio = minute.beats_per_min / resting;
    double nearest = 1;
    for (const double at : {kAsleepBelow, kActiveFrom, kExertionFrom}) {
        nearest = std::min(nearest, std::abs(ratio - at) / 0.2);
    }
    const double known = std::min(seen_sum_ / (24 * 60), 1.0);
    const double clean = 1 - minute.artefacts / kArtefactsMax / 2;
    return std::clamp((0.4 + 0.6 * nearest) * (0.5 + 0.5 * known) * clean, 0.0, 1.0);
}

Reading BodyState::on_silence(WallTime at) {
    if (last_ && (at - *last_ > kGapMax || at < *last_)) {
        reading_.state = State::Unknown;
        reading_.confidence = 0;
        coming_ = State::Unknown;
    }
    return reading_;
}

bool BodyState::is_to_be_trusted(const Minute& minute) {
    const double beats = minute.beats_per_min;
    if (!(beats >= kBeatsLow && beats <= kBeatsHigh && minute.artefacts <= kArtefactsMax)) {
        return false;
    }
    const bool varies = minute.rmssd_ms.value_or(0) > 0;
    const bool jumped =
        !minute.rmssd_ms && beats_before_ && std::abs(beats - *beats_before_) > kJump * *beats_before_;
    same_ = beats_before_ == beats && !varies ? std::min(same_ + 1, kStuckAfter) : 0;
    beats_before_ = beats;
    return !jumped && same_ < kStuckAfter;
}

Reading BodyState::on_minute(const Minute& minute) {
    on_silence(minute.at);
    if (!is_to_be_trusted(minute)) {
        return reading_;
    }
    last_ = minute.at;
    for (double& count : seen_) {
        count *= 1 - kFades;
    }
    seen_[static_cast<std::size_t>(minute.beats_per_min)] += 1;
    seen_sum_ = seen_sum_ * (1 - kFades) + 1;
    const double resting = resting_beats();
    const State next = guess(minute, resting);
    for_minutes_ = next == coming_ ? for_minutes_ + 1 : 1;
    coming_ = next;
    const bool waking = reading_.state == State::Asleep && next >= State::Active;
    if (next == reading_.state || waking || for_minutes_ >= kMinutes[static_cast<std::size_t>(next)]) {
        reading_.state = next;
    }
    if (minute.rmssd_ms && reading_.state != State::Asleep) {
        rmssd_usual_ = rmssd_usual_ == 0 ? *minute.rmssd_ms : 0.995 * rmssd_usual_ + 0.005 * *minute.rmssd_ms;
    }
    reading_.confidence = std::round(sureness(minute, resting) * 100) / 100;
    reading_.resting_beats_per_min = resting;
    return reading_;
}

std::string BodyState::encode() const {
    nlohmann::json minutes = nlohmann::json::array();
    for (std::size_t beats = 0; beats < kBeatsMax; ++beats) {
        if (seen_[beats] >= kWorthKeeping) {
            minutes.push_back({beats, std::round(seen_[beats] * 100) / 100});
        }
    }
    return nlohmann::json({{"v", 1}, {"minutes", minutes}, {"rmssd_ms", rmssd_usual_}}).dump();
}

Result<BodyState> BodyState::decode(std::string_view text) {
    const auto json = nlohmann::json::parse(text, nullptr, false);
    const Error bad{ErrorCode::BadEncoding, "not what was learned of a body"};
    const auto in_range = [](const nlohmann::json& value, double high) {
        return value.is_number() && value.get<double>() >= 0 && value.get<double>() <= high;
    };
    if (!json.is_object() || json.value("v", nlohmann::json()) != 1 || !json.contains("minutes") ||
        !json["minutes"].is_array() || !json.contains("rmssd_ms") || !in_range(json["rmssd_ms"], kRmssdMax)) {
        return bad;
    }
    BodyState out;
    out.rmssd_usual_ = json["rmssd_ms"].get<double>();
    for (const nlohmann::json& one : json["minutes"]) {
        if (!one.is_array() || one.size() != 2 || !one[0].is_number_unsigned() ||
            one[0].get<std::uint64_t>() >= kBeatsMax || !in_range(one[1], 1 / kFades)) {
            return bad;
        }
        double& count = out.seen_[one[0].get<std::size_t>()];
        out.seen_sum_ += one[1].get<double>() - count;
        count = one[1].get<double>();
    }
    return out;
}

}  // namespace ambit::wearable
