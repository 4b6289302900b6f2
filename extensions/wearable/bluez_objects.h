// What BlueZ says it has, as far as one sensor needs it, and what to ask it for next.
//
// Pure.  Ownership: values.  Threads: any.  Failure: none.
// Spec: BlueZ, doc/adapter-api.txt, doc/device-api.txt, doc/gatt-api.txt.
#pragma once

#include <map>
#include <optional>
#include <string>

namespace ambit::wearable {

// One object's properties that matter.
struct BluezObject {
    bool adapter = false;
    bool powered = false;      // adapters
    bool discovering = false;  // adapters
    std::string address;       // devices
    bool connected = false;    // devices
    bool resolved = false;     // devices: its services are known
    std::string uuid;          // characteristics
    bool notifying = false;    // characteristics
};

// By path.
using BluezObjects = std::map<std::string, BluezObject>;
inline constexpr std::size_t kBluezObjectsMax = 4096;

enum class BluezStep : std::uint8_t {
    NoBluetooth,   // no adapter that is on
    Discover,      // the sensor is not known: have the adapter `path` look for it
    Discovering,   // the same, and it looks already
    Connect,       // `path` is the sensor's
    WaitServices,  // it is connected, and what it can do is not known yet
    NoHeartRate,   // it is known, and no heart rate is in it
    Notify,        // `path` is its measurement's
    Listening      // the same, and it notifies
};

struct BluezNext {
    BluezStep step = BluezStep::NoBluetooth;
    std::string path;
};

BluezNext next_step(const BluezObjects& objects, const std::string& address);
bool is_address(const std::string& text);

}  // namespace ambit::wearable
