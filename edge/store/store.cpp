#include "store/store.h"

#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <future>
#include <mutex>
#include <thread>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/database.h"

namespace ambit::store {
namespace {

constexpr const char* kFileName = "ambit.db";

std::size_t size_of(const storage::Batch& batch) {
    std::size_t size = 64;
    for (const auto& operation : batch) {
        if (const auto* append = std::get_if<storage::Append>(&operation)) {
            for (const Bytes& item : append->items) {
                size += item.size() + sizeof item;
            }
        } else if (const auto* put = std::get_if<storage::Put>(&operation)) {
            size += put->key.size() + put->value.size() + sizeof *put;
        }
    }
    return size;
}

// Makes the folder and an empty database that only this user may read; what SQLite adds inherits its mode.
Result<void> make_private(const std::string& folder, const std::string& path) {
    if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
        return Error{ErrorCode::StoreUnusable, folder + ": " + std::strerror(errno)};
    }
    if (chmod(folder.c_str(), 0700) != 0) {
        return Error{ErrorCode::StoreUnusable, folder + ": " + std::strerror(errno)};
    }
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0 || fchmod(file, 0600) != 0) {
        const int reason = errno;
        if (file >= 0) {
            close(file);
        }
        return Error{ErrorCode::StoreUnusable, path + ": " + std::strerror(reason)};
    }
    close(file);
    return {};
}

// What the loop knows; tasks still on the loop when the store goes find it gone.
struct LoopSide {
    storage::StorageEvents* events = nullptr;
    storage::Ticket durable = 0;
};

}  // namespace

struct SqliteStore::Impl {
    struct Read {
        storage::ReadId id;
        storage::ReadRequest request;
    };

    Impl(std::unique_ptr<Database> opened, Loop& the_loop) : database(std::move(opened)), loop(the_loop) {
        worker = std::thread([this] { work(); });
    }

    ~Impl() {
        {
            const std::lock_guard lock(mutex);
            stopping = due = true;
        }
        wake.notify_one();
        worker.join();
    }

    // Worker: takes all that is queued, writes all commits as one transaction, then answers the readings.
    void work() {
        std::unique_lock lock(mutex);
        for (;;) {
            wake.wait(lock, [this] { return due; });
            if (stopping && commits.empty() && reads.empty() && startup_tasks.empty()) {
                return;
            }
            due = stopping;
            const auto batches = std::exchange(commits, {});
            const auto readings = std::exchange(reads, {});
            const auto tasks = std::exchange(startup_tasks, {});
            const storage::Ticket last = last_ticket;
            queued_bytes = 0;
            lock.unlock();
            room.notify_one();
            if (!batches.empty()) {
                write(batches, last);
            }
            for (const auto& task : tasks) {
                task();
            }
            for (const Read& reading : readings) {
                auto items = database->read(reading.request);
                tell([id = reading.id, items = std::move(items)](LoopSide& side) mutable {
                    side.events->on_read(id, std::move(items));
                });
            }
            lock.lock();
        }
    }

    void write(const std::vector<storage::Batch>& batches, storage::Ticket last) {
        if (failed) {
            return;
        }
        if (const auto written = database->apply(batches); !written) {
            failed = true;
            tell([error = Error{ErrorCode::StorageFailed, written.error().detail}](LoopSide& side) {
                side.events->on_storage_failed(error);
            });
            return;
        }
        tell([last](LoopSide& side) {
            side.durable = last;
            side.events->on_durable(last);
        });
    }

    // Wakes the worker once the loop's turn is over, so that all that is committed in it shares one
    // transaction.
    void wake_after_turn() {
        if (std::exchange(wake_is_posted, true)) {
            return;
        }
        loop.post([this, side = std::weak_ptr(loop_side)] {
            if (!side.expired()) {
                wake_is_posted = false;
                {
                    const std::lock_guard lock(mutex);
                    due = true;
                }
                wake.notify_one();
            }
        });
    }

