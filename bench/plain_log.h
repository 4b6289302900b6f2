// What the benchmarks of durable things share: a folder, a clock, and plain SQLite as the floor.
//
// Ownership: values.  Threads: one each.  Failure: prints and exits.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <linux/magic.h>
#include <sqlite3.h>
#include <sys/vfs.h>

#include "base/bytes.h"

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

inline double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

// How many times as long as the floor: the median of the rounds, each against the floor beside it, because
// what the rest of the machine does to the disk changes from round to round.
inline double ratio(const std::vector<double>& times, const std::vector<double>& floors) {
    std::vector<double> ratios;
    for (std::size_t i = 0; i < times.size(); ++i) {
        ratios.push_back(times[i] / floors[i]);
    }
    return median(std::move(ratios));
}

// On the disk of the current folder, because /tmp may be memory.
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

    void insert(ByteView item) {
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

// The file system, because what a durable commit costs depends on it.
inline std::string file_system_of(const std::string& folder) {
    struct statfs found {};

    require(statfs(folder.c_str(), &found) == 0, "no file system");
    switch (found.f_type) {
        case EXT4_SUPER_MAGIC:
            return "ext4";
        case XFS_SUPER_MAGIC:
            return "xfs";
        case BTRFS_SUPER_MAGIC:
            return "btrfs";
        case OVERLAYFS_SUPER_MAGIC:
            return "overlayfs";
        case TMPFS_MAGIC:
            return "tmpfs (memory: nothing is durable)";
        default:
            return "a file system of type " + std::to_string(found.f_type);
    }
}

// As the store has them; printed beside the figures.
inline void print_disk_settings(const std::string& folder) {
    std::printf(
        "settings of all: SQLite %s, WAL, synchronous FULL, exclusive, autocheckpoint 1000 pages, on %s\n",
        sqlite3_libversion(), file_system_of(folder).c_str());
}

}  // namespace ambit::bench
