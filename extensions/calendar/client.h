// Client: what to ask a calendar server next, from finding a person's calendars to the last entry that
// changed.
//
// A round begins with begin(); then next() says what to send and take() is told what came, until next() has
// nothing.  It finds the calendars once: at the address itself, or from there (or from /.well-known/caldav)
// by way of who asks and that person's home; every later round asks what is in that home, and only calendars
// that say they changed are read.  Only ever asks the origin of its address: a redirect or a name that leads
// anywhere else ends the round.
// Ownership: one owner.  Threads: any, one at a time; reads no clock and does no IO.
// Failure: error() after the round, 5105 to 5107; what was read still counts.
// Limits: kCalendarsMax, kEntriesMax, kBytesMax of text; kAsksMax in one round; kHopsMax redirects of one
// ask. Spec: docs/spec/calendar.md; RFC 4791, 5397, 6578, 6764.
#pragma once

#include "calendar/collection.h"

namespace ambit::calendar {

class Client {
  public:
    static constexpr std::size_t kCalendarsMax = 32;
    static constexpr std::size_t kServerEntriesMax = 100'000;
    static constexpr std::size_t kServerBytesMax = 128UL * 1024 * 1024;
    static constexpr std::size_t kAsksMax = 5'000;
    static constexpr std::size_t kHopsMax = 5;

    explicit Client(Url url) : url_(std::move(url)) {}

    void begin();
    std::optional<Ask> next();
    void take(const Reply& reply);

    // What came since this was asked last.
    std::vector<Change> changes() { return std::exchange(changes_, {}); }

    const std::optional<Error>& error() const { return error_; }

    std::size_t calendars() const { return calendars_.size(); }

  private:
    enum class Stage : std::uint8_t { Idle, Address, WellKnown, Person, Homes, Calendars };

    // Where calendars are listed: a home (what is in it), or a calendar itself.
    struct Place {
        Url url;
        int depth = 1;
    };

    struct Told {
        Url url;
        Found found;
    };

    void fail(Error error);
    // True if that was a redirect: the ask goes out again, or the round has ended.
    bool redirected(const Reply& reply);
    void take_address(const Answer& answer);
    void take_person(const Answer& answer);
    void take_home(const Answer& answer);
    void not_here();
    bool add_homes(const Found& found);
    // The address a server names, if it is on the same server; otherwise the round ends.
    std::optional<Url> here(const Result<Url>& there);
    void next_home();
    void next_calendar();
    void begin_calendar();
    void drop_unnamed();
    Collection::Room room_for(const Collection& collection) const;

    const Url url_;
    Stage stage_ = Stage::Idle;
    Ask ask_;
    std::size_t asks_ = 0;
    std::size_t hops_ = 0;
    bool nobody_ = false;  // for the server we are, having no user
    std::vector<Place> places_;
    std::size_t place_ = 0;
    std::map<std::string, Told> told_;  // of this round's calendars, by their addresses
    std::map<std::string, Told>::iterator at_;
    std::map<std::string, Collection> calendars_;
    std::vector<Change> changes_;
    std::optional<Error> error_;
};

}  // namespace ambit::calendar
