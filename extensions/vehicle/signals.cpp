#include "vehicle/signals.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

namespace ambit::vehicle {
namespace {

using nlohmann::json;

enum class Sort : std::uint8_t { Number, Flag };

struct Row {
    Role role;
    Sort sort;
    bool actuator;
    double min;  // of values that make sense
    double max;
    std::array<const char*, 3> paths;  // newest names first; null: no more
};

constexpr double kColdest = -60;
constexpr double kHottest = 90;

// The newest name first: VSS 6.0, then 5.1 and 4.0, then what came before.
// clang-format off
constexpr Row kRows[] = {
    {Role::CabinTemperature, Sort::Number, false, kColdest, kHottest,
     {"Vehicle.Cabin.HVAC.AmbientAirTemperature"}},
    {Role::OutsideTemperature, Sort::Number, false, kColdest, kHottest,
     {"Vehicle.Exterior.AirTemperature", "Vehicle.OBD.AmbientAirTemperature", "Vehicle.AmbientAirTemperature"}},
    {Role::DriverTarget, Sort::Number, true, kColdest, kHottest,
     {"Vehicle.Cabin.HVAC.Station.Row1.Driver.Temperature", "Vehicle.Cabin.HVAC.Station.Row1.Left.Temperature"}},
    {Role::PassengerTarget, Sort::Number, true, kColdest, kHottest,
     {"Vehicle.Cabin.HVAC.Station.Row1.Passenger.Temperature", "Vehicle.Cabin.HVAC.Station.Row1.Right.Temperature"}},
    {Role::DriverFan, Sort::Number, true, 0, 1000,
     {"Vehicle.Cabin.HVAC.Station.Row1.Driver.FanSpeed", "Vehicle.Cabin.HVAC.Station.Row1.Left.FanSpeed"}},
    {Role::PassengerFan, Sort::Number, true, 0, 1000,
     {"Vehicle.Cabin.HVAC.Station.Row1.Passenger.FanSpeed", "Vehicle.Cabin.HVAC.Station.Row1.Right.FanSpeed"}},
    {Role::AirConditioning, Sort::Flag, true, 0, 1,
     {"Vehicle.Cabin.HVAC.IsAirConditioningActive"}},
    {Role::Charge, Sort::Number, false, 0, 100,
     {"Vehicle.Powertrain.TractionBattery.StateOfCharge.Current",
      "Vehicle.Powertrain.TractionBattery.StateOfCharge.Displayed"}},
    {Role::Plugged, Sort::Flag, false, 0, 1,
     {"Vehicle.Powertrain.TractionBattery.Charging.ChargingPort.AnyPosition.IsChargingCableConnected",
      "Vehicle.Powertrain.TractionBattery.Charging.IsChargingCableConnected",
      "Vehicle.Powertrain.TractionBattery.Charging.IsCharging"}},
    {Role::IsMoving, Sort::Flag, false, 0, 1, {"Vehicle.IsMoving"}},
    {Role::Speed, Sort::Number, false, -1000, 1000, {"Vehicle.Speed"}},
};

// clang-format on

bool fits(const Signal& signal, Sort sort, bool actuator) {
    const bool flag = signal.type == Type::Flag;
    const bool number = !flag && signal.type != Type::Text && signal.type != Type::Other;
    return (sort == Sort::Flag ? flag : number) && (signal.actuator || !actuator);
}

std::optional<double> number_of(const Value& value) {
    if (const auto* whole = std::get_if<std::int64_t>(&value)) {
        return static_cast<double>(*whole);
    }
    if (const auto* natural = std::get_if<std::uint64_t>(&value)) {
        return static_cast<double>(*natural);
    }
    const auto* real = std::get_if<double>(&value);
    return real != nullptr ? std::optional(*real) : std::nullopt;
}

// Reads values, and notes what is wrong with them.
class Reader {
  public:
    Reader(const Mapping& mapping,
           const Readings& readings,
           WallTime now,
           std::vector<std::string>& senseless)
        : mapping_(mapping), readings_(readings), now_(now), senseless_(senseless) {}

    std::optional<double> number(Role role) const {
        const Reading* reading = known(role);
        if (reading == nullptr) {
            return std::nullopt;
        }
        const Row* row = std::find_if(std::begin(kRows), std::end(kRows),
                                      [&](const Row& one) { return one.role == role; });
        const auto value = number_of(reading->value);
        if (!value || !std::isfinite(*value)) {
            return wrong<double>(role, "not a number");
        }
        if (row != std::end(kRows) && (*value < row->min || *value > row->max)) {
            return wrong<double>(role, "out of any range");
        }
        return value;
    }

