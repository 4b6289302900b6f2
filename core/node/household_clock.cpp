#include "node/household_clock.h"

#include <algorithm>

namespace ambit::node {
namespace {

// A peer may say anything; times beyond the year 2270 are no times.
constexpr microseconds kLatest = std::chrono::hours(24 * 365 * 300);

// By the same machine's two clocks: it changes when the civil one is set, or when the machine slept.
microseconds base_of(Now system) {
    return system.wall.time_since_epoch() - system.mono.time_since_epoch();
}

microseconds between(microseconds a, microseconds b) {
    return a > b ? a - b : b - a;
}

// "7 minutes behind", of a clock that is `ahead` of the others.
std::string distance(microseconds ahead) {
    const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(between(ahead, {})).count();
    const bool days = minutes >= std::int64_t{2} * 24 * 60;
    const std::string span =
        days ? std::to_string(minutes / (24 * 60)) + " days" : std::to_string(minutes) + " minutes";
    return span + (ahead > microseconds{0} ? " ahead" : " behind");
}

}  // namespace

void HouseholdClock::restore(WallTime written, Now system) {
    floor_ = written;
    begin(system);
}

void HouseholdClock::begin(Now system) {
    own_ahead_ = by_itself(system);
    offset_ = own_ahead_;
}

microseconds HouseholdClock::by_itself(Now system) const {
    return system.wall + kLostMin < floor_ ? floor_ - system.wall : microseconds{0};
}

bool HouseholdClock::was_set(Now system) const {
    return base_ && between(*base_, base_of(system)) >= kJumpMin;
}

Now HouseholdClock::adjusted(Now system) const {
    // Until judge() sees it, too: an offset is only true of the clock that it was found for, and what is
    // written ahead of time stays unread until then.
    const microseconds offset = was_set(system) ? by_itself(system) : offset_;
    return {std::max(system.wall + offset, floor_), system.mono};
}

void HouseholdClock::on_peer(const DeviceId& peer, WallTime theirs, int weight, Now system) {
    if (theirs.time_since_epoch() >= microseconds{0} && theirs.time_since_epoch() <= kLatest) {
        peers_[peer] = {theirs - system.wall, weight};
    }
}

int HouseholdClock::weight_around(microseconds ahead) const {
    int weight = 0;
    for (const auto& [id, peer] : peers_) {
        weight += between(peer.ahead, ahead) <= kToleranceMax ? peer.weight : 0;
    }
    return weight;
}

microseconds HouseholdClock::mean_around(microseconds ahead) const {
    microseconds sum{0};
    std::int64_t count = 0;
    for (const auto& [id, peer] : peers_) {
        if (between(peer.ahead, ahead) <= kToleranceMax) {
            // Around `ahead`, so that the sum of many can't overflow.
            sum += peer.ahead - ahead;
            ++count;
        }
    }
    return count == 0 ? ahead : ahead + sum / count;
}

bool HouseholdClock::judge(int own_weight, Now system) {
    const bool is_new = was_set(system);
    if (is_new) {
        peers_.clear();
        begin(system);
    }
    base_ = base_of(system);

    // Who stands by what this device believes, and the heaviest group that does not.  A device whose own
    // clock speaks against what it wrote has no say.
    const bool is_torn = own_ahead_ != microseconds{0} && weight_around(microseconds{0}) > 0;
    const int ours = (is_torn ? 0 : own_weight) + weight_around(own_ahead_);
    int theirs = 0;
    microseconds ahead{0};
    for (const auto& [id, peer] : peers_) {
        const int weight = weight_around(peer.ahead);
        if (between(peer.ahead, own_ahead_) > kToleranceMax && weight > theirs) {
            theirs = weight;
            ahead = peer.ahead;
        }
    }
    const bool enough = theirs >= 2;
    if (enough && theirs > ours) {
        offset_ = mean_around(ahead);
    } else if (!peers_.empty() && ours > theirs && (ours > own_weight || own_weight >= 2)) {
        offset_ = own_ahead_;
    }
    if (is_agreed() && system.wall + offset_ + kToleranceMax < floor_) {
        // The household's time, and what was written is ahead of it.
        floor_ = {};
        own_ahead_ = microseconds{0};
    }
    trouble_ = describe(enough && theirs == ours, system);
    return is_new;
}

std::optional<Error> HouseholdClock::describe(bool outvoted, Now system) const {
    if (offset_ != own_ahead_) {
        return Error{ErrorCode::ClockOff,
                     "this device's clock is " + distance(-offset_) + "; the household's time is used"};
    }
    if (outvoted) {
        return Error{ErrorCode::ClockOff, "the household's devices disagree about the time"};
    }
    if (system.wall + kToleranceMax < floor_) {
        return Error{ErrorCode::ClockOff,
                     "this device's clock is " + distance(system.wall - floor_) + " what it wrote before"};
    }
    return std::nullopt;
}

}  // namespace ambit::node
