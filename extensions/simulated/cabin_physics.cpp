#include "simulated/cabin_physics.h"

#include <algorithm>
#include <cmath>

namespace ambit::simulated {
namespace {

constexpr double kStepS = 5;  // short against every time constant of a cabin
// A heat pump: full power at 0 degrees and above, half at -25.
constexpr double kWeakest = 0.5;
constexpr double kWeakestAt = -25;
// Degrees off the target at which the thermostat gives full power.
constexpr double kBand = 0.3;
constexpr double kLongestStepS = 3600;
constexpr seconds kLooks{5};
constexpr seconds kKeptMax = std::chrono::hours(24);

}  // namespace

void CabinPhysics::step(seconds span, double outside_c, double sun_w_per_m2, double power) {
    double left = std::min(static_cast<double>(span.count()), kLongestStepS);
    const double asked = std::clamp(power, -1.0, 1.0);
    const double able = std::clamp(1 - (1 - kWeakest) * outside_c / kWeakestAt, kWeakest, 1.0);
    while (left > 0) {
        const double dt = std::min(left, kStepS);
        left -= dt;
        arriving_ += (asked - arriving_) * (1 - std::exp(-dt / car_.blower_s));
        const double full = arriving_ > 0 ? car_.heat_w * able : car_.cool_w;
        const double sun = car_.sun_m2 * sun_w_per_m2;
        const double to_interior = car_.interior_w_per_k * (air_c_ - interior_c_);
        const double air_w =
            full * arriving_ + 0.3 * sun - to_interior - car_.shell_w_per_k * (air_c_ - outside_c);
        const double interior_w =
            0.7 * sun + to_interior - car_.interior_out_w_per_k * (interior_c_ - outside_c);
        air_c_ += air_w * dt / car_.air_j_per_k;
        interior_c_ += interior_w * dt / car_.interior_j_per_k;
        energy_j_ += std::abs(asked) * (asked > 0 ? car_.heat_w * able : car_.cool_w) * dt;
    }
}

void CabinPhysics::keep(seconds span, double outside_c, bool on, double target_c) {
    for (seconds left = std::min(span, kKeptMax); left > seconds{0}; left -= kLooks) {
        step(std::min(left, kLooks), outside_c, 0, thermostat(on, target_c, air_c_));
    }
}

double thermostat(bool on, double target_c, double cabin_c) {
    return on ? std::clamp((target_c - cabin_c) / kBand, -1.0, 1.0) : 0;
}

}  // namespace ambit::simulated
