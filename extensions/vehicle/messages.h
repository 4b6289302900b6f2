// Messages: what travels between Ambit and a vehicle's databroker, as far as it is of use here.
//
// Pure.  Ownership: values.  Threads: any.  Failure: VehicleNonsense for bytes that are no such message or
// more than a named limit.  What a value means is for signals.h.  Spec: docs/spec/vehicle.md.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"

namespace ambit::vehicle {

inline constexpr std::size_t kMessageBytesMax = 4U << 20U;
inline constexpr std::size_t kSignalsMax = 65'536;  // that a vehicle has
inline constexpr std::size_t kReadingsMax = 64;     // of one message: more were not asked for
inline constexpr std::size_t kPathBytesMax = 256;
inline constexpr std::uint32_t kBufferSize = 1000;  // changes that the databroker keeps for a slow reader

enum class Method : std::uint8_t { List, Follow, Values, Actuate };
// "/kuksa.val.v2.VAL/ListMetadata"
const char* wire_name(Method method);

// Nothing known, or what it is; integers of all widths are one.
using Value = std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string>;

struct Reading {
    Value value;
    std::optional<WallTime> at;  // as the databroker has it; none if it does not say, or says nonsense
};

// How a signal's value is written.
enum class Type : std::uint8_t { Other, Text, Flag, Int32, Int64, Uint32, Uint64, Real32, Real64 };

struct Signal {
    std::string path;
    Type type = Type::Other;
    bool actuator = false;
    std::optional<double> min;
    std::optional<double> max;
};

// By path.
using Signals = std::map<std::string, Signal>;
using Readings = std::map<std::string, Reading>;

// `value` is written as `type`; it fits.
struct Order {
    std::string path;
    Type type = Type::Other;
    double value = 0;
};

Bytes list_request(const std::string& root);
Bytes follow_request(const std::vector<std::string>& paths);
Bytes values_request(const std::vector<std::string>& paths);
Bytes actuate_request(const std::vector<Order>& orders);

// A signal without a path or with one that is too long is left out.
Result<Signals> parse_list(ByteView bytes);
Result<Readings> parse_follow(ByteView bytes);
// In the order of the request.
Result<std::vector<Reading>> parse_values(ByteView bytes);

}  // namespace ambit::vehicle
