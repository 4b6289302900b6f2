#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <memory>

#include <libical/ical.h>

#include "calendar/book.h"
#include "calendar/entry.h"
#include "calendar/rule.h"

namespace ambit::calendar {
namespace {

icaltimetype to_ical(const Stamp& stamp, const Zone* zone) {
    icaltimetype time = icaltime_null_time();
    time.year = stamp.year;
    time.month = stamp.month;
    time.day = stamp.day;
    time.hour = stamp.hour;
    time.minute = stamp.minute;
    time.second = stamp.second;
    time.is_date = stamp.is_day ? 1 : 0;
    return stamp.is_day ? time : icaltime_set_timezone(&time, zone);
}

WallTime instant(const icaltimetype& time, const Zone* zone) {
    // Not const in the library, and not changed by it.
    return WallTime(std::chrono::seconds(icaltime_as_timet_with_zone(time, const_cast<Zone*>(zone))));
}

struct FreeText {
    void operator()(char* text) const { std::free(text); }
};

struct FreeIterator {
    void operator()(icalrecur_iterator* iterator) const { icalrecur_iterator_free(iterator); }
};

bool in_window(WallTime start, std::chrono::seconds lasts, const Window& window) {
    return start < window.to && (start + lasts > window.from || start >= window.from);
}

std::chrono::nanoseconds processor_time() {
    timespec used{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

icaltimetype utc_time(WallTime at, bool is_day) {
    const auto since = std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count();
    icaltimezone* utc = icaltimezone_get_utc_timezone();
    icaltimetype time = icaltime_from_timet_with_zone(since, is_day ? 1 : 0, utc);
    return is_day ? time : icaltime_set_timezone(&time, utc);
}

// Takes up `rule` at `begins` and notes what is in the window; the number of times that it counted.
int take_times(const icalrecurrencetype& rule,
               const icaltimetype& start,
               const std::optional<icaltimetype>& from,
               const Window& window,
               std::chrono::seconds lasts,
               const Zone* zone,
               Expanded& out) {
    const std::unique_ptr<icalrecur_iterator, FreeIterator> steps(icalrecur_iterator_new(rule, start));
    if (steps == nullptr) {
        return 0;
    }
    if (from) {
        icalrecur_iterator_set_start(steps.get(), *from);
    }
    for (int taken = 0;; ++taken) {
        const icaltimetype next = icalrecur_iterator_next(steps.get());
        const WallTime at = icaltime_is_null_time(next) != 0 ? window.to : instant(next, zone);
        if (at >= window.to || out.starts.size() >= kOccurrencesMax) {
            out.cut_short = at < window.to;
            return taken;
        }
        if (in_window(at, lasts, window)) {
            out.starts.push_back(at);
        }
    }
}

void follow_rule(
    const Entry& entry, const Window& window, const Zone* zone, const Effort& effort, Expanded& out) {
    icalrecurrencetype rule = icalrecurrencetype_from_string(entry.rule.c_str());
    // The library leaves the name of the rule's calendar (RFC 7529) to whoever asked.
    const std::unique_ptr<char, FreeText> scale(rule.rscale);
    if (rule.freq == ICAL_NO_RECURRENCE) {
        return;
    }
    const bool soon = is_soon_found(rule, entry.start.day);
    if (!soon && !effort.may_search) {
        out.too_rare = true;
        return;
    }
    const icaltimetype start = to_ical(entry.start, zone);
    WallTime begins = instant(start, zone);
    if (begins >= window.to) {
        return;
    }
    // A rule without a count may be taken up shortly before the window.
    const WallTime near = window.from - entry.lasts - std::chrono::hours(48);
    std::optional<icaltimetype> from;
    if (rule.count == 0 && begins < near) {
        begins = near;
        from = utc_time(near, entry.start.is_day);
    }
    // Where the library stops looking.  The days' own zone may be some hours away.
    const auto wanted = std::chrono::ceil<seconds>(window.to - begins) + std::chrono::hours(24);
    const Pace pace = pace_of(rule);
    const seconds reach = pace.period * (effort.steps / pace.times);
    const icaltimetype until = utc_time(begins + std::min(wanted, reach), entry.start.is_day);
    const bool ends_itself =
        icaltime_is_null_time(rule.until) == 0 && icaltime_compare(rule.until, until) <= 0;
    if (!ends_itself) {
        rule.until = until;
    }
    const auto before = processor_time();
    const int taken = take_times(rule, start, from, window, entry.lasts, zone, out);
    out.searched = soon ? std::chrono::nanoseconds(0) : processor_time() - before;
    const bool counted_out = rule.count != 0 && taken >= rule.count;
    out.steps = std::min(
        effort.steps, counted_out ? static_cast<std::size_t>(taken) : pace.steps_in(std::min(wanted, reach)));
    out.cut_short = out.cut_short || (reach < wanted && !counted_out && !ends_itself);
}

}  // namespace

WallTime instant_of(const Stamp& stamp, const Zone* here) {
    const Zone* zone = stamp.zone != nullptr && !stamp.is_day ? stamp.zone : here;
    return instant(to_ical(stamp, zone), zone);
}

WallTime end_of_days(WallTime start, std::chrono::seconds lasts, const Zone* here) {
    const auto since = std::chrono::duration_cast<std::chrono::seconds>(start.time_since_epoch()).count();
    icaltimetype time = icaltime_from_timet_with_zone(since, 0, here);
    const auto days = std::chrono::duration_cast<std::chrono::days>(lasts).count();
    icaltime_adjust(&time, static_cast<int>(days), 0, 0, 0);
    return instant(time, here);
}

Expanded expand(const Entry& entry, const Window& window, const Zone* here, const Effort& effort) {
    Expanded out;
    const Zone* zone = entry.start.zone != nullptr && !entry.start.is_day ? entry.start.zone : here;
    const WallTime first = instant_of(entry.start, here);
    if (in_window(first, entry.lasts, window)) {
        out.starts.push_back(first);
    }
    if (!entry.rule.empty()) {
        follow_rule(entry, window, zone, effort, out);
    }
    for (const Stamp& more : entry.more) {
        const WallTime at = instant_of(more, zone);
        if (in_window(at, entry.lasts, window)) {
            out.starts.push_back(at);
        }
    }
    std::sort(out.starts.begin(), out.starts.end());
    out.starts.erase(std::unique(out.starts.begin(), out.starts.end()), out.starts.end());
    if (entry.except.empty()) {
        return out;
    }
    std::vector<WallTime> except;
    except.reserve(entry.except.size());
    for (const Stamp& stamp : entry.except) {
        except.push_back(instant_of(stamp, zone));
    }
    std::sort(except.begin(), except.end());
    std::erase_if(out.starts,
                  [&](WallTime at) { return std::binary_search(except.begin(), except.end(), at); });
    return out;
}

}  // namespace ambit::calendar
