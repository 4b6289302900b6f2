#include "calendar/calendar.h"

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>
#include <thread>

#include "base/result.h"
#include "calendar/blocks.h"
#include "calendar/book.h"

namespace ambit::calendar {
namespace {

namespace fs = std::filesystem;

// When a file was written and how long it is: what differs is read again.
struct Seen {
    fs::file_time_type written;
    std::uintmax_t bytes = 0;
    friend bool operator==(const Seen&, const Seen&) = default;
};

Error unreadable(const std::string& what) {
    return {ErrorCode::CalendarUnreadable, what};
}

Result<std::string> read_file(const fs::path& path) {
    std::error_code error;
    const auto bytes = fs::file_size(path, error);
    if (error || bytes > kFileBytesMax) {
        return unreadable(error ? error.message() : "more than 64 MiB");
    }
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) {
        return unreadable("it can't be opened");
    }
    return std::move(text).str();
}

}  // namespace

class Calendar::Worker {
  public:
    Worker(Settings settings, Loop& loop, OnSnapshot on_snapshot)
        : settings_(std::move(settings)), loop_(loop), on_snapshot_(std::move(on_snapshot)) {
        thread_ = std::thread([this] { run(); });
    }

    ~Worker() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        wake_.notify_one();
        thread_.join();
    }

    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

  private:
    void run() {
        // libical keeps its time zones for one thread: everything that reads entries happens here.
        Book book;
        book.set_zone(settings_.zone);
        book.set_own_addresses(settings_.own_addresses);
        MonoTime rolls{};
        bool first = true;
        for (;;) {
            const Now now = Loop::now();
            bool changed = look(book) || first;
            if (now.mono >= rolls) {
                rolls = now.mono + kWindowRolls;
                book.set_window(now.wall - kWindowBefore, now.wall + kWindowAfter);
                changed = true;
            }
            if (changed) {
                post(book);
            }
            first = false;
            std::unique_lock lock(mutex_);
            if (wake_.wait_for(lock, settings_.look_every, [this] { return stopping_; })) {
                return;
            }
        }
    }

    // Brings the book up to date with what is on the disk; true if anything differs.
    bool look(Book& book) {
        std::map<std::string, Seen> now;
        std::vector<Problem> bad;
        std::error_code error;
        const fs::path root(settings_.path);
        if (fs::is_directory(root, error)) {
            for (fs::directory_iterator at(root, error), end; !error && at != end; at.increment(error)) {
                if (at->path().extension() == ".ics" && now.size() < kFilesMax) {
                    note(at->path(), now);
                }
            }
        } else if (!error && fs::exists(root, error)) {
            note(root, now);
        }
        if (error || now.empty()) {
            const bool empty_folder = !error && fs::is_directory(root, error);
            if (!empty_folder) {
                // What it held still counts: a disk that is away for a moment cancels no appointment.
                bad.push_back({settings_.path, unreadable(error ? error.message() : "there is nothing")});
                return take_bad(std::move(bad));
            }
        }
        bool changed = false;
        for (const auto& [name, seen] : seen_) {
            if (!now.contains(name)) {
                book.remove(fs::path(name).filename().string());
                changed = true;
            }
        }
        for (auto& [name, seen] : now) {
            const auto known = seen_.find(name);
            if (known != seen_.end() && known->second == seen) {
                continue;
            }
            const auto text = read_file(name);
            if (!text) {
                bad.push_back({fs::path(name).filename().string(), text.error()});
                seen = {};  // again next time
                continue;
            }
            book.put(fs::path(name).filename().string(), *text);
            changed = true;
        }
        seen_ = std::move(now);
        return take_bad(std::move(bad)) || changed;
    }

    static void note(const fs::path& path, std::map<std::string, Seen>& into) {
        std::error_code error;
        const auto written = fs::last_write_time(path, error);
        const auto bytes = fs::file_size(path, error);
        into[path.string()] = {written, error ? 0 : bytes};
    }

    bool take_bad(std::vector<Problem> bad) {
        const auto same = [](const Problem& a, const Problem& b) {
            return a.where == b.where && a.error.detail == b.error.detail;
        };
        const bool changed = !std::equal(bad.begin(), bad.end(), bad_.begin(), bad_.end(), same);
        bad_ = std::move(bad);
        return changed;
    }

    void post(const Book& book) {
        auto snapshot = std::make_shared<Snapshot>();
        snapshot->occurrences = book.occurrences();
        snapshot->problems = book.problems();
        snapshot->unreadable = bad_;
        snapshot->entries = book.entries();
        loop_.post([weak = std::weak_ptr(alive_), this, snapshot] {
            if (!weak.expired()) {
                on_snapshot_(snapshot);
            }
        });
    }

    const Settings settings_;
    Loop& loop_;
    const OnSnapshot on_snapshot_;
    std::shared_ptr<int> alive_ = std::make_shared<int>();  // dropped on the loop
    std::map<std::string, Seen> seen_;                      // of the thread, as is bad_
    std::vector<Problem> bad_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::thread thread_;
};

Calendar::Calendar(Settings settings, Loop& loop, OnSnapshot on_snapshot)
    : worker_(std::make_unique<Worker>(std::move(settings), loop, std::move(on_snapshot))) {}

Calendar::~Calendar() = default;

}  // namespace ambit::calendar
