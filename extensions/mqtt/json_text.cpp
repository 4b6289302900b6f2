#include "mqtt/json_text.h"

#include <cmath>

#include <nlohmann/json.hpp>

#include "api/api.h"

namespace ambit::mqtt {
namespace {

constexpr std::size_t kBytesAValue = 16;  // that many, or it has too many values

}  // namespace

nlohmann::json parsed(std::string_view text, std::size_t bytes_max) {
    const bool fits = api::check_json(text, {bytes_max, kJsonDepthMax, bytes_max / kBytesAValue}).has_value();
    return fits ? nlohmann::json::parse(text, nullptr, false)
                : nlohmann::json(nlohmann::json::value_t::discarded);
}

std::string text_in(const nlohmann::json& object, std::string_view key, const std::string& fallback) {
    const auto found = object.find(key);
    return found == object.end() || !found->is_string() ? fallback : found->get<std::string>();
}

double number_in(const nlohmann::json& object, std::string_view key, double fallback) {
    const auto found = object.find(key);
    const double number = found == object.end() || !found->is_number() ? fallback : found->get<double>();
    return std::isfinite(number) ? number : fallback;
}

std::string dumped(const nlohmann::json& value) {
    return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace ambit::mqtt
