// Messages: what Home Assistant says over its WebSocket API, as far as it is of use here.
//
// Pure.  Ownership: values.  Threads: any.  Failure: HomeAssistantNonsense for what is no message, and for an
// answer that is not the list asked for; a row of a list that can't be used is left out.  Names from outside
// stay data.  Limits: named below. Spec: docs/spec/homeassistant.md, from Home Assistant's public developer
// documentation.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"

namespace ambit::homeassistant {

inline constexpr std::size_t kRowsMax = 16'384;  // of one list
inline constexpr std::size_t kNameBytesMax = 256;
inline constexpr std::size_t kChoicesMax = 256;  // of one thing

struct Area {
    std::string name;
    std::string floor_id;
};

struct Device {
    std::string area_id;
    bool disabled = false;
    std::string name;   // as its owner calls it
    std::string model;  // with its maker: "IKEA LED1837R5"
};

struct Registered {
    std::string platform;   // the integration it comes from: "mqtt"
    std::string unique_id;  // there
    std::string device_id;
    std::string area_id;
    bool disabled = false;
    bool hidden = false;
    std::string category;  // "config", "diagnostic"; empty: it is what the device is there for
};

struct State {
    std::string state;  // "on", "21.5", "unavailable"
    std::string friendly_name;
    std::string unit;
    std::string device_class;
    std::optional<bool> muted;                 // of a media player
    std::map<std::string, double> numbers;     // the attributes kNumbers, as far as they are there
    std::map<std::string, std::string> texts;  // the attributes kTexts, the same
    std::vector<std::string> choices;          // modes of what heats or cools, options of a select

    std::optional<double> number(const std::string& name) const;
    std::string text(const std::string& name) const;  // empty if it is not there
    friend bool operator==(const State&, const State&) = default;
};

// Attributes that are kept: brightness is 0 to 255, volume_level 0 to 1.
inline constexpr const char* kNumbers[] = {
    "brightness",          "color_temp_kelvin", "current_position", "percentage",         "temperature",
    "current_temperature", "humidity",          "volume_level",     "supported_features", "step"};
inline constexpr const char* kTexts[] = {"source", "event_type", "installed_version", "latest_version"};

// The lists, by their own id or by entity id.
using Floors = std::map<std::string, std::string>;
using Areas = std::map<std::string, Area>;
using Devices = std::map<std::string, Device>;
using Registry = std::map<std::string, Registered>;
using States = std::map<std::string, State>;

struct Config {
    bool fahrenheit = false;  // temperatures are told and taken in this
};

// What was asked for with a number, so that the answer can be read.
enum class Wish : std::uint8_t { Nothing, FloorList, AreaList, DeviceList, EntityList, StateList, Config };

struct AuthRequired {};

struct AuthOk {};

struct AuthInvalid {};

struct Pong {
    std::int64_t id = 0;
};

struct Answer {
    std::int64_t id = 0;
    bool success = false;
    std::string problem;         // when it failed: "code: message", printable
    std::optional<Error> wrong;  // what it says is no such list; `result` is empty then
    std::size_t left_out = 0;    // rows beyond kRowsMax
    std::variant<std::monostate, Floors, Areas, Devices, Registry, States, Config> result;
};

struct StateChanged {
    std::string entity_id;
    std::optional<State> state;  // none: it was removed
};

struct RegistryChanged {};

// Something that is of no use here.
struct Other {};

using Message =
    std::variant<Other, AuthRequired, AuthOk, AuthInvalid, Pong, Answer, StateChanged, RegistryChanged>;

// `wish_of` tells what was asked for with that number.
Result<Message> parse_message(std::string_view text, const std::function<Wish(std::int64_t)>& wish_of);

// "light.kitchen" -> "light"; "" if it is no entity id.
std::string domain_of(std::string_view entity_id);

}  // namespace ambit::homeassistant
