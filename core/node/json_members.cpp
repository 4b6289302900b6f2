#include "node/json_members.h"

#include <nlohmann/json.hpp>

#include "facts/fact.h"

namespace ambit::node {

nlohmann::json json_of(const facts::Fact& fact) {
    const auto* json = std::get_if<facts::Json>(&fact.value);
    return nlohmann::json::parse(json == nullptr ? "" : json->text, nullptr, false);
}

std::string text_at(const nlohmann::json& object, const char* name) {
    const auto at = object.find(name);
    return at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
}

std::optional<double> number_at(const nlohmann::json& object, const char* name) {
    const auto at = object.find(name);
    return at != object.end() && at->is_number() ? std::optional(at->get<double>()) : std::nullopt;
}

std::optional<WallTime> time_at(const nlohmann::json& object, const char* name) {
    constexpr double kMsMax = 253'402'300'799'999;
    const auto at = object.find(name);
    if (at == object.end() || !at->is_number_integer() || at->get<double>() < 0 ||
        at->get<double>() > kMsMax) {
        return std::nullopt;
    }
    return WallTime(milliseconds(at->get<std::int64_t>()));
}

bool flag_at(const nlohmann::json& object, const char* name) {
    const auto at = object.find(name);
    return at != object.end() && at->is_boolean() && at->get<bool>();
}

std::int64_t ms_of(WallTime time) {
    return std::chrono::duration_cast<milliseconds>(time.time_since_epoch()).count();
}

std::string text_of(const nlohmann::json& json) {
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace ambit::node
