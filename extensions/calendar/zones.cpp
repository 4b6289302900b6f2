#include "calendar/zones.h"

#include <algorithm>
#include <cctype>

#include <libical/ical.h>

#include "calendar/rule.h"

namespace ambit::calendar {
namespace {

constexpr std::size_t kChangesMax = 128;  // with a rule, of one zone

// The library follows all rules of a zone to the end, whatever they are.
bool changes_as_clocks_do(icalcomponent* zone) {
    std::size_t rules = 0;
    for (icalcomponent* change = icalcomponent_get_first_component(zone, ICAL_ANY_COMPONENT);
         change != nullptr; change = icalcomponent_get_next_component(zone, ICAL_ANY_COMPONENT)) {
        const int day = icalcomponent_get_dtstart(change).day;
        for (icalproperty* rule = icalcomponent_get_first_property(change, ICAL_RRULE_PROPERTY);
             rule != nullptr; rule = icalcomponent_get_next_property(change, ICAL_RRULE_PROPERTY)) {
            if (++rules > kChangesMax || !is_clock_change(icalproperty_get_rrule(rule), day)) {
                return false;
            }
        }
    }
    return true;
}

}  // namespace

void Zones::Free::operator()(Zone* zone) const {
    icaltimezone_free(zone, 1);
}

Zones::Zones() = default;
Zones::~Zones() = default;

bool Zones::add(std::string_view vtimezone) {
    if (zones_.size() >= kZonesMax) {
        return false;
    }
    icalcomponent* component = icalparser_parse_string(std::string(vtimezone).c_str());
    if (component == nullptr) {
        return false;
    }
    std::unique_ptr<Zone, Free> zone(icaltimezone_new());
    // On success the zone owns the component.
    const bool fits = icalcomponent_isa(component) == ICAL_VTIMEZONE_COMPONENT &&
                      changes_as_clocks_do(component) &&
                      icaltimezone_set_component(zone.get(), component) == 1;
    if (!fits) {
        icalcomponent_free(component);
        return false;
    }
    const char* tzid = icaltimezone_get_tzid(zone.get());
    if (tzid == nullptr) {
        return false;
    }
    zones_.insert_or_assign(tzid, std::move(zone));
    return true;
}

const Zone* Zones::find(const std::string& tzid) const {
    const auto own = zones_.find(tzid);
    return own != zones_.end() ? own->second.get() : named(tzid);
}

const Zone* Zones::named(const std::string& name) {
    constexpr std::size_t kNameMax = 128;
    const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
               std::string_view("/_-+. ()").find(c) != std::string_view::npos;
    });
    // The name becomes part of a path of the system's zone files.
    if (name.empty() || name.size() > kNameMax || !plain || name.find("..") != std::string::npos ||
        name.front() == '.') {
        return nullptr;
    }
    if (name == "UTC" || name == "GMT" || name == "Z" || name == "Etc/UTC") {
        return icaltimezone_get_utc_timezone();
    }
    const std::string_view windows = iana_of_windows(name);
    if (!windows.empty()) {
        return icaltimezone_get_builtin_timezone(std::string(windows).c_str());
    }
    // "/mozilla.org/20050126_1/Europe/Berlin" and "/freeassociation.sourceforge.net/Europe/Berlin".
    std::string_view rest = name;
    while (!rest.empty()) {
        if (rest.front() != '/') {
            if (const Zone* zone = icaltimezone_get_builtin_timezone(std::string(rest).c_str())) {
                return zone;
            }
        }
        const std::size_t slash = rest.find('/', 1);
        rest = slash == std::string_view::npos ? std::string_view()
                                               : rest.substr(slash + (rest.front() == '/' ? 0 : 1));
        if (!rest.empty() && rest.front() == '/') {
            rest.remove_prefix(1);
        }
    }
    return nullptr;
}

}  // namespace ambit::calendar
