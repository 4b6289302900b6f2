// Target: a request's path and query, decoded.
//
// Pure.  Threads: any.  Failure: BadRequest for broken %-encoding, NUL bytes or more than kQueryKeysMax keys;
// NoSuchPath outside /api/v1/.  Spec: RFC 3986 section 3.3 and 3.4.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ambit::http {

inline constexpr std::size_t kQueryKeysMax = 32;

struct Target {
    std::string path;  // below /api/v1/
    std::map<std::string, std::string> query;
};

Result<Target> parse_target(std::string_view target);

// "a b&c" -> "a%20b%26c", for query values and path segments.
std::string url_encode(std::string_view text);

}  // namespace ambit::http
