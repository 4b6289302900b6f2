// Book: everything a person's calendars hold, as occurrences within a window of time.
//
// Recurrences are expanded here, whoever serves the calendar: RRULE, RDATE and EXDATE in the entry's own time
// zone, and overrides (RECURRENCE-ID) take the place of what they replace.  Putting a file again reads only
// the entries that differ.
// Ownership: one owner.  Threads: one (libical keeps its time zones for one).  Failure: what can't be used is
// a Problem; the rest is used.  Spec: docs/spec/calendar.md, RFC 5545.
#pragma once

#include <atomic>
#include <memory>
#include <string_view>
#include <vector>

#include "calendar/occurrence.h"

namespace ambit::calendar {

inline constexpr std::size_t kEntriesMax = 200'000;
inline constexpr std::size_t kOccurrencesMax = 20'000;  // in the window
inline constexpr std::size_t kExceptionsMax = 4'096;    // RDATE and EXDATE of one entry
inline constexpr std::size_t kRecurrencesMax = 20'000;  // steps of one rule, up to the end of the window
inline constexpr std::size_t kAllRecurrencesMax = 2'000'000;  // of all rules, until the window is next set
inline constexpr std::size_t kAllStartsMax = 200'000;         // of all entries, in the window
inline constexpr std::size_t kTextBytesMax = 200;             // of a title or a place

class Book {
  public:
    // Once `stop` is true, what is under way ends soon, and what it comes to is of no use.
    explicit Book(const std::atomic<bool>* stop = nullptr);
    ~Book();
    Book(const Book&) = delete;
    Book& operator=(const Book&) = delete;

    // Where floating times and whole days are.  An IANA name; an unknown one counts as UTC.
    void set_zone(const std::string& iana);
    // The person's own addresses ("anna@example.org"): an invitation that one of them declined does not
    // count.
    void set_own_addresses(std::vector<std::string> addresses);
    void set_window(WallTime from, WallTime to);

    // Replaces what `name` held by the file's entries.
    void put(const std::string& name, std::string_view ics);
    void remove(const std::string& name);

    // In order of their start; at most kOccurrencesMax.
    std::vector<Occurrence> occurrences() const;
    std::vector<Problem> problems() const;
    std::size_t entries() const;
    bool is_stopping() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace ambit::calendar
