#include "mqtt/json_text.h"

#include <cmath>

#include <nlohmann/json.hpp>

namespace ambit::mqtt {

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
