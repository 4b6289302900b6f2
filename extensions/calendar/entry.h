// Entry: one VEVENT, read once, in a form from which its occurrences can be computed for any window.
//
// Ownership: values, with pointers to zones that live as long as the file they came from is held.
// Threads: one.  Failure: read_entry() returns CalendarEntryInvalid (5102) or CalendarZoneUnknown (5103).
// Spec: RFC 5545 section 3.8.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "calendar/occurrence.h"
#include "calendar/zones.h"

namespace ambit::calendar {

// A time as it is written.  Floating times and days have no zone: they are where the person is.
struct Stamp {
    std::int16_t year = 0;
    std::int8_t month = 0;
    std::int8_t day = 0;
    std::int8_t hour = 0;
    std::int8_t minute = 0;
    std::int8_t second = 0;
    bool is_day = false;
    const Zone* zone = nullptr;
};

struct Entry {
    std::string uid;
    Stamp start;
    std::chrono::seconds lasts{0};  // of a whole day: days in multiples of 24 hours
    std::string rule;               // of RRULE; empty: none
    std::vector<Stamp> more;        // RDATE
    std::vector<Stamp> except;      // EXDATE
    std::optional<Stamp> replaces;  // RECURRENCE-ID
    bool cancelled = false;
    bool free = false;
    std::vector<std::string> declined;  // by these addresses, lower case
    std::string title;
    std::string place;
    std::optional<std::chrono::minutes> travel;
};

struct ReadEntry {
    Entry entry;
    std::vector<Error> warnings;  // what of it could not be used
};

Result<ReadEntry> read_entry(std::string_view vevent, const Zones& zones);

// The instant of a stamp; `here` is where floating times and days are.
WallTime instant_of(const Stamp& stamp, const Zone* here);

// The end of a whole day, or of several, that begins at `start`: midnight again, however long its days are.
WallTime end_of_days(WallTime start, std::chrono::seconds lasts, const Zone* here);

struct Window {
    WallTime from;
    WallTime to;
};

// What may be done for one entry.
struct Effort {
    std::size_t steps = 0;   // of its rule
    bool may_search = true;  // for times of a rule that may have none
};

struct Expanded {
    std::vector<WallTime> starts;
    std::size_t steps = 0;
    bool cut_short = false;                // a rule with more steps than are followed
    bool too_rare = false;                 // a rule that was not searched
    std::chrono::nanoseconds searched{0};  // processor time
};

// Starts of occurrences that overlap the window; overrides are the book's business.
Expanded expand(const Entry& entry, const Window& window, const Zone* here, const Effort& effort);

}  // namespace ambit::calendar
