// Folder: a file or a folder of files on this device, and what of it the book has already.
//
// A folder that is empty, where it held something before on another disk, or since the start, is a disk that
// is away; where the disk is the same, somebody deleted what was in it.
// Ownership: one owner.  Threads: the book's.  Failure: CalendarUnreadable (5104) as problems; what can't be
// read any more still counts as it was.  Limits: kFilesMax, of which the first by name count.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "calendar/book.h"

namespace ambit::calendar {

class Watch;

class Folder {
  public:
    static constexpr std::size_t kFilesMax = 100'000;

    explicit Folder(const std::string& path, std::size_t files_max = kFilesMax)
        : root_(path), files_max_(files_max) {}

    // Has `watch` tell of changes here.
    void follow(Watch& watch) const;
    // Brings the book up to date with what is on the disk; true if anything differs.
    bool look(Book& book);

    const std::vector<Problem>& unreadable() const { return bad_; }

  private:
    // When a file was written and how long it is: what differs is read again.
    struct Seen {
        std::filesystem::file_time_type written;
        std::uintmax_t bytes = 0;
        friend bool operator==(const Seen&, const Seen&) = default;
    };

    using Files = std::map<std::string, Seen>;

    // The files that there are; what can't be, in `bad`.  False: it is away.
    bool list(Files& now, std::vector<Problem>& bad);
    static void note(const std::filesystem::path& path, Files& into);
    bool take(Book& book, Files now, std::vector<Problem> bad);
    bool take_bad(std::vector<Problem> bad);

    const std::filesystem::path root_;
    const std::size_t files_max_;
    Files seen_;
    std::optional<std::uintmax_t> disk_;  // on which the folder last held something
    std::vector<Problem> bad_;
};

}  // namespace ambit::calendar
