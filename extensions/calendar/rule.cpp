#include "calendar/rule.h"

#include <algorithm>
#include <cstdlib>
#include <span>
#include <string_view>
#include <vector>

#include <libical/ical.h>

namespace ambit::calendar {
namespace {

using std::chrono::days;
using std::chrono::hours;

// What stands in one of a rule's lists, which end with a mark.
template <std::size_t kSize>
std::span<const short> listed(const short (&list)[kSize]) {
    const auto* const end = std::find(std::begin(list), std::end(list), ICAL_RECURRENCE_ARRAY_MAX);
    return {std::begin(list), end};
}

std::size_t count(std::span<const short> list) {
    return std::max<std::size_t>(list.size(), 1);
}

// No further from the beginning or the end of a month than `at_most`.
bool any_within(std::span<const short> list, int at_most) {
    return std::any_of(list.begin(), list.end(), [&](short at) { return std::abs(at) <= at_most; });
}

bool any_weekday_within(std::span<const short> list, int at_most) {
    return std::any_of(list.begin(), list.end(),
                       [&](short day) { return std::abs(icalrecurrencetype_day_position(day)) <= at_most; });
}

// Does it name nothing twice?  Where it does, the library miscounts, and what it counts may never come.
bool once_each(std::span<const short> list) {
    std::vector<short> sorted(list.begin(), list.end());
    std::sort(sorted.begin(), sorted.end());
    // The days of a month are named from its beginning or from its end.
    const bool one_way = sorted.empty() || sorted.front() > 0 || sorted.back() < 0;
    return one_way && std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end();
}

constexpr int kEachMonthHas = 28;  // days
constexpr int kWeekdayComes = 4;   // times in each month

}  // namespace

std::size_t Pace::steps_in(seconds span) const {
    return (static_cast<std::size_t>(std::max(span, seconds(0)) / period) + 1) * times;
}

bool is_too_often(const icalrecurrencetype& rule) {
    return rule.freq == ICAL_SECONDLY_RECURRENCE || rule.freq == ICAL_MINUTELY_RECURRENCE;
}

Pace pace_of(const icalrecurrencetype& rule) {
    const bool by_days = !listed(rule.by_day).empty() || !listed(rule.by_month_day).empty();
    Pace pace;
    pace.times = count(listed(rule.by_second)) * count(listed(rule.by_minute));
    if (rule.freq != ICAL_HOURLY_RECURRENCE) {
        pace.times *= count(listed(rule.by_hour));
    }
    switch (rule.freq) {
        case ICAL_YEARLY_RECURRENCE:
            pace.period = days(365);
            pace.times *= by_days || !listed(rule.by_year_day).empty() || !listed(rule.by_week_no).empty()
                              ? 366
                              : count(listed(rule.by_month));
            break;
        case ICAL_MONTHLY_RECURRENCE:
            pace.period = days(28);
            pace.times *= by_days ? 31 : 1;
            break;
        case ICAL_WEEKLY_RECURRENCE:
            pace.period = days(7);
            pace.times *= count(listed(rule.by_day));
            break;
        case ICAL_DAILY_RECURRENCE:
            pace.period = days(1);
            break;
        case ICAL_HOURLY_RECURRENCE:
            pace.period = hours(1);
            break;
        default:
            pace.period = seconds(1);
    }
    pace.period *= std::max<int>(rule.interval, 1);
    return pace;
}

bool is_soon_found(const icalrecurrencetype& rule, int day) {
    if (rule.rscale != nullptr && std::string_view(rule.rscale) != "GREGORIAN") {
        return false;
    }
    if (rule.freq != ICAL_MONTHLY_RECURRENCE && rule.freq != ICAL_YEARLY_RECURRENCE) {
        return true;
    }
    const auto months = listed(rule.by_month);
    const auto month_days = listed(rule.by_month_day);
    const auto weekdays = listed(rule.by_day);
    const auto chosen = listed(rule.by_set_pos);
    if (!listed(rule.by_week_no).empty() || !listed(rule.by_year_day).empty()) {
        return false;
    }
    // Not each of its months needs to be one that it names.
    if (rule.freq == ICAL_MONTHLY_RECURRENCE && rule.interval > 1 && !months.empty()) {
        return false;
    }
    const bool weekdays_only = month_days.empty() && any_weekday_within(weekdays, 0);
    const bool countable = once_each(months) && once_each(month_days) && once_each(weekdays) &&
                           any_within(chosen, weekdays_only ? kWeekdayComes : 1);
    if (!chosen.empty() && !countable) {
        return false;
    }
    if (!month_days.empty()) {
        return any_within(month_days, kEachMonthHas) && (weekdays.empty() || any_weekday_within(weekdays, 0));
    }
    return weekdays.empty() ? day <= kEachMonthHas : any_weekday_within(weekdays, kWeekdayComes);
}

bool is_clock_change(const icalrecurrencetype& rule, int day) {
    const auto months = listed(rule.by_month);
    const auto weekdays = listed(rule.by_day);
    const auto month_days = listed(rule.by_month_day);
    const bool one_day = months.size() == 1
                             ? weekdays.size() <= 1 && month_days.size() <= (weekdays.empty() ? 1 : 7)
                             : months.empty() && weekdays.empty() && month_days.empty();
    const bool one_time = listed(rule.by_hour).size() <= 1 && listed(rule.by_minute).size() <= 1 &&
                          listed(rule.by_second).size() <= 1;
    return rule.freq == ICAL_YEARLY_RECURRENCE && is_soon_found(rule, day) && one_day && one_time;
}

}  // namespace ambit::calendar
