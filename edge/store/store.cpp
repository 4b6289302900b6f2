#include "store/store.h"

#include <cerrno>
#include <cstring>
#include <mutex>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/database.h"
#include "store/worker.h"

namespace ambit::store {
namespace {

constexpr int kSetAsideMax = 9;

std::string path_in(const std::string& folder) {
    return folder + "/ambit.db";
}

std::size_t size_of(const storage::Batch& batch) {
    std::size_t size = 64;
    for (const auto& operation : batch) {
        if (const auto* append = std::get_if<storage::Append>(&operation)) {
            size += append->items.packed().size();
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

    Impl(std::unique_ptr<Database> opened, std::unique_ptr<Worker> the_worker)
        : database(std::move(opened)), worker(std::move(the_worker)) {}

    // Writes what is queued, then lets the database be closed.
    ~Impl() {
        start_job();
        worker->finish();
    }

    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    void start_job() {
        worker->run([this] { work(); });
    }

    // Worker: takes all that is queued, writes all commits as one transaction, then answers the readings.
    void work() {
        std::unique_lock lock(mutex);
        auto batches = std::exchange(commits, {});
        const auto readings = std::exchange(reads, {});
        const storage::Ticket last = last_ticket;
        queued_bytes = 0;
        lock.unlock();
        if (!batches.empty()) {
            write(std::move(batches), last);
        }
        for (const Read& reading : readings) {
            auto items = database->read(reading.request);
            tell([id = reading.id, items = std::move(items)](LoopSide& side) mutable {
                side.events->on_read(id, std::move(items));
            });
        }
    }

    void write(std::vector<storage::Batch> batches, storage::Ticket last) {
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
        // The loop, which made the batches, frees them too: memory that changes threads costs both of them
        // time.
        tell([last, written = std::move(batches)](LoopSide& side) {
            side.durable = last;
            side.events->on_durable(last);
        });
    }

    // Lets the worker begin once the loop's turn is over, so that all that is committed in it shares one
    // transaction.
    void work_after_turn() {
        if (std::exchange(work_is_posted, true)) {
            return;
        }
        worker->post([this, side = std::weak_ptr(loop_side)] {
            if (!side.expired()) {
                work_is_posted = false;
                start_job();
            }
        });
    }

    template <typename Event>
    void tell(Event event) {
        auto shared = std::make_shared<Event>(std::move(event));
        worker->post([side = std::weak_ptr(loop_side), shared] {
            if (const auto here = side.lock(); here && here->events != nullptr) {
                (*shared)(*here);
            }
        });
    }

    // Start-up: runs `task` on the worker, after everything that was committed before, and waits.
    void run_and_wait(std::function<void()> task) {
        start_job();
        worker->run(std::move(task));
        worker->finish();
    }

    std::unique_ptr<Database> database;  // the worker's, while it works
    bool failed = false;                 // the worker's
    std::shared_ptr<LoopSide> loop_side = std::make_shared<LoopSide>();
    bool work_is_posted = false;  // the loop's

    std::mutex mutex;  // guards what follows, but the worker
    std::vector<storage::Batch> commits;
    std::vector<Read> reads;
    std::size_t queued_bytes = 0;
    storage::Ticket last_ticket = 0;
    storage::ReadId last_read = 0;

    std::unique_ptr<Worker> worker;  // goes first: its jobs use all of the above
};

SqliteStore::SqliteStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

SqliteStore::~SqliteStore() = default;

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const StoreOptions& options, Loop& loop) {
    if (options.vfs.empty()) {
        AMBIT_TRY(make_private(options.folder, path_in(options.folder)));
    }
    return open(options, make_worker_thread(loop));
}

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const StoreOptions& options,
                                                       std::unique_ptr<Worker> worker) {
    AMBIT_TRY_ASSIGN(auto database, Database::open(path_in(options.folder), options.vfs));
    return std::unique_ptr<SqliteStore>(
        new SqliteStore(std::make_unique<Impl>(std::move(database), std::move(worker))));
}

Result<std::string> SqliteStore::set_aside(const std::string& folder) {
    const std::string path = path_in(folder);
    for (int number = 1; number <= kSetAsideMax; ++number) {
        const std::string aside = path + ".damaged-" + std::to_string(number);
        if (access(aside.c_str(), F_OK) == 0) {
            continue;
        }
        // The log first: without its database it says nothing, but a new database would take it for its own.
        for (const char* suffix : {"-wal", "-shm", ""}) {
            if (rename((path + suffix).c_str(), (aside + suffix).c_str()) != 0 && errno != ENOENT) {
                return Error{ErrorCode::StoreUnusable, path + suffix + ": " + std::strerror(errno)};
            }
        }
        return aside;
    }
    return Error{ErrorCode::LimitExceeded, "remove " + path + ".damaged-* first"};
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
    bool full = false;
    {
        const std::lock_guard lock(impl_->mutex);
        full = impl_->queued_bytes >= kQueuedBytesMax;
    }
    if (full) {
        impl_->start_job();
        impl_->worker->finish();
    }
    {
        const std::lock_guard lock(impl_->mutex);
        impl_->queued_bytes += size;
        impl_->commits.push_back(std::move(batch));
        ticket = ++impl_->last_ticket;
    }
    impl_->work_after_turn();
    return ticket;
}

storage::Ticket SqliteStore::durable() const {
    return impl_->loop_side->durable;
}

storage::ReadId SqliteStore::read(const storage::ReadRequest& request) {
    storage::ReadId id = 0;
    bool accepted = false;
    bool first = false;
    {
        const std::lock_guard lock(impl_->mutex);
        id = ++impl_->last_read;
        accepted = impl_->reads.size() < kQueuedReadsMax;
        first = impl_->reads.empty();
        if (accepted) {
            impl_->reads.push_back({id, request});
        }
    }
    if (!accepted) {
        impl_->tell([id](LoopSide& side) {
            side.events->on_read(
                id, Error{ErrorCode::LimitExceeded, "more than 1024 readings of the store wait"});
        });
    } else if (first) {
        impl_->start_job();
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
