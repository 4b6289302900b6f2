// Schedule: on a person's device, from their calendar to the one fact about it that others may get to know.
//
// Titles, places and guests stay in the memory of this process.  What is written is the fleeting fact
// `departure` of the person: a time and a temperature (docs/spec/agents.md section "Departure").
// Ownership: Ambient owns it; borrows the loop and the node.  Threads: the loop's.  Wakes itself.
// Failure: health items `calendar`, `calendar.entries`, `calendar.server` and `departure`.
#pragma once

#include "agents/departure.h"
#include "calendar/calendar.h"
#include "loop/alarm.h"
#include "node/node.h"
#include "settings/settings.h"

namespace ambit::daemon {

class Schedule {
  public:
    static constexpr seconds kEvery{30};
    // So often the same is said again, for devices that were away.
    static constexpr std::chrono::minutes kSayAgain{10};

    Schedule(Loop& loop,
             node::Node& node,
             const PersonId& person,
             const settings::Settings& settings,
             std::function<void()> after_event);

  private:
    // What others were told last: it outlives a restart, for this device alone.
    struct Told {
        std::string text;
        WallTime since;
        WallTime leaves;
        WallTime appointment;
    };

    static std::optional<Told> read_told(const node::Parts& parts, const std::string& subject);
    void keep_told(Now now);
    void take(const calendar::Snapshot& snapshot);
    // As long as not all of the calendar was read since the start: does what was told before that still
    // stand?  What was not read may hold it.
    bool stands(const std::optional<agents::Departure>& departure, WallTime now) const;
    // Says when to leave, if that differs or was said long ago.
    void say(Now now);

    node::Node& node_;
    const std::string subject_;  // the person
    const PersonId person_;
    agents::DepartureWishes wishes_;
    std::function<void()> after_event_;
    std::vector<agents::Appointment> appointments_;
    bool known_ = false;        // all of the calendar was read once
    std::optional<Told> told_;  // before the start
    std::string said_;
    WallTime since_;
    MonoTime say_again_{};
    Alarm alarm_;
    Result<std::string> password_;  // at the calendar server
    calendar::Calendar calendar_;   // last: its thread stops before the rest goes
};

}  // namespace ambit::daemon
