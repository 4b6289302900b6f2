// A Sensor through BlueZ's D-Bus interface.  Specification and contract: sensor.h.
#pragma once

#include "wearable/sensor.h"

namespace ambit::wearable {

#if AMBIT_HAS_DBUS
std::unique_ptr<Sensor> start_bluez(Loop& loop, const std::string& address, Sensor::Events events);
#endif

}  // namespace ambit::wearable
