// Reading the daemon's answers: missing members are empty, text is made safe to print.
//
// Ownership: values.  Threads: one.  Failure: none here; parse_answer() returns AnswerBroken.
// Spec: docs/spec/local-api.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"
#include "base/time.h"

namespace ambit::cli {

using Json = nlohmann::ordered_json;

// An object inside the limits of api::check_json (with room for long lists).
Result<Json> parse_answer(std::string_view text);

// The member as text without control characters (they could steer the terminal); "" if it is absent.
std::string text_of(const Json& object, const char* key);
double number_of(const Json& object, const char* key, double fallback = 0);
bool flag_of(const Json& object, const char* key);
// The members of an array; empty if it is absent.
std::vector<Json> list_of(const Json& object, const char* key);
// Texts of an array of texts, joined.
std::string joined(const Json& object, const char* key, std::string_view separator);
// The object, or an empty one.
Json object_of(const Json& object, const char* key);

// What a person typed: JSON when it is JSON ("21", "true", {"a":1}), else the text itself.
Json typed_value(const std::string& text);
// On one line, and nothing in it that a terminal would obey.
std::string dumped(const Json& json);

// {"error":{...}} or the error object itself.  A number this build doesn't know keeps its texts in the
// detail.
Error error_of(const Json& object);

// "2026-11-22T16:00:00.123Z"; the epoch if it is not a time.
WallTime time_of(const Json& object, const char* key);
std::string iso_text(WallTime time);

}  // namespace ambit::cli
