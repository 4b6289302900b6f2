// Zones: from the name of a time zone in a calendar to its rules.
//
// A VTIMEZONE in the file goes first; then the IANA name; then the names that Windows and Outlook write.
// Ownership: a Zones owns the rules of one file; the system's live as long as the program.  Threads: one.
// Failure: null for a name that nobody knows.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

struct _icaltimezone;

namespace ambit::calendar {

using Zone = ::_icaltimezone;

class Zones {
  public:
    static constexpr std::size_t kZonesMax = 256;

    Zones();
    ~Zones();
    Zones(const Zones&) = delete;
    Zones& operator=(const Zones&) = delete;

    // A VTIMEZONE component as text; false if it is none, one too many, or its clocks change as none do.
    bool add(std::string_view vtimezone);
    const Zone* find(const std::string& tzid) const;

    // An IANA or Windows name, or a path that ends in one; null: unknown.
    static const Zone* named(const std::string& name);

  private:
    struct Free {
        void operator()(Zone* zone) const;
    };

    std::map<std::string, std::unique_ptr<Zone, Free>> zones_;
};

// "W. Europe Standard Time" -> "Europe/Berlin"; empty: not a name that Windows uses.
std::string_view iana_of_windows(std::string_view name);

}  // namespace ambit::calendar