    std::optional<bool> flag(Role role) const {
        const Reading* reading = known(role);
        if (reading == nullptr) {
            return std::nullopt;
        }
        const bool* value = std::get_if<bool>(&reading->value);
        return value != nullptr ? std::optional(*value) : wrong<bool>(role, "neither true nor false");
    }

    // Of a fan's range: 0 is off.
    std::optional<double> share(Role role) const {
        const auto value = number(role);
        const Signal* signal = mapping_.at(role);
        if (!value || signal == nullptr) {
            return std::nullopt;
        }
        const double min = signal->min.value_or(0);
        return (*value - min) / std::max(1.0, signal->max.value_or(100) - min);
    }

  private:
    const Reading* known(Role role) const {
        const Signal* signal = mapping_.at(role);
        const auto at = signal == nullptr ? readings_.end() : readings_.find(signal->path);
        if (at == readings_.end() || std::holds_alternative<std::monostate>(at->second.value)) {
            return nullptr;
        }
        if (at->second.at && *at->second.at > now_ + kAheadMax) {
            wrong<bool>(role, "from the future");
            return nullptr;
        }
        return &at->second;
    }

    template <typename T>
    std::optional<T> wrong(Role role, const char* what) const {
        senseless_.push_back(mapping_.at(role)->path + ": " + what);
        return std::nullopt;
    }

