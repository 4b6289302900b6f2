#include "agents/departure.h"

#include <algorithm>
#include <vector>

namespace ambit::agents {
namespace {

constexpr minutes kTravelMax{240};

minutes travel_to(const Appointment& appointment, const DepartureWishes& wishes) {
    return std::clamp(appointment.travel.value_or(wishes.travel), minutes{0}, kTravelMax);
}

}  // namespace

std::optional<Departure> next_departure(std::span<const Appointment> appointments,
                                        const DepartureWishes& wishes,
                                        WallTime now) {
    std::vector<Appointment> outings;
    for (const Appointment& one : appointments) {
        if (one.counts && one.elsewhere && !one.all_day) {
            outings.push_back(one);
        }
    }
    std::sort(outings.begin(), outings.end(),
              [](const Appointment& a, const Appointment& b) { return a.start < b.start; });
    std::optional<WallTime> away_until;
    for (const Appointment& one : outings) {
        const minutes travel = travel_to(one, wishes);
        const WallTime leaves = one.start - travel - wishes.margin;
        if (leaves > now + kDepartureHorizon) {
            break;
        }
        // There and back again takes the way twice.
        const bool from_there = away_until && one.start < *away_until + 2 * travel + kHomeBetween;
        away_until = std::max(away_until.value_or(one.end), one.end);
        if (!from_there && one.start > now) {
            return Departure{leaves, std::clamp(wishes.comfort_c, kComfortMin, kComfortMax), one.start,
                             travel};
        }
    }
    return std::nullopt;
}

}  // namespace ambit::agents
