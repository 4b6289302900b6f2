// Occurrence: one time at which something in a calendar takes place.
//
// Ownership: values.  Threads: any.  Failure: none.
#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "base/time.h"

namespace ambit::calendar {

// What is in it stays on the device that read the calendar.
struct Occurrence {
    std::string uid;
    WallTime start;
    WallTime end;  // exclusive
    bool all_day = false;
    bool cancelled = false;
    bool declined = false;  // by the person whose calendar it is
    bool free = false;      // takes no time: TRANSP:TRANSPARENT
    std::string title;
    std::string place;
    std::optional<std::chrono::minutes> travel;  // X-APPLE-TRAVEL-DURATION
    friend bool operator==(const Occurrence&, const Occurrence&) = default;
};

// Is the place somewhere one has to go to?  Links, telephones and the names of meeting software are not.
bool is_elsewhere(const std::string& place);

// Something in a file that could not be used; the rest of the file is.
struct Problem {
    std::string where;  // "work.ics:120"
    Error error;
};

}  // namespace ambit::calendar
