// Calendar: a person's calendars, read on a device of theirs and nowhere else.
//
// Files and folders of iCalendar files are followed, and a server (CalDAV) is asked; what all of them hold
// comes as snapshots of the occurrences around now.  Read only: nothing is ever written to a calendar.
// Ownership: the daemon owns it and destroys it before the loop.  Threads: construct, call and destroy on the
// loop; a thread of its own reads and expands, another talks to the server, and only the first posts to the
// loop.
// Failure: problems in a snapshot, errors 5101-5108; the last good state of what can't be read stands.
// Spec: docs/spec/calendar.md.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "calendar/occurrence.h"
#include "calendar/server.h"
#include "loop/loop.h"

namespace ambit::calendar {

// Around now, what a snapshot covers.
inline constexpr std::chrono::hours kWindowBefore{24};
inline constexpr std::chrono::hours kWindowAfter{24 * 14};

struct Settings {
    std::string path;  // a file, or a folder of files ending in .ics; empty: none
    std::optional<ServerSettings> server;
    std::string zone = "UTC";
    std::vector<std::string> own_addresses;
    // A round of the server that takes longer is said.
    std::chrono::milliseconds slow_after{60'000};
    // Where the kernel tells nothing of changes.
    std::chrono::milliseconds look_every{3000};
};

struct Snapshot {
    std::vector<Occurrence> occurrences;  // by start
    std::vector<Problem> problems;        // in single entries
    std::vector<Problem> unreadable;      // whole files and folders
    std::optional<Error> server;          // why the server can't be read now
    bool asked = true;                    // the server, if there is one: a round is over
    std::size_t entries = 0;
};

class Calendar {
  public:
    static constexpr std::chrono::minutes kWindowRolls{15};

    using OnSnapshot = std::function<void(std::shared_ptr<const Snapshot>)>;

    // `on_snapshot` runs on the loop: once at first, with what the files say, then whenever something
    // differs.
    Calendar(Settings settings, Loop& loop, OnSnapshot on_snapshot);
    ~Calendar();
    Calendar(const Calendar&) = delete;
    Calendar& operator=(const Calendar&) = delete;

  private:
    class Worker;
    std::unique_ptr<Worker> worker_;
};

}  // namespace ambit::calendar
