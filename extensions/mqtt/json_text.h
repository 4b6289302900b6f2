// JSON from outside, read carefully.
//
// Pure.  Threads: any.  Failure: none; what is not as expected is the fallback.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace ambit::mqtt {

inline constexpr std::size_t kPayloadBytesMax = 1024 * 1024;
inline constexpr std::size_t kJsonDepthMax = 32;

// The one way in for JSON of others: a discarded value for what is none, is longer than `bytes_max`, deeper
// than kJsonDepthMax (JSON is copied and printed by recursion) or made of too many values.
nlohmann::json parsed(std::string_view text, std::size_t bytes_max = kPayloadBytesMax);
// `object` may be any value.
std::string text_in(const nlohmann::json& object, std::string_view key, const std::string& fallback = "");
double number_in(const nlohmann::json& object, std::string_view key, double fallback);
// As text, whatever it is: broken UTF-8 is replaced.
std::string dumped(const nlohmann::json& value);

}  // namespace ambit::mqtt
