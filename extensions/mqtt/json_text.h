// JSON from outside, read carefully.
//
// Pure.  Threads: any.  Failure: none; what is not as expected is the fallback.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace ambit::mqtt {

// `object` may be any value.
std::string text_in(const nlohmann::json& object, std::string_view key, const std::string& fallback = "");
double number_in(const nlohmann::json& object, std::string_view key, double fallback);
// As text, whatever it is: broken UTF-8 is replaced.
std::string dumped(const nlohmann::json& value);

}  // namespace ambit::mqtt
