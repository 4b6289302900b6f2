#include "calendar/entry.h"

#include <algorithm>
#include <memory>

#include <libical/ical.h>

#include "base/text.h"
#include "calendar/book.h"
#include "calendar/rule.h"

namespace ambit::calendar {
namespace {

struct FreeComponent {
    void operator()(icalcomponent* component) const { icalcomponent_free(component); }
};

using Component = std::unique_ptr<icalcomponent, FreeComponent>;

constexpr std::size_t kUidMax = 512;
constexpr std::size_t kDeclinedMax = 64;
constexpr std::size_t kRuleMax = 2048;
// Further out than this is a mistake, and arithmetic on it is no use.
constexpr int kYearMin = 1900;
constexpr int kYearMax = 2200;
constexpr std::chrono::hours kLastsMax{24 * 366};

std::string text_of(const char* text, std::size_t bytes_max) {
    return text == nullptr ? std::string() : printable(text, bytes_max);
}

class Reader {
  public:
    Reader(icalcomponent* event, const Zones& zones) : event_(event), zones_(zones) {}

    Result<ReadEntry> read() {
        AMBIT_TRY(read_times());
        read_recurrence();
        read_people();
        read_words();
        if (icalcomponent_count_errors(event_) > 0) {
            warn(ErrorCode::CalendarEntryInvalid, "a line of it can't be read");
        }
        return std::move(read_);
    }

  private:
    void warn(ErrorCode code, std::string what) { read_.warnings.push_back({code, std::move(what)}); }

    icalproperty* first(icalproperty_kind kind) { return icalcomponent_get_first_property(event_, kind); }

    // Only when the zone is one nobody knows does this return something: the error.
    Result<Stamp> stamp(icalproperty* property, const icaltimetype& time) {
        const bool in_range = time.year >= kYearMin && time.year <= kYearMax && time.month >= 1 &&
                              time.month <= 12 && time.day >= 1 && time.day <= 31;
        if (icaltime_is_null_time(time) != 0 || !in_range) {
            return Error{ErrorCode::CalendarEntryInvalid, "a time that is none"};
        }
        Stamp out;
        out.year = static_cast<std::int16_t>(time.year);
        out.month = static_cast<std::int8_t>(time.month);
        out.day = static_cast<std::int8_t>(time.day);
        out.is_day = time.is_date != 0;
        if (!out.is_day) {
            out.hour = static_cast<std::int8_t>(std::clamp(time.hour, 0, 23));
            out.minute = static_cast<std::int8_t>(std::clamp(time.minute, 0, 59));
            out.second = static_cast<std::int8_t>(std::clamp(time.second, 0, 59));
        }
        icalparameter* tzid = icalproperty_get_first_parameter(property, ICAL_TZID_PARAMETER);
        if (icaltime_is_utc(time) != 0) {
            out.zone = icaltimezone_get_utc_timezone();
        } else if (tzid != nullptr && !out.is_day) {
            const char* name = icalparameter_get_tzid(tzid);
            out.zone = name == nullptr ? nullptr : zones_.find(name);
            if (out.zone == nullptr && !unknown_zone_) {
                // Where the person is, is the best guess there is.
                unknown_zone_ = true;
                warn(ErrorCode::CalendarZoneUnknown, text_of(name, 64));
            }
        }
        return out;
    }

    Result<void> read_times() {
        icalproperty* start = first(ICAL_DTSTART_PROPERTY);
        if (start == nullptr) {
            return Error{ErrorCode::CalendarEntryInvalid, "it has no start"};
        }
        AMBIT_TRY_ASSIGN(read_.entry.start, stamp(start, icalproperty_get_dtstart(start)));
        const Stamp& begins = read_.entry.start;
        std::chrono::seconds lasts = begins.is_day ? std::chrono::hours(24) : std::chrono::seconds(0);
        if (icalproperty* end = first(ICAL_DTEND_PROPERTY)) {
            const auto until = stamp(end, icalproperty_get_dtend(end));
            if (until) {
                const Zone* utc = icaltimezone_get_utc_timezone();
                lasts = std::chrono::duration_cast<std::chrono::seconds>(instant_of(*until, utc) -
                                                                         instant_of(begins, utc));
            } else {
                warn(ErrorCode::CalendarEntryInvalid, "it has no usable end");
            }
        } else if (icalproperty* duration = first(ICAL_DURATION_PROPERTY)) {
            lasts = std::chrono::seconds(icaldurationtype_as_int(icalproperty_get_duration(duration)));
        }
        if (lasts < std::chrono::seconds(0) || lasts > kLastsMax) {
            warn(ErrorCode::CalendarEntryInvalid, "it ends before it starts, or more than a year later");
            lasts = std::chrono::seconds(0);
        }
        read_.entry.lasts = lasts;
        return {};
    }