    const Mapping& mapping_;
    const Readings& readings_;
    WallTime now_;
    std::vector<std::string>& senseless_;
};

double rounded(double value, double steps) {
    return std::round(value * steps) / steps;
}

struct Asked {
    bool on = false;
    std::optional<double> target_c;
};

Error cannot(std::string why) {
    return {ErrorCode::VehicleCannot, std::move(why)};
}

Result<Asked> asked_of(const std::string& capability, std::string_view input_json) {
    const json input = json::parse(input_json, nullptr, false);
    if (capability != "cabin.precondition" || !input.is_object() || !input.contains("on") ||
        !input["on"].is_boolean()) {
        return cannot("a cabin takes \"on\" and \"target_c\"");
    }
    Asked asked{input["on"].get<bool>(), std::nullopt};
    const auto degrees = input.find("target_c");
    if (asked.on && degrees != input.end() && degrees->is_number()) {
        asked.target_c = degrees->get<double>();
    }
    return asked;
}

Result<void> add_target(Wanted& wanted, const Signal* signal, double target_c) {
    if (signal == nullptr) {
        return {};
    }
    const double min = signal->min.value_or(kColdest);
    const double max = signal->max.value_or(kHottest);
    if (target_c < min || target_c > max) {
        return cannot("this car takes " + std::to_string(std::lround(min)) + " to " +
                      std::to_string(std::lround(max)) + " degrees");
    }
    const bool whole = signal->type != Type::Real32 && signal->type != Type::Real64;
    wanted.orders.push_back({signal->path, signal->type, whole ? std::round(target_c) : target_c});
    return {};
}

void add_fan(Wanted& wanted, const Signal* signal, bool on) {
    if (signal != nullptr) {
        const double min = std::max(0.0, signal->min.value_or(0));
        const double max = std::max(min, signal->max.value_or(100));
        const double value = on ? std::ceil(min + kFanShare * (max - min)) : min;
        wanted.orders.push_back({signal->path, signal->type, std::min(value, max)});
    }
}

void add_flag(Wanted& wanted, const Signal* signal, bool on) {
    if (signal != nullptr) {
        wanted.orders.push_back({signal->path, signal->type, on ? 1.0 : 0.0});
    }
}

}  // namespace

Mapping::Mapping(const Signals& signals, const std::string& own_precondition) : own_(own_precondition) {
    for (const Row& row : kRows) {
        for (const char* path : row.paths) {
            const auto at = path == nullptr ? signals.end() : signals.find(path);
            if (at != signals.end() && fits(at->second, row.sort, row.actuator)) {
                signals_[static_cast<std::size_t>(row.role)] = at->second;
                break;
            }
        }
    }
    const auto own = signals.find(own_);
    if (own != signals.end() && fits(own->second, Sort::Flag, true)) {
        signals_[static_cast<std::size_t>(Role::Precondition)] = own->second;
    }
}

const Signal* Mapping::at(Role role) const {
    const auto& signal = signals_[static_cast<std::size_t>(role)];
    return signal ? &*signal : nullptr;
}

std::vector<std::string> Mapping::paths() const {
    std::vector<std::string> paths;
    for (const auto& signal : signals_) {
        if (signal) {
            paths.push_back(signal->path);
        }
    }
    return paths;
}

std::string Mapping::missing() const {
    if (!own_.empty() && at(Role::Precondition) == nullptr) {
        return own_ + " as a boolean actuator";
    }
    if (at(Role::IsMoving) == nullptr && at(Role::Speed) == nullptr) {
        return "Vehicle.IsMoving or Vehicle.Speed";
    }
    if (at(Role::Precondition) == nullptr && at(Role::DriverFan) == nullptr &&
        at(Role::AirConditioning) == nullptr) {
        return "a fan or an air conditioning that can be set";
    }
    return "";
}

Cabin cabin_of(const Mapping& mapping, const Readings& readings, WallTime now) {
    Cabin cabin;
    const Reader reader(mapping, readings, now, cabin.senseless);
    cabin.cabin_c = reader.number(Role::CabinTemperature);
    cabin.outside_c = reader.number(Role::OutsideTemperature);
    cabin.target_c = reader.number(Role::DriverTarget);
    cabin.charge_pct = reader.number(Role::Charge);
    cabin.electric = mapping.at(Role::Charge) != nullptr;
    cabin.plugged = reader.flag(Role::Plugged);
    if (mapping.at(Role::Precondition) != nullptr) {
        cabin.on = reader.flag(Role::Precondition);
    } else if (mapping.at(Role::DriverFan) != nullptr) {
        const auto share = reader.share(Role::DriverFan);
        cabin.on = share ? std::optional(*share > 0) : std::nullopt;
    } else {
        cabin.on = reader.flag(Role::AirConditioning);
    }
    const auto moves = reader.flag(Role::IsMoving);
    const auto speed = reader.number(Role::Speed);
    if (moves || speed) {
        cabin.moving = moves.value_or(false) || std::abs(speed.value_or(0)) > 0.1;
    }
    return cabin;
}

std::string state_json(const Cabin& cabin) {
    json state = json::object();
    const auto put = [&](const char* name, const std::optional<double>& value, double steps) {
        if (value) {
            state[name] = rounded(*value, steps);
        }
    };
    const auto flag = [&](const char* name, const std::optional<bool>& value) {
        if (value) {
            state[name] = *value;
        }
    };
    put("cabin_c", cabin.cabin_c, 10);
    put("outside_c", cabin.outside_c, 2);
    put("target_c", cabin.target_c, 10);
    put("charge_pct", cabin.charge_pct, 1);
    flag("on", cabin.on);
    flag("plugged", cabin.plugged);
    flag("moving", cabin.moving);
    return state.dump();
}

std::string unknown(const Cabin& cabin) {
    if (!cabin.moving) {
        return "whether the car is moving is not known";
    }
    return cabin.electric && !cabin.charge_pct && cabin.plugged != true
               ? "how full the car's battery is is not known"
               : "";
}

std::string unsafe(const Cabin& cabin, bool on) {
    if (std::string what = unknown(cabin); !what.empty()) {
        return what;
    }
    if (*cabin.moving) {
        return "the car is moving";
    }
    if (on && cabin.charge_pct && *cabin.charge_pct < kChargeMin && !cabin.plugged.value_or(false)) {
        return "the car's battery is below 20 % and it is not plugged in";
    }
    return "";
}

Result<Wanted> wanted_of(const Mapping& mapping, const std::string& capability, std::string_view input_json) {
    AMBIT_TRY_ASSIGN(const Asked asked, asked_of(capability, input_json));
    Wanted wanted;
    wanted.on = asked.on;
    if (asked.target_c) {
        AMBIT_TRY(add_target(wanted, mapping.at(Role::DriverTarget), *asked.target_c));
        AMBIT_TRY(add_target(wanted, mapping.at(Role::PassengerTarget), *asked.target_c));
    }
    if (mapping.at(Role::Precondition) != nullptr) {
        add_flag(wanted, mapping.at(Role::Precondition), asked.on);
    } else {
        add_fan(wanted, mapping.at(Role::DriverFan), asked.on);
        add_fan(wanted, mapping.at(Role::PassengerFan), asked.on);
        add_flag(wanted, mapping.at(Role::AirConditioning), asked.on);
    }
    return wanted;
}

bool met(const Wanted& wanted, const Mapping& mapping, const Readings& readings, WallTime now) {
    const Cabin cabin = cabin_of(mapping, readings, now);
    if (cabin.on != wanted.on) {
        return false;
    }
    for (const Order& order : wanted.orders) {
        const Signal* target = mapping.at(Role::DriverTarget);
        if (target != nullptr && order.path == target->path &&
            (!cabin.target_c || std::abs(*cabin.target_c - order.value) > kNear)) {
            return false;
        }
    }
    return true;
}

}  // namespace ambit::vehicle
