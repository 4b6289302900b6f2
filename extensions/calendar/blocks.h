// Blocks: an iCalendar file, cut into the components that matter before anything else is read.
//
// So a broken entry spoils itself only, an entry that did not change is not read again, and the library that
// reads them never sees more than one small piece.
// Ownership: views into the text.  Threads: any.  Failure: CalendarFileInvalid (5101) as problems; never
// throws. Spec: RFC 5545 sections 3.1, 3.4 and 3.6.
#pragma once

#include <string_view>
#include <vector>

#include "calendar/occurrence.h"

namespace ambit::calendar {

inline constexpr std::size_t kFileBytesMax = 64UL * 1024 * 1024;
inline constexpr std::size_t kBlockBytesMax = 256UL * 1024;
inline constexpr std::size_t kBlocksMax = 200'000;
inline constexpr std::size_t kProblemsMax = 20;  // more of one file are only counted

struct Block {
    std::string_view text;  // "BEGIN:VEVENT" ... "END:VEVENT", with its line ends
    std::size_t line = 0;   // of its first line
};

struct Blocks {
    std::vector<Block> events;
    std::vector<Block> zones;
    std::vector<Problem> problems;  // `where` has the line only
    std::size_t calendars = 0;
};

Blocks cut(std::string_view ics);

}  // namespace ambit::calendar