    void read_recurrence() {
        if (icalproperty* rule = first(ICAL_RRULE_PROPERTY)) {
            std::unique_ptr<char, void (*)(void*)> text(icalproperty_get_value_as_string_r(rule), free);
            if (is_too_often(icalproperty_get_rrule(rule))) {
                warn(ErrorCode::CalendarEntryInvalid,
                     "it repeats every minute or second: its first time counts");
            } else if (text != nullptr && std::string_view(text.get()).size() <= kRuleMax) {
                read_.entry.rule = text.get();
            }
        }
        collect(ICAL_RDATE_PROPERTY, read_.entry.more, [](icalproperty* property) {
            const icaldatetimeperiodtype when = icalproperty_get_rdate(property);
            return icaltime_is_null_time(when.time) != 0 ? when.period.start : when.time;
        });
        collect(ICAL_EXDATE_PROPERTY, read_.entry.except, icalproperty_get_exdate);
        if (icalproperty* id = first(ICAL_RECURRENCEID_PROPERTY)) {
            if (auto at = stamp(id, icalproperty_get_recurrenceid(id))) {
                read_.entry.replaces = *at;
            } else {
                warn(ErrorCode::CalendarEntryInvalid, "it replaces a time that is none");
            }
        }
    }

    template <typename Get>
    void collect(icalproperty_kind kind, std::vector<Stamp>& into, Get get) {
        for (icalproperty* property = first(kind); property != nullptr;
             property = icalcomponent_get_next_property(event_, kind)) {
            const auto at = stamp(property, get(property));
            if (at && into.size() < kExceptionsMax) {
                into.push_back(*at);
            }
        }
    }

    void read_people() {
        for (icalproperty* guest = first(ICAL_ATTENDEE_PROPERTY); guest != nullptr;
             guest = icalcomponent_get_next_property(event_, ICAL_ATTENDEE_PROPERTY)) {
            icalparameter* answer = icalproperty_get_first_parameter(guest, ICAL_PARTSTAT_PARAMETER);
            const char* address = icalproperty_get_attendee(guest);
            if (answer != nullptr && icalparameter_get_partstat(answer) == ICAL_PARTSTAT_DECLINED &&
                address != nullptr && read_.entry.declined.size() < kDeclinedMax) {
                std::string who = lower(text_of(address, 254));
                constexpr std::string_view kMail = "mailto:";
                read_.entry.declined.push_back(who.starts_with(kMail) ? who.substr(kMail.size()) : who);
            }
        }
    }

    void read_words() {
        Entry& entry = read_.entry;
        entry.uid = text_of(icalcomponent_get_uid(event_), kUidMax);
        entry.title = text_of(icalcomponent_get_summary(event_), kTextBytesMax);
        entry.place = text_of(icalcomponent_get_location(event_), kTextBytesMax);
        entry.cancelled = icalcomponent_get_status(event_) == ICAL_STATUS_CANCELLED;
        if (icalproperty* transparency = first(ICAL_TRANSP_PROPERTY)) {
            const auto value = icalproperty_get_transp(transparency);
            entry.free = value == ICAL_TRANSP_TRANSPARENT || value == ICAL_TRANSP_TRANSPARENTNOCONFLICT;
        }
        for (icalproperty* other = first(ICAL_X_PROPERTY); other != nullptr;
             other = icalcomponent_get_next_property(event_, ICAL_X_PROPERTY)) {
            const char* name = icalproperty_get_x_name(other);
            const char* value = icalproperty_get_value_as_string(other);
            if (name == nullptr || value == nullptr) {
                continue;
            }
            if (std::string_view(name) == "X-APPLE-TRAVEL-DURATION") {
                const icaldurationtype way = icaldurationtype_from_string(value);
                if (icaldurationtype_is_bad_duration(way) == 0) {
                    entry.travel = std::chrono::minutes(icaldurationtype_as_int(way) / 60);
                }
            } else if (std::string_view(name) == "X-MICROSOFT-CDO-BUSYSTATUS") {
                entry.free = entry.free || std::string_view(value) == "FREE";
            }
        }
    }

    icalcomponent* event_;
    const Zones& zones_;
    ReadEntry read_;
    bool unknown_zone_ = false;
};

}  // namespace

Result<ReadEntry> read_entry(std::string_view vevent, const Zones& zones) {
    std::string text(vevent);
    // The library reads C strings: a NUL would end the entry in its middle.
    std::replace(text.begin(), text.end(), '\0', '?');
    const Component event(icalparser_parse_string(text.c_str()));
    if (event == nullptr || icalcomponent_isa(event.get()) != ICAL_VEVENT_COMPONENT) {
        return Error{ErrorCode::CalendarEntryInvalid, "it can't be read at all"};
    }
    return Reader(event.get(), zones).read();
}

}  // namespace ambit::calendar
