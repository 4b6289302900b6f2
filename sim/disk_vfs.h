// Disk::Vfs: the calls that SQLite makes of a simulated disk.
//
// Ownership: its Disk's.  Threads: one.  Failure: SQLite's own codes.  Spec: https://sqlite.org/vfs.html.
// There is no shared memory: the store takes its database exclusively and needs none.
#pragma once

#include <sqlite3.h>

#include "sim/disk.h"

namespace ambit::sim {

struct Disk::Vfs {
    explicit Vfs(Disk& disk);
    ~Vfs();
    Vfs(const Vfs&) = delete;
    Vfs& operator=(const Vfs&) = delete;

    const std::string& name() const { return name_; }

    // An open file as SQLite holds it; `base` comes first.
    struct Handle {
        sqlite3_file base;
        Disk* disk;
        std::shared_ptr<File>* file;
    };

    static int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* out, int flags, int* out_flags);
    static int remove(sqlite3_vfs* vfs, const char* path, int sync_folder);
    static int access(sqlite3_vfs* vfs, const char* path, int flags, int* result);
    static int full_path(sqlite3_vfs* vfs, const char* path, int size, char* out);
    static int randomness(sqlite3_vfs* vfs, int size, char* out);
    static int sleep(sqlite3_vfs* vfs, int time_us);
    static int time_ms(sqlite3_vfs* vfs, sqlite3_int64* out);

    static int close(sqlite3_file* file);
    static int read(sqlite3_file* file, void* out, int size, sqlite3_int64 at);
    static int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 at);
    static int truncate(sqlite3_file* file, sqlite3_int64 size);
    static int sync(sqlite3_file* file, int flags);
    static int file_size(sqlite3_file* file, sqlite3_int64* size);
    static int lock(sqlite3_file* file, int kind);
    static int check_lock(sqlite3_file* file, int* result);
    static int control(sqlite3_file* file, int operation, void* argument);
    static int sector_size(sqlite3_file* file);
    static int characteristics(sqlite3_file* file);

  private:
    std::string name_;
    sqlite3_vfs vfs_{};
};

}  // namespace ambit::sim
