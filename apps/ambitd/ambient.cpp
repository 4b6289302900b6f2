#include "ambitd/ambient.h"

#include <algorithm>

#include "ambitd/small_file.h"
#include "ambitd/wearing.h"
#include "node/bedroom_room.h"
#include "node/cabin_room.h"
#include "simulated/cabin.h"
#if AMBIT_HAS_VEHICLE
#include "vehicle/vehicle.h"
#endif
#if AMBIT_HAS_CALENDAR
#include "ambitd/schedule.h"
#else
namespace ambit::daemon {
class Schedule {};
}  // namespace ambit::daemon
#endif

namespace ambit::daemon {
namespace {

constexpr std::size_t kCertificateBytesMax = 64U << 10U;

}  // namespace

Ambient::Ambient(Loop& loop,
                 const settings::Settings& settings,
                 node::Node& node,
                 capability::ProviderEvents& from_providers,
                 std::function<void()> after_event)
    : loop_(loop),
      node_(node),
      from_providers_(from_providers),
      after_event_(std::move(after_event)),
      acts_(node),
      alarm_(loop, [this] { after_event_(); }) {
    start_vehicle(settings);
    start_cabin(settings);
    start_bedroom(settings);
    start_schedule(settings);
    start_wearing(settings);
}

Ambient::~Ambient() {
    if (simulated_cabin_) {
        node_.actions().remove_provider(*simulated_cabin_);
    }
    if (vehicle_) {
        node_.actions().remove_provider(*vehicle_);
    }
}

#if AMBIT_HAS_VEHICLE
void Ambient::start_vehicle(const settings::Settings& settings) {
    if (!settings.vehicle_enabled) {
        return;
    }
    vehicle::Settings car;
    car.source = "vehicle:" + node_.parts().self.short_hex();
    car.address = settings.vehicle_address;
    car.own_precondition = settings.vehicle_precondition_signal;
    car.token = [file = settings.vehicle_token_file]() -> Result<std::string> {
        return file.empty() ? std::string() : read_secret(file);
    };
    if (!settings.vehicle_authority_file.empty()) {
        auto authority = read_file(settings.vehicle_authority_file, kCertificateBytesMax);
        if (!authority) {
            return node_.on_health({car.source, false, authority.error()});
        }
        if (authority->empty()) {
            return node_.on_health(
                {car.source, false, {ErrorCode::VehicleLost, "vehicle.authority_file is empty"}});
        }
        car.authority = std::move(authority).value();
    }
    const std::string source = car.source;
    auto provider = vehicle::VehicleProvider::create(std::move(car), loop_, from_providers_);
    if (!provider) {
        return node_.on_health({source, false, provider.error()});
    }
    vehicle_ = std::move(provider).value();
    node_.actions().add_provider(*vehicle_);
}
#else
void Ambient::start_vehicle(const settings::Settings& settings) {
    if (settings.vehicle_enabled) {
        node_.on_health({"vehicle", false, {ErrorCode::VehicleLost, "this build speaks to no databroker"}});
    }
}
#endif

void Ambient::start_cabin(const settings::Settings& settings) {
    if (settings.cabin_simulated) {
        simulated_cabin_ = std::make_unique<simulated::SimulatedCabin>(
            node_.parts().self, static_cast<double>(settings.cabin_simulated_outside_c), from_providers_);
        node_.actions().add_provider(*simulated_cabin_);
        simulated_cabin_->start();
    }
    if (settings.cabin_enabled) {
        cabin_ = std::make_unique<node::CabinRoom>(
            node_, acts_,
            node::CabinThings{settings.cabin_entity, settings.cabin_temperature_entity,
                              settings.cabin_outside_entity, agents::minutes(settings.cabin_lead_min)});
    }
}

void Ambient::start_bedroom(const settings::Settings& settings) {
    if (!settings.bedroom_area.empty()) {
        bedroom_ = std::make_unique<node::BedroomRoom>(
            node_, acts_, settings.bedroom_area,
            agents::RoomWishes{static_cast<double>(settings.bedroom_awake_c),
                               static_cast<double>(settings.bedroom_asleep_c)});
    }
}

#if AMBIT_HAS_CALENDAR
void Ambient::start_schedule(const settings::Settings& settings) {
    if (settings.calendar_path.empty() && settings.calendar_url.empty()) {
        return;
    }
    const auto person = node_.parts().person();
    if (!person) {
        // A calendar has an owner: a shared device reads nobody's.
        return node_.on_health({"calendar", false, {ErrorCode::NotAllowed, "only on a personal device"}});
    }
    schedule_ = std::make_unique<Schedule>(loop_, node_, *person, settings, after_event_);
}
#else
void Ambient::start_schedule(const settings::Settings& settings) {
    if (!settings.calendar_path.empty() || !settings.calendar_url.empty()) {
        node_.on_health(
            {"calendar", false, {ErrorCode::CalendarUnreadable, "this build reads no calendars"}});
    }
}
#endif

void Ambient::start_wearing(const settings::Settings& settings) {
    if (settings.wearable_replay.empty() && settings.wearable_sensor.empty() && !settings.wearable_posted) {
        return;
    }
    const auto person = node_.parts().person();
    if (!person) {
        return node_.on_health({"wearable", false, {ErrorCode::NotAllowed, "only on a personal device"}});
    }
    wearing_ = std::make_unique<Wearing>(loop_, node_, *person, settings, after_event_);
}

void Ambient::settle(Now now) {
    std::optional<MonoTime> next;
    const auto sooner = [&](MonoTime at) { next = std::min(next.value_or(MonoTime::max()), at); };
    if (simulated_cabin_) {
        simulated_cabin_->tick(now);
        sooner(simulated_cabin_->next_deadline());
    }
    if (cabin_) {
        cabin_->tick(now);
        sooner(cabin_->next_deadline());
    }
    if (bedroom_) {
        bedroom_->tick(now);
        sooner(bedroom_->next_deadline());
    }
    if (cabin_ || bedroom_) {
        sooner(now.mono + kLookEvery);
    }
    alarm_.set(next);
}

}  // namespace ambit::daemon
