// Whole calendar files: what comes from a server, a folder, or an invitation of a stranger.
#include "calendar/book.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using ambit::WallTime;
    ambit::calendar::Book book;
    book.set_zone("Europe/Berlin");
    book.set_window(WallTime(std::chrono::hours(24 * 20'000)), WallTime(std::chrono::hours(24 * 20'010)));
    book.put("fuzz", std::string_view(reinterpret_cast<const char*>(data), size));
    (void)book.occurrences();
    (void)book.problems();
    return 0;
}
