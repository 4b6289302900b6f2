#include "wearable/sensor.h"

#include "wearable/bluez.h"
#include "wearable/bluez_objects.h"

namespace ambit::wearable {
namespace {

// Says once why there is none.
class NoSensor final : public Sensor {
  public:
    NoSensor(Loop& loop, Events events, Error error) : events_(std::make_shared<Events>(std::move(events))) {
        loop.post([to = std::weak_ptr(events_), error = std::move(error)] {
            if (const auto still = to.lock()) {
                still->on_state(error);
            }
        });
    }

  private:
    std::shared_ptr<Events> events_;
};

}  // namespace

std::unique_ptr<Sensor> Sensor::start(Loop& loop, const std::string& address, Events events) {
    if (!is_address(address)) {
        return std::make_unique<NoSensor>(
            loop, std::move(events),
            Error{ErrorCode::InvalidArgument,
                  "wearable.sensor: expected an address such as A0:B1:C2:D3:E4:F5"});
    }
#if AMBIT_HAS_DBUS
    return start_bluez(loop, address, std::move(events));
#else
    return std::make_unique<NoSensor>(loop, std::move(events),
                                      Error{ErrorCode::WearableNoBluetooth, "this build has no D-Bus"});
#endif
}

}  // namespace ambit::wearable
