// SqliteStore: the durable store of a device, on SQLite.
//
// WAL with full synchronisation; everything queued while a transaction runs goes into the next one (group
// commit). Ownership: apps own it; it must be destroyed before its Loop and after nobody calls it any more.
// Threads: one worker (worker.h); methods and events are the loop's.  A destroyed store has written all it
// was given. Failure: StoreLocked, StoreNewer, StoreDamaged, StoreUnusable from open(); StorageFailed once,
// later (2100-2199). Limits: kQueuedBytesMax of commits; beyond it commit() waits for the worker, so that
// memory stays bounded.
#pragma once

#include <memory>
#include <string>

#include "loop/loop.h"
#include "storage/storage.h"
#include "store/worker.h"

namespace ambit::store {

inline constexpr std::size_t kQueuedBytesMax = 64UL * 1024 * 1024;
inline constexpr std::size_t kQueuedReadsMax = 1024;

struct StoreOptions {
    std::string folder;  // made with mode 0700 if missing; the database in it has mode 0600
    std::string vfs;     // SQLite's name of it; empty: the default one
};

class SqliteStore final : public storage::Storage {
  public:
    // Works on a thread of its own.
    static Result<std::unique_ptr<SqliteStore>> open(const StoreOptions& options, Loop& loop);
    // Works where `worker` says; the folder is there.
    static Result<std::unique_ptr<SqliteStore>> open(const StoreOptions& options,
                                                     std::unique_ptr<Worker> worker);
    // Moves a database that no store has open out of the way, within `folder`; the next open() begins anew.
    // Where it is now.
    static Result<std::string> set_aside(const std::string& folder);
    ~SqliteStore() override;

    // Who is told; call before the first commit.
    void set_events(storage::StorageEvents* events);
    // True if this folder held no store before: the device's facts then begin a new incarnation.
    bool is_new() const;

    storage::Ticket commit(storage::Batch batch) override;
    storage::Ticket durable() const override;
    storage::ReadId read(const storage::ReadRequest& request) override;
    Result<void> load_streams(std::string_view prefix, const StreamVisitor& visitor) override;
    Result<std::map<std::string, Bytes>> load_table(const std::string& table) override;

  private:
    struct Impl;
    explicit SqliteStore(std::unique_ptr<Impl> impl);

    std::unique_ptr<Impl> impl_;
};

}  // namespace ambit::store
