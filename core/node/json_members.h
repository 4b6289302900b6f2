// Members of JSON objects that others wrote, facts of other devices above all: of the wanted kind, or
// nothing; and what is written for them.
//
// Ownership: values.  Threads: any.  Failure: none; also of something that is no object.
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "base/time.h"

namespace ambit::facts {
struct Fact;
}

namespace ambit::node {

// The value, discarded if it is no JSON.
nlohmann::json json_of(const facts::Fact& fact);
std::string text_at(const nlohmann::json& object, const char* name);  // else ""
std::optional<double> number_at(const nlohmann::json& object, const char* name);
// A whole number of milliseconds since 1970, up to the year 9999.
std::optional<WallTime> time_at(const nlohmann::json& object, const char* name);
bool flag_at(const nlohmann::json& object, const char* name);  // else false

// As time_at() reads it.
std::int64_t ms_of(WallTime time);
// What is not UTF-8 is replaced, never thrown on.
std::string text_of(const nlohmann::json& json);

}  // namespace ambit::node
