#include "calendar/folder.h"

#include <fstream>
#include <sstream>

#include <sys/stat.h>

#include "base/result.h"
#include "calendar/blocks.h"
#include "calendar/watch.h"

namespace ambit::calendar {
namespace {

namespace fs = std::filesystem;

constexpr const char* kEnding = ".ics";

Error unreadable_because(const std::string& what) {
    return {ErrorCode::CalendarUnreadable, what};
}

Result<std::string> read_file(const fs::path& path) {
    std::error_code error;
    const auto bytes = fs::file_size(path, error);
    if (error || bytes > kFileBytesMax) {
        return unreadable_because(error ? error.message() : "more than 64 MiB");
    }
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) {
        return unreadable_because("it can't be opened");
    }
    return std::move(text).str();
}

std::uintmax_t disk_of(const fs::path& path) {
    struct stat one {};

    return stat(path.c_str(), &one) == 0 ? one.st_dev : 0;
}

}  // namespace

void Folder::follow(Watch& watch) const {
    std::error_code error;
    if (fs::is_directory(root_, error)) {
        watch.follow(root_.string(), kEnding);
    } else {
        // Programs put a new file in the old one's place: it is the folder that changes.
        watch.follow(root_.has_parent_path() ? root_.parent_path().string() : ".", root_.filename().string());
    }
}

bool Folder::look(Book& book) {
    Files now;
    std::vector<Problem> bad;
    return list(now, bad) ? take(book, std::move(now), std::move(bad)) : take_bad(std::move(bad));
}

bool Folder::list(Files& now, std::vector<Problem>& bad) {
    const auto away = [&](std::string why) {
        bad.push_back({root_.string(), unreadable_because(std::move(why))});
        return false;
    };
    std::error_code error;
    if (!fs::is_directory(root_, error)) {
        if (error || !fs::exists(root_, error)) {
            return away(error ? error.message() : "there is nothing");
        }
        note(root_, now);
        return true;
    }
    bool more = false;
    for (fs::directory_iterator at(root_, error), end; !error && at != end; at.increment(error)) {
        if (at->path().extension() != kEnding) {
            continue;
        }
        // The first by name, in whatever order they come.
        if (now.size() >= files_max_) {
            more = true;
            if (now.rbegin()->first < at->path().string()) {
                continue;
            }
            now.erase(std::prev(now.end()));
        }
        note(at->path(), now);
    }
    if (error) {
        return away(error.message());
    }
    const auto disk = disk_of(root_);
    if (now.empty() && (!disk_ || *disk_ != disk)) {
        return away(disk_ ? "its disk is away" : "no file in it ends in .ics");
    }
    disk_ = disk;
    if (more) {
        bad.push_back({root_.string(), unreadable_because("more than " + std::to_string(files_max_) +
                                                          " files: the others, by name, are left out")});
    }
    return true;
}

bool Folder::take(Book& book, Files now, std::vector<Problem> bad) {
    bool changed = false;
    for (const auto& [name, seen] : seen_) {
        if (!now.contains(name)) {
            book.remove(fs::path(name).filename().string());
            changed = true;
        }
    }
    for (auto& [name, seen] : now) {
        if (book.is_stopping()) {
            return false;
        }
        const auto known = seen_.find(name);
        if (known != seen_.end() && known->second == seen) {
            continue;
        }
        const std::string shown = fs::path(name).filename().string();
        const auto text = read_file(name);
        if (!text) {
            bad.push_back({shown, text.error()});
            seen = {};  // again next time
            continue;
        }
        book.put(shown, *text);
        changed = true;
    }
    seen_ = std::move(now);
    return take_bad(std::move(bad)) || changed;
}

void Folder::note(const fs::path& path, Files& into) {
    std::error_code error;
    const auto written = fs::last_write_time(path, error);
    const auto bytes = fs::file_size(path, error);
    into[path.string()] = {written, error ? 0 : bytes};
}

bool Folder::take_bad(std::vector<Problem> bad) {
    const auto same = [](const Problem& a, const Problem& b) {
        return a.where == b.where && a.error.detail == b.error.detail;
    };
    const bool changed = !std::equal(bad.begin(), bad.end(), bad_.begin(), bad_.end(), same);
    bad_ = std::move(bad);
    return changed;
}

}  // namespace ambit::calendar
