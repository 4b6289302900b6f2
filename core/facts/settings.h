// Household settings, kept as facts of the subject "household" for the whole household.
//
// Ownership: values.  Threads: as Facts.  Failure: FactInvalid names the setting and what is expected.
// Spec: docs/spec/facts.md section "Household settings".
#pragma once

#include "facts/facts.h"

namespace ambit::facts {

inline constexpr std::string_view kHouseholdSubject = "household";

enum class Units : std::uint8_t { Metric, Imperial };

struct HouseholdSettings {
    std::string name;                             // "Home"; 1..64 characters
    std::string time_zone = "UTC";                // IANA name, "Europe/Berlin"
    std::vector<std::string> languages = {"en"};  // BCP 47 tags, the preferred first, 1..8
    Units units = Units::Metric;
    friend bool operator==(const HouseholdSettings&, const HouseholdSettings&) = default;
};

// The settings as they are now; what was never set, or is not valid, has its default.
HouseholdSettings household_settings(const Facts& facts);
// The write that changes one setting ("name", "time_zone", "languages" as "de,en", "units" as "metric" |
// "imperial").
Result<Draft> household_setting(std::string_view name, std::string_view text, WallTime time);

}  // namespace ambit::facts
