// Signals: which of a vehicle's signals tell of its cabin and act for it, and what their values mean.
//
// Names differ between versions of the Vehicle Signal Specification (VSS), so each role takes the first
// signal that the vehicle has.  Pure.  Ownership: values.  Threads: any.  Failure: VehicleCannot for a
// command that does not fit; a value that makes no sense counts as not known and is named.  Spec:
// docs/spec/vehicle.md.
#pragma once

#include <array>

#include "vehicle/messages.h"

namespace ambit::vehicle {

// The signals' place in every vehicle.
inline constexpr const char* kRoot = "Vehicle";
// A databroker's clock may be this much ahead.
inline constexpr seconds kAheadMax{120};
// Of the fan's range, while the cabin is being made ready.
inline constexpr double kFanShare = 0.6;
// Below this charge, and not plugged in, the battery is for driving.
inline constexpr double kChargeMin = 20;
// Two temperatures that are one.
inline constexpr double kNear = 0.5;

enum class Role : std::uint8_t {
    CabinTemperature,
    OutsideTemperature,
    DriverTarget,
    PassengerTarget,
    DriverFan,
    PassengerFan,
    AirConditioning,
    Precondition,  // of the car's own
    Charge,
    Plugged,
    IsMoving,
    Speed,
};
inline constexpr std::size_t kRoles = 12;

// What of the vehicle is used.
class Mapping {
  public:
    Mapping() = default;
    // `own_precondition`: the path of the car's own signal for it; empty: none.
    Mapping(const Signals& signals, const std::string& own_precondition);

    const Signal* at(Role role) const;
    // Of all that is used.
    std::vector<std::string> paths() const;
    // What there has to be and is not, for people; empty: nothing.
    std::string missing() const;

  private:
    std::array<std::optional<Signal>, kRoles> signals_;
    std::string own_;
};

struct Cabin {
    std::optional<double> cabin_c;
    std::optional<double> outside_c;
    std::optional<double> target_c;
    std::optional<double> charge_pct;
    std::optional<bool> on;
    std::optional<bool> plugged;
    std::optional<bool> moving;
    bool electric = false;               // there is a charge to look after, known or not
    std::vector<std::string> senseless;  // "Vehicle.Speed: not a number"
};

Cabin cabin_of(const Mapping& mapping, const Readings& readings, WallTime now);
// JSON object; what is not known is not in it.
std::string state_json(const Cabin& cabin);
// What has to be known before anything is changed, and is not; empty: nothing.
std::string unknown(const Cabin& cabin);
// Why nothing may be changed now; empty: it may.  `on`: it would be switched on.
std::string unsafe(const Cabin& cabin, bool on);

struct Wanted {
    std::vector<Order> orders;
    bool on = false;
};

Result<Wanted> wanted_of(const Mapping& mapping, const std::string& capability, std::string_view input_json);
// Do the current values show it?
bool met(const Wanted& wanted, const Mapping& mapping, const Readings& readings, WallTime now);

}  // namespace ambit::vehicle
