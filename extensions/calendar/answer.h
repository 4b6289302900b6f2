// Answer: what a calendar server said, read from its XML (a "multistatus").
//
// Ownership: values.  Threads: any.  Failure: CalendarServerBroken (5107).  Limits: kAnswerBytesMax of text,
// below that kFoundMax entries, kDepthMax levels; a document type, the way to entities that grow, is refused.
// Spec: RFC 4918 section 14, RFC 4791, RFC 6578.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ambit::calendar {

inline constexpr std::size_t kAnswerBytesMax = 32UL * 1024 * 1024;
inline constexpr std::size_t kFoundMax = 100'000;
inline constexpr std::size_t kDepthMax = 32;
inline constexpr std::size_t kQuotesMax = 2'000'000;
inline constexpr std::size_t kWordBytesMax = 2048;                   // of a name, an ETag, a token
inline constexpr std::size_t kResourceBytesMax = 4UL * 1024 * 1024;  // of one entry with its exceptions
inline constexpr std::size_t kHomesMax = 8;

// One thing on the server; of its properties, those it has.
struct Found {
    std::string href;
    int status = 0;  // of the thing itself; 0: its properties have their own
    std::string etag;
    std::string ctag;
    std::string sync_token;
    bool is_calendar = false;
    bool names_components = false;  // if not, a calendar may have entries of all kinds
    bool has_events = false;
    bool nobody = false;  // who asks is unknown to the server
    std::string principal;
    std::vector<std::string> homes;
    std::optional<std::string> data;
    bool too_long = false;  // its data is: more than kResourceBytesMax
};

struct Answer {
    std::vector<Found> found;
    std::string sync_token;
    bool more = false;  // it was cut short: ask again
};

Result<Answer> read_answer(std::string_view xml);

}  // namespace ambit::calendar
