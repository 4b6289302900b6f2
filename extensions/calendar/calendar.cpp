#include "calendar/calendar.h"

#include <atomic>
#include <thread>

#include "calendar/book.h"
#include "calendar/folder.h"
#include "calendar/watch.h"

namespace ambit::calendar {

class Calendar::Worker {
  public:
    Worker(Settings settings, Loop& loop, OnSnapshot on_snapshot)
        : settings_(std::move(settings)), loop_(loop), on_snapshot_(std::move(on_snapshot)) {
        if (settings_.server) {
            server_ = std::make_unique<Server>(*settings_.server, [this] { watch_.call(); });
        }
        thread_ = std::thread([this] { run(); });
    }

    ~Worker() {
        stopping_ = true;
        watch_.call();
        thread_.join();
    }

    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

  private:
    void run() {
        // libical keeps its time zones for one thread: everything that reads entries happens here.
        Book book(&stopping_);
        book.set_zone(settings_.zone);
        book.set_own_addresses(settings_.own_addresses);
        Folder folder(settings_.path);
        MonoTime rolls{};
        MonoTime looks{};
        bool differs = true;
        while (!stopping_) {
            const Now now = Loop::now();
            if (!settings_.path.empty() && now.mono >= looks) {
                folder.follow(watch_);
                differs = folder.look(book) || differs;
                looks = Loop::now().mono + settings_.look_every;
            }
            const auto took = Loop::now().mono - now.mono;
            differs = fetch(book) || differs;
            if (now.mono >= rolls) {
                rolls = now.mono + kWindowRolls;
                book.set_window(now.wall - kWindowBefore, now.wall + kWindowAfter);
                differs = true;
            }
            if (differs && !stopping_) {
                post(book, folder);
                differs = false;
            }
            if (watch_.wait(settings_.look_every)) {
                // Where something changes all the time, others get some of the processor, too.
                std::this_thread::sleep_for(std::min<MonoTime::duration>(took / 4, kRestMax));
                looks = {};
            }
        }
    }

    // What the server told since last time; true if there is something new to say.
    bool fetch(Book& book) {
        if (!server_) {
            return false;
        }
        const Server::News news = server_->fetch();
        for (const Change& change : news.changes) {
            if (stopping_) {
                return false;
            }
            if (change.ics) {
                book.put(change.name, *change.ics);
            } else {
                book.remove(change.name);
            }
        }
        untold_ = untold_ || !news.changes.empty();
        const bool over = news.rounds != std::exchange(rounds_, news.rounds);
        const bool first = over && !std::exchange(asked_, true);
        std::optional<Error> error = news.error;
        if (!error && news.asking_since && Loop::now().mono > *news.asking_since + settings_.slow_after) {
            error = Error{ErrorCode::CalendarServerLost, "it is slow: it is still telling"};
        }
        const bool other_error = error.has_value() != server_error_.has_value() ||
                                 (error && error->detail != server_error_->detail);
        server_error_ = std::move(error);
        // What it is still telling is told once all of it is here.
        return (over && std::exchange(untold_, false)) || first || other_error;
    }

    void post(const Book& book, const Folder& folder) {
        auto snapshot = std::make_shared<Snapshot>();
        snapshot->occurrences = book.occurrences();
        snapshot->problems = book.problems();
        snapshot->unreadable = folder.unreadable();
        snapshot->server = server_error_;
        snapshot->asked = asked_;
        snapshot->entries = book.entries();
        loop_.post([weak = std::weak_ptr(alive_), this, snapshot] {
            if (!weak.expired()) {
                on_snapshot_(snapshot);
            }
        });
    }

    static constexpr std::chrono::milliseconds kRestMax{250};

    const Settings settings_;
    Loop& loop_;
    const OnSnapshot on_snapshot_;
    std::shared_ptr<int> alive_ = std::make_shared<int>();  // dropped on the loop
    Watch watch_;
    std::unique_ptr<Server> server_;  // calls the watch
    std::size_t rounds_ = 0;          // of the thread, as are the next
    bool asked_ = settings_.server == std::nullopt;
    bool untold_ = false;
    std::optional<Error> server_error_;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

Calendar::Calendar(Settings settings, Loop& loop, OnSnapshot on_snapshot)
    : worker_(std::make_unique<Worker>(std::move(settings), loop, std::move(on_snapshot))) {}

Calendar::~Calendar() = default;

}  // namespace ambit::calendar
