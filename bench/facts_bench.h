// What the benchmarks of facts share: a device with its store, and plain SQLite as the floor.
//
// Ownership: values.  Threads: one each.  Failure: prints and exits.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include <sqlite3.h>

#include <boost/asio/io_context.hpp>

#include "crypto/seeded_random.h"
#include "facts/entry.h"
#include "store/store.h"

namespace ambit::bench {

using Clock = std::chrono::steady_clock;

inline double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

inline void require(bool condition, const char* what) {
    if (!condition) {
        std::fprintf(stderr, "benchmark failed: %s\n", what);
        std::exit(1);
    }
}

class TemporaryFolder {
  public:
    TemporaryFolder() {
        std::string name = (std::filesystem::current_path() / "bench-XXXXXX").string();
        require(mkdtemp(name.data()) != nullptr, "no temporary folder");
        path_ = name;
    }

    ~TemporaryFolder() { std::filesystem::remove_all(path_); }

    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const std::string& path() const { return path_; }

  private:
    std::string path_;
};

// Plain SQLite: one table, WAL, synchronous FULL, one prepared insert.
class PlainLog {
  public:
    explicit PlainLog(const std::string& path) {
        require(sqlite3_open(path.c_str(), &handle_) == SQLITE_OK, "open");
        run("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
        run("CREATE TABLE log(seq INTEGER PRIMARY KEY, item BLOB NOT NULL) STRICT;");
        sqlite3_prepare_v2(handle_, "INSERT INTO log(item) VALUES(?)", -1, &insert_, nullptr);
    }

    ~PlainLog() {
        sqlite3_finalize(insert_);
        sqlite3_close(handle_);
    }

    PlainLog(const PlainLog&) = delete;
    PlainLog& operator=(const PlainLog&) = delete;

    void begin() { run("BEGIN IMMEDIATE"); }

    void commit() { run("COMMIT"); }

    void insert(const Bytes& item) {
        sqlite3_reset(insert_);
        sqlite3_bind_blob(insert_, 1, item.data(), static_cast<int>(item.size()), SQLITE_STATIC);
        require(sqlite3_step(insert_) == SQLITE_DONE, "insert");
    }

  private:
    void run(const char* sql) {
        require(sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) == SQLITE_OK, sql);
    }

    sqlite3* handle_ = nullptr;
    sqlite3_stmt* insert_ = nullptr;
};

// Two shared devices of one household.
struct Household {
    Household() {
        auto roster_ = std::make_shared<identity::Roster>();
        for (auto* key : {&one, &two}) {
            identity::Device device;
            device.verify_key = key->verify_key();
            device.id = crypto::device_id_of(device.verify_key);
            roster_->devices[device.id] = device;
        }
        roster = roster_;
    }

    crypto::SigningKey one = crypto::SigningKey::from_seed({1});
    crypto::SigningKey two = crypto::SigningKey::from_seed({2});
    identity::RosterView roster;
};

// Facts on SQLite with a loop of its own.
class Device final : public storage::StorageEvents {
  public:
    Device(const std::string& folder,
           const crypto::SigningKey& key,
           identity::RosterView roster,
           std::uint8_t seed)
        : random_({seed}) {
        auto opened = store::SqliteStore::open({.folder = folder, .vfs = {}}, loop);
        require(opened.has_value(), "open the store");
        store = std::move(*opened);
        store->set_events(this);
        facts = std::make_unique<facts::Facts>(crypto::device_id_of(key.verify_key()), key, random_, *store,
                                               [] { return Digest(); });
        require(facts->load(false, Loop::now()).has_value(), "load");
        facts->set_roster(std::move(roster), Loop::now());
    }

    void on_durable(storage::Ticket up_to) override {
        ++transactions;
        facts->on_durable(up_to, Loop::now());
    }

    void on_read(storage::ReadId id, Result<std::vector<Bytes>> items) override {
        if (auto served = facts->on_read(id, items, Loop::now()); served && on_served) {
            on_served(std::move(*served));
        }
    }

    void on_storage_failed(const Error& error) override { require(false, error.detail.c_str()); }

    void turn() { loop.io().run_one(); }

    void write(std::span<const facts::Draft> drafts) {
        const auto id = facts->put_all(drafts, Loop::now());
        require(id.has_value(), "put");
        while (facts->durable_write() < *id) {
            turn();
        }
    }

    Loop loop;
    std::unique_ptr<store::SqliteStore> store;
    std::unique_ptr<facts::Facts> facts;
    std::function<void(facts::Served)> on_served;
    std::size_t transactions = 0;

  private:
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{loop.io().get_executor()};
    crypto::SeededRandom random_;
};

inline facts::Draft draft(std::size_t number) {
    facts::Draft draft;
    draft.key = {privacy::Household{}, "entity:bench/light_" + std::to_string(number), "state"};
    draft.value = facts::Json{R"({"on":true,"brightness_pct":40})"};
    draft.time = Loop::now().wall;
    return draft;
}

}  // namespace ambit::bench
