#include "vehicle/messages.h"

#include <algorithm>
#include <cmath>

#include "vehicle/kuksa.pb.h"

namespace ambit::vehicle {
namespace {

constexpr int kActuator = 3;  // of entry_type
// Any clock that people set; beyond it a time is nonsense, and may not fit.
constexpr std::int64_t kSecondsMax = 253'402'300'799;  // the year 9999
constexpr double kLimitMax = 1e6;                      // of what is set here

// By data_type, from 1: integers of 8 and 16 bits are written as 32.
constexpr Type kTypes[] = {Type::Text,   Type::Flag,   Type::Int32,  Type::Int32,
                           Type::Int32,  Type::Int64,  Type::Uint32, Type::Uint32,
                           Type::Uint32, Type::Uint64, Type::Real32, Type::Real64};

Type type_of(int data_type) {
    return data_type >= 1 && data_type <= static_cast<int>(std::size(kTypes)) ? kTypes[data_type - 1]
                                                                              : Type::Other;
}

Value value_of(const v1::Value& value) {
    switch (value.of_case()) {
        case v1::Value::kText:
            return value.text();
        case v1::Value::kFlag:
            return value.flag();
        case v1::Value::kInt32:
            return std::int64_t{value.int32()};
        case v1::Value::kInt64:
            return std::int64_t{value.int64()};
        case v1::Value::kUint32:
            return std::uint64_t{value.uint32()};
        case v1::Value::kUint64:
            return std::uint64_t{value.uint64()};
        case v1::Value::kReal32:
            return double{value.real32()};
        case v1::Value::kReal64:
            return value.real64();
        case v1::Value::OF_NOT_SET:
            break;
    }
    return {};
}

std::optional<double> limit_of(bool there, const v1::Value& value) {
    const Value limit = there ? value_of(value) : Value{};
    std::optional<double> number;
    if (const auto* one = std::get_if<std::int64_t>(&limit)) {
        number = static_cast<double>(*one);
    } else if (const auto* other = std::get_if<std::uint64_t>(&limit)) {
        number = static_cast<double>(*other);
    } else if (const auto* real = std::get_if<double>(&limit)) {
        number = *real;
    }
    return number && std::abs(*number) <= kLimitMax ? number : std::nullopt;  // so not for what is no number
}

Reading reading_of(const v1::Reading& reading) {
    Reading result{value_of(reading.value()), std::nullopt};
    const v1::Moment& at = reading.at();
    if (reading.has_at() && at.seconds() >= 0 && at.seconds() <= kSecondsMax && at.nanos() >= 0 &&
        at.nanos() < 1'000'000'000) {
        result.at = WallTime(seconds(at.seconds())) + microseconds(at.nanos() / 1000);
    }
    return result;
}

Error nonsense(const char* what) {
    return {ErrorCode::VehicleNonsense, what};
}

template <typename Message>
Result<Message> parse(ByteView bytes, const char* what) {
    Message message;
    if (bytes.size() > kMessageBytesMax ||
        !message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        return nonsense(what);
    }
    return message;
}

Bytes bytes_of(const google::protobuf::MessageLite& message) {
    return to_bytes(message.SerializeAsString());
}

void put(v1::Value& into, const Order& order) {
    switch (order.type) {
        case Type::Flag:
            return into.set_flag(order.value != 0);
        case Type::Int32:
            return into.set_int32(static_cast<std::int32_t>(std::lround(order.value)));
        case Type::Int64:
            return into.set_int64(std::lround(order.value));
        case Type::Uint32:
            return into.set_uint32(static_cast<std::uint32_t>(std::lround(std::max(order.value, 0.0))));
        case Type::Uint64:
            return into.set_uint64(static_cast<std::uint64_t>(std::lround(std::max(order.value, 0.0))));
        case Type::Real32:
            return into.set_real32(static_cast<float>(order.value));
        case Type::Real64:
            return into.set_real64(order.value);
        case Type::Text:
        case Type::Other:
            break;
    }
}

}  // namespace

const char* wire_name(Method method) {
    constexpr const char* kNames[] = {"/kuksa.val.v2.VAL/ListMetadata", "/kuksa.val.v2.VAL/Subscribe",
                                      "/kuksa.val.v2.VAL/GetValues", "/kuksa.val.v2.VAL/BatchActuate"};
    return kNames[static_cast<std::size_t>(method)];
}

Bytes list_request(const std::string& root) {
    v1::ListRequest request;
    request.set_root(root);
    return bytes_of(request);
}

Bytes follow_request(const std::vector<std::string>& paths) {
    v1::FollowRequest request;
    for (const std::string& path : paths) {
        request.add_paths(path);
    }
    request.set_buffer_size(kBufferSize);
    return bytes_of(request);
}

Bytes values_request(const std::vector<std::string>& paths) {
    v1::ValuesRequest request;
    for (const std::string& path : paths) {
        request.add_names()->set_path(path);
    }
    return bytes_of(request);
}

Bytes actuate_request(const std::vector<Order>& orders) {
    v1::ActuateRequest request;
    for (const Order& order : orders) {
        v1::Order& one = *request.add_orders();
        one.mutable_name()->set_path(order.path);
        put(*one.mutable_value(), order);
    }
    return bytes_of(request);
}

Result<Signals> parse_list(ByteView bytes) {
    AMBIT_TRY_ASSIGN(const v1::ListAnswer answer, parse<v1::ListAnswer>(bytes, "a list of signals"));
    if (static_cast<std::size_t>(answer.signals_size()) > kSignalsMax) {
        return nonsense("too many signals");
    }
    Signals signals;
    for (const v1::Signal& one : answer.signals()) {
        if (!one.path().empty() && one.path().size() <= kPathBytesMax) {
            signals[one.path()] = {one.path(), type_of(one.data_type()), one.entry_type() == kActuator,
                                   limit_of(one.has_min(), one.min()), limit_of(one.has_max(), one.max())};
        }
    }
    // Databrokers before 0.5 tell signals by number alone.
    if (signals.empty() && answer.signals_size() > 0) {
        return nonsense("its list of signals names none by its path");
    }
    return signals;
}

Result<Readings> parse_follow(ByteView bytes) {
    AMBIT_TRY_ASSIGN(const v1::FollowPart part, parse<v1::FollowPart>(bytes, "values that are followed"));
    if (part.readings().size() > kReadingsMax) {
        return nonsense("values that nobody asked for");
    }
    Readings readings;
    for (const auto& [path, reading] : part.readings()) {
        readings[path] = reading_of(reading);
    }
    return readings;
}

Result<std::vector<Reading>> parse_values(ByteView bytes) {
    AMBIT_TRY_ASSIGN(const v1::ValuesAnswer answer, parse<v1::ValuesAnswer>(bytes, "values"));
    if (static_cast<std::size_t>(answer.readings_size()) > kReadingsMax) {
        return nonsense("values that nobody asked for");
    }
    std::vector<Reading> readings;
    for (const v1::Reading& reading : answer.readings()) {
        readings.push_back(reading_of(reading));
    }
    return readings;
}

}  // namespace ambit::vehicle