    template <typename Event>
    void tell(Event event) {
        auto shared = std::make_shared<Event>(std::move(event));
        loop.post([side = std::weak_ptr(loop_side), shared] {
            if (const auto here = side.lock(); here && here->events != nullptr) {
                (*shared)(*here);
            }
        });
    }

    // Start-up: runs `task` on the worker, after everything before it, and waits.
    void run_and_wait(std::function<void()> task) {
        std::promise<void> done;
        {
            const std::lock_guard lock(mutex);
            startup_tasks.emplace_back([&] {
                task();
                done.set_value();
            });
            due = true;
        }
        wake.notify_one();
        done.get_future().wait();
    }

    std::unique_ptr<Database> database;  // the worker's, once it runs
    bool failed = false;                 // the worker's
    Loop& loop;
    std::shared_ptr<LoopSide> loop_side = std::make_shared<LoopSide>();
    bool wake_is_posted = false;  // the loop's

    std::mutex mutex;  // guards what follows
    std::condition_variable wake;
    std::condition_variable room;
    std::vector<storage::Batch> commits;
    std::vector<Read> reads;
    std::vector<std::function<void()>> startup_tasks;
    std::size_t queued_bytes = 0;
    storage::Ticket last_ticket = 0;
    storage::ReadId last_read = 0;
    bool due = false;  // the worker is to take all that is queued
    bool stopping = false;

    std::thread worker;
};

SqliteStore::SqliteStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

SqliteStore::~SqliteStore() = default;

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const StoreOptions& options, Loop& loop) {
    const std::string path = options.folder + "/" + kFileName;
    if (options.vfs.empty()) {
        AMBIT_TRY(make_private(options.folder, path));
    }
    AMBIT_TRY_ASSIGN(auto database, Database::open(path, options.vfs));
    return std::unique_ptr<SqliteStore>(new SqliteStore(std::make_unique<Impl>(std::move(database), loop)));
}

void SqliteStore::set_events(storage::StorageEvents* events) {
    impl_->loop_side->events = events;
}

bool SqliteStore::is_new() const {
    return impl_->database->is_new();
}

storage::Ticket SqliteStore::commit(storage::Batch batch) {
    const std::size_t size = size_of(batch);
    storage::Ticket ticket = 0;
    {
        std::unique_lock lock(impl_->mutex);
        if (impl_->queued_bytes >= kQueuedBytesMax) {
            impl_->due = true;
            impl_->wake.notify_one();
            impl_->room.wait(lock, [this] { return impl_->queued_bytes < kQueuedBytesMax; });
        }
        impl_->queued_bytes += size;
        impl_->commits.push_back(std::move(batch));
        ticket = ++impl_->last_ticket;
    }
    impl_->wake_after_turn();
    return ticket;
}

storage::Ticket SqliteStore::durable() const {
    return impl_->loop_side->durable;
}

storage::ReadId SqliteStore::read(const storage::ReadRequest& request) {
    storage::ReadId id = 0;
    bool accepted = false;
    {
        const std::lock_guard lock(impl_->mutex);
        id = ++impl_->last_read;
        accepted = impl_->reads.size() < kQueuedReadsMax;
        if (accepted) {
            impl_->reads.push_back({id, request});
            impl_->due = true;
        }
    }
    if (accepted) {
        impl_->wake.notify_one();
    } else {
        impl_->tell([id](LoopSide& side) {
            side.events->on_read(
                id, Error{ErrorCode::LimitExceeded, "more than 1024 readings of the store wait"});
        });
    }
    return id;
}

Result<void> SqliteStore::load_streams(std::string_view prefix, const StreamVisitor& visitor) {
    Result<void> result;
    impl_->run_and_wait([&] { result = impl_->database->load_streams(prefix, visitor); });
    return result;
}

Result<std::map<std::string, Bytes>> SqliteStore::load_table(const std::string& table) {
    std::optional<Result<std::map<std::string, Bytes>>> result;
    impl_->run_and_wait([&] { result = impl_->database->load_table(table); });
    return std::move(*result);
}

}  // namespace ambit::store
