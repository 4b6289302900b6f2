// Local JSON: the shapes of docs/spec/local-api.md: times, audiences, values, and reading a request's body.
//
// Ownership: values.  Threads: the loop's.  Failure: BadRequest names the member; NoSuchThing names what was
// asked for.  Spec: docs/spec/local-api.md section "Shapes".
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "api/api.h"
#include "node/parts.h"

namespace ambit::node {

using Json = nlohmann::ordered_json;

// What is not UTF-8 is replaced, never thrown on.
std::string dump(const Json& json);

std::string time_text(WallTime time);
Result<WallTime> parse_time(std::string_view text);

// "device:hub", "person:Anna", "household", "anyone".
std::string audience_text(const privacy::NamedAudience& audience, const identity::Roster& roster);
std::string audience_text(const privacy::Audience& audience, const identity::Roster& roster);
// Also "device" (this one) and "me".
Result<privacy::NamedAudience> parse_audience(std::string_view text, const Parts& parts);

Json value_json(const facts::Value& value);
facts::Value value_of(const Json& json);
Json fact_json(const facts::Fact& fact, const Parts& parts);

std::string device_name(const DeviceId& id, const identity::Roster& roster);
Result<const identity::Device*> device_named(const std::string& name, const identity::Roster& roster);
Result<const identity::Person*> person_named(const std::string& name, const identity::Roster& roster);

// {"name","id","kind","owner"?,"admin","mains_powered"}, as in `status`.
Json device_json(const identity::Device& device, const identity::Roster& roster);
Json person_json(const identity::Person& person, const Parts& parts);
Json household_json(const identity::Roster& roster);
Json error_member(const Error& error);

// "harbor violin moss" as a list of texts; also with another separator.
Json words_json(const std::string& words, std::string_view separator = " ");

// The object of a request.
Result<Json> parse_body(const api::Request& request);
Result<std::string> text_member(const Json& body, const char* name);
// The same of a body that may be broken, so that a handler checks once.
Result<std::string> text_in(const Result<Json>& body, const char* name);
Result<std::vector<std::string>> texts_in(const Result<Json>& body, const char* name);
Result<const identity::Device*> device_in(const Result<Json>& body, const identity::Roster& roster);
Result<const identity::Person*> person_in(const Result<Json>& body, const identity::Roster& roster);
std::string text_or(const Json& body, const char* name, std::string fallback);
std::optional<std::string> optional_text(const Json& body, const char* name);
bool flag_or(const Json& body, const char* name, bool fallback);
std::int64_t number_or(const Json& body, const char* name, std::int64_t fallback);
Result<std::vector<std::string>> texts_member(const Json& body, const char* name);
Result<identity::Role> parse_role(std::string_view text);

// A parameter of the query; "" if it is absent.
std::string query_text(const api::Request& request, const char* name);
std::size_t query_limit(const api::Request& request, std::size_t fallback, std::size_t max);

}  // namespace ambit::node
