// Folder: a file or a folder of files on this device, and what of it the book has already.
//
// Ownership: one owner.  Threads: the book's.  Failure: CalendarUnreadable (5104) as problems; what can't be
// read any more still counts as it was.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "calendar/book.h"

namespace ambit::calendar {

class Watch;

class Folder {
  public:
    static constexpr std::size_t kFilesMax = 100'000;

    explicit Folder(const std::string& path) : root_(path) {}

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

    static void note(const std::filesystem::path& path, Files& into);
    bool take(Book& book, Files now, std::vector<Problem> bad);
    bool take_bad(std::vector<Problem> bad);

    const std::filesystem::path root_;
    Files seen_;
    std::vector<Problem> bad_;
};

}  // namespace ambit::calendar
