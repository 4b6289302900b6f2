// Screen: the port through which an extension shows the household's own states and buttons to other systems.
//
// A screen is told only what the gate let go to its service.  It may come and go; whenever it is there anew
// it asks for everything again. Ownership: the daemon owns screens and destroys them before what listens to
// them. Threads: every call and every event is on the loop.  Failure: none; what can't be shown is left out.
// Spec: docs/spec/mqtt.md, "What Ambit announces itself".
#pragma once

#include <string>
#include <string_view>

#include "privacy/gate.h"

namespace ambit::capability {

// One state or button.
struct Shown {
    // What it belongs to on a dashboard: a device, or the household itself.
    struct Of {
        std::string id;  // a-z, 0-9 and _
        std::string name;
        std::string kind;     // "hub"; "household"
        std::string version;  // empty: unknown
        friend bool operator==(const Of&, const Of&) = default;
    };

    std::string id;  // a-z, 0-9 and _; unique in the household, and the same on all that show it
    Of of;
    std::string name;          // "Battery"
    std::string domain;        // "binary_sensor", "sensor", "button" or "climate"
    std::string device_class;  // "battery"; empty: none
    std::string unit;          // "%"; empty: none
    // binary_sensor {"on"}; sensor {"value"}; climate {"on","temperature_c","current_temperature_c"}; a
    // member that is missing is not known.
    std::string state_json = "{}";
    bool available = true;
    friend bool operator==(const Shown&, const Shown&) = default;
};

std::string encode_shown(const Shown& shown);
// InvalidArgument for what encode_shown() can't have made.
Result<Shown> decode_shown(std::string_view json);

class Screen {
  public:
    virtual ~Screen() = default;

    virtual privacy::Service service() const = 0;
    // An encoded Shown; takes the place of what was shown with its id.
    virtual void show(const std::string& shown_json) = 0;
    virtual void hide(const std::string& id) = 0;
};

class ScreenEvents {
  public:
    virtual ~ScreenEvents() = default;

    // It is there, and knows nothing.
    virtual void on_screen_ready() = 0;
    // `id` was shown by this device before it was started, and is not now: true if it will be again, false to
    // have it taken back.
    virtual bool on_screen_left(const std::string& id) = 0;
    // Somebody there pressed a button (`input_json` is {}), or wants a state to be so ({"on":true}).
    virtual void on_screen_asked(const std::string& id, const std::string& input_json) = 0;
};

}  // namespace ambit::capability
