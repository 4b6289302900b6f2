// Near names: which things of a home somebody may have meant by a name that none of them has.
//
// Pure.  Ownership: values.  Threads: any.  Failure: none; nothing near is an empty answer.
#pragma once

#include "language/understand.h"

namespace ambit::language {

// What is longer than this is no misspelt name; keeps comparing it with every name cheap.
inline constexpr std::size_t kMisspeltBytesMax = 96;

// Edits that make one text the other: insert, delete or replace a byte, swap two neighbours.  Stops counting
// above `most`, which it then exceeds.
std::size_t edits_between(std::string_view a, std::string_view b, std::size_t most);
// As many edits are taken for a slip of the tongue or finger in a name of that many bytes.
std::size_t edits_allowed(std::size_t bytes);

struct NearName {
    std::size_t edits = 0;
    std::size_t entity = 0;  // number in Home::entities()
};

// Of `candidates` those whose names are within a third of `said` (a spoken_form()), nearest first.
std::vector<NearName> near_names(const Home& home,
                                 const std::vector<std::size_t>& candidates,
                                 std::string_view said);
// Those of `candidates` that `said` is the plural of: "desk lamps" for Desk Lamp 1 and Desk Lamp 2.
std::vector<std::size_t> named_by_plural(const Home& home,
                                         const std::vector<std::size_t>& candidates,
                                         std::string_view said,
                                         std::string_view language);
// Those of `candidates` whose names end with `said`: "door" for Front Door.
std::vector<std::size_t> named_by_end(const Home& home,
                                      const std::vector<std::size_t>& candidates,
                                      std::string_view said);
// The one of `names` that `said` is a slip of; empty if there is none, or no single one.
std::string slip_of(const std::vector<std::string>& names, std::string_view said);

}  // namespace ambit::language
