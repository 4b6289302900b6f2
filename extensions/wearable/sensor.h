// Sensor: a heart-rate sensor that is worn, over Bluetooth, through the BlueZ daemon.
//
// Named by its address, so that a stranger's strap is never taken for one's own.  It is looked for while it
// is away, connected when it is there, and asked to notify.
// Ownership: destroying it lets go of the sensor; nothing is told after that.  Threads: the loop's; D-Bus has
// a thread of its own inside.  Failure: WearableLost (5402) and WearableNoBluetooth (5403) by on_state(),
// also where D-Bus is not built in; it goes on by itself. Spec: docs/spec/agents.md section "Body state".
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "loop/loop.h"
#include "wearable/heart_measurement.h"

namespace ambit::wearable {

class Sensor {
  public:
    struct Events {
        std::function<void(const HeartMeasurement&)> on_measurement;
        // Told when it begins to work and when it stops, or why it does not differs.
        std::function<void(const Result<void>&)> on_state;
    };

    // `address`: "A0:B1:C2:D3:E4:F5".
    static std::unique_ptr<Sensor> start(Loop& loop, const std::string& address, Events events);
    virtual ~Sensor() = default;
};

}  // namespace ambit::wearable
