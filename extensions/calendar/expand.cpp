#include <algorithm>
#include <cstdlib>
#include <memory>

#include <libical/ical.h>

#include "calendar/book.h"
#include "calendar/entry.h"

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

void follow_rule(
    const Entry& entry, const Window& window, const Zone* zone, std::size_t steps_max, Expanded& out) {
    const icalrecurrencetype rule = icalrecurrencetype_from_string(entry.rule.c_str());
    // The library leaves the name of the rule's calendar (RFC 7529) to whoever asked.
    const std::unique_ptr<char, FreeText> scale(rule.rscale);
    if (rule.freq == ICAL_NO_RECURRENCE) {
        return;
    }
    const icaltimetype start = to_ical(entry.start, zone);
    const std::unique_ptr<icalrecur_iterator, FreeIterator> steps(icalrecur_iterator_new(rule, start));
    if (steps == nullptr) {
        return;
    }
    // A rule without a count may be taken up shortly before the window.
    const WallTime near = window.from - entry.lasts - std::chrono::hours(48);
    if (rule.count == 0 && instant(start, zone) < near) {
        const auto since = std::chrono::duration_cast<std::chrono::seconds>(near.time_since_epoch()).count();
        icaltimetype from = icaltime_from_timet_with_zone(since, entry.start.is_day ? 1 : 0, zone);
        if (!entry.start.is_day) {
            icaltime_set_timezone(&from, zone);
        }
        icalrecur_iterator_set_start(steps.get(), from);
    }
    for (; out.steps < steps_max; ++out.steps) {
        const icaltimetype next = icalrecur_iterator_next(steps.get());
        if (icaltime_is_null_time(next) != 0) {
            return;
        }
        const WallTime at = instant(next, zone);
        if (at >= window.to) {
            return;
        }
        if (in_window(at, entry.lasts, window)) {
            out.starts.push_back(at);
            if (out.starts.size() >= kOccurrencesMax) {
                break;
            }
        }
    }
    out.cut_short = true;
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

Expanded expand(const Entry& entry, const Window& window, const Zone* here, std::size_t steps_max) {
    Expanded out;
    const Zone* zone = entry.start.zone != nullptr && !entry.start.is_day ? entry.start.zone : here;
    const WallTime first = instant_of(entry.start, here);
    if (in_window(first, entry.lasts, window)) {
        out.starts.push_back(first);
    }
    if (!entry.rule.empty()) {
        follow_rule(entry, window, zone, steps_max, out);
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
