// Rule: what it may cost to follow a recurrence rule, decided before the library is asked to.
//
// The library looks for a rule's next time until the year 2582, and in rules by month or year for a day that
// fits until the year 20000: what an invitation of anybody says must not keep it searching.
// Ownership: values.  Threads: any.  Failure: none.
#pragma once

#include <cstddef>

#include "base/time.h"

struct icalrecurrencetype;

namespace ambit::calendar {

// Of one period of a rule, and of the longest stretch between two of them.
struct Pace {
    seconds period{0};
    std::size_t times = 1;  // that the library looks at in each

    // Times it looks at in so long.
    std::size_t steps_in(seconds span) const;
};

// Every second or every minute, or no rule at all: not how anybody meets.
bool is_too_often(const icalrecurrencetype& rule);

Pace pace_of(const icalrecurrencetype& rule);

// Is there surely a day that fits, soon after each day?  What begins on the 31st, or in the 53rd week, may
// have to be searched for.  `day`: of the month on which it begins.
bool is_soon_found(const icalrecurrencetype& rule, int day);

// Is it as the clocks change: once a year, on a day that is soon found?
bool is_clock_change(const icalrecurrencetype& rule, int day);

}  // namespace ambit::calendar
