// Departure: derives from a person's appointments when they next have to leave.
//
// Runs where the calendar is; what comes out is a time and a temperature, and no word of any entry.
// Pure.  Ownership: values.  Threads: any.  Failure: none.  Spec: docs/spec/agents.md section "Departure".
#pragma once

#include <optional>
#include <span>
#include <string>

#include "base/time.h"

namespace ambit::agents {

using std::chrono::minutes;

// One occurrence of a calendar entry, as far as leaving the house is concerned.
struct Appointment {
    WallTime start;
    WallTime end;
    bool all_day = false;
    bool counts = true;             // not cancelled, not declined, not marked as free
    bool elsewhere = false;         // it has a place, and that place is not a link or a telephone
    std::optional<minutes> travel;  // what the entry itself says the way takes
    friend bool operator==(const Appointment&, const Appointment&) = default;
};

struct DepartureWishes {
    minutes travel{25};     // the usual way
    minutes margin{5};      // to lock the door and find the keys
    double comfort_c = 21;  // how warm the cabin should be
};

inline constexpr double kComfortMin = 16;
inline constexpr double kComfortMax = 26;
// Leaving later than this from now is not looked at yet.
inline constexpr std::chrono::hours kDepartureHorizon{18};
// An appointment that begins so soon after another elsewhere ended is reached from there, not from home.
inline constexpr minutes kHomeBetween{60};

struct Departure {
    WallTime leaves;
    double comfort_c = 21;
    WallTime appointment;  // when the first appointment of the outing starts; stays with its person
    minutes travel{0};
    friend bool operator==(const Departure&, const Departure&) = default;
};

// The next time to leave home, if there is one within the horizon.  `appointments` in any order; one that
// should have been left for already still counts until it starts.
std::optional<Departure> next_departure(std::span<const Appointment> appointments,
                                        const DepartureWishes& wishes,
                                        WallTime now);

}  // namespace ambit::agents
