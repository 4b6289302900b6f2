#include "store/small_disk_testing.h"

#include <sqlite3.h>

namespace ambit::store {
namespace {

long room_left = 0;
sqlite3_vfs disk;

// What SQLite sees; the default VFS's own file lies behind it in memory.
struct File {
    sqlite3_file base;

    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

sqlite3_file* real(sqlite3_file* file) {
    return reinterpret_cast<File*>(file)->real();
}

int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
    sqlite3_int64 end = 0;
    real(file)->pMethods->xFileSize(real(file), &end);
    const sqlite3_int64 growth = offset + size - end;
    if (growth > room_left) {
        return SQLITE_FULL;
    }
    room_left -= growth > 0 ? static_cast<long>(growth) : 0;
    return real(file)->pMethods->xWrite(real(file), data, size, offset);
}

// Version 1: no shared memory and no mapping, which the store needs neither of.
const sqlite3_io_methods kMethods{
    1,
    [](sqlite3_file* file) { return real(file)->pMethods->xClose(real(file)); },
    [](sqlite3_file* file, void* out, int size, sqlite3_int64 offset) {
        return real(file)->pMethods->xRead(real(file), out, size, offset);
    },
    write,
    [](sqlite3_file* file, sqlite3_int64 size) { return real(file)->pMethods->xTruncate(real(file), size); },
    [](sqlite3_file* file, int flags) { return real(file)->pMethods->xSync(real(file), flags); },
    [](sqlite3_file* file, sqlite3_int64* size) { return real(file)->pMethods->xFileSize(real(file), size); },
    [](sqlite3_file* file, int lock) { return real(file)->pMethods->xLock(real(file), lock); },
    [](sqlite3_file* file, int lock) { return real(file)->pMethods->xUnlock(real(file), lock); },
    [](sqlite3_file* file, int* held) { return real(file)->pMethods->xCheckReservedLock(real(file), held); },
    // None: a hint about the size would make the file grow past write().
    [](sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; },
    [](sqlite3_file* file) { return real(file)->pMethods->xSectorSize(real(file)); },
    [](sqlite3_file* file) { return real(file)->pMethods->xDeviceCharacteristics(real(file)); },
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
};

int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* flags_out) {
    sqlite3_vfs* parent = sqlite3_vfs_find(nullptr);
    file->pMethods = nullptr;
    const int rc = parent->xOpen(parent, name, real(file), flags, flags_out);
    if (rc == SQLITE_OK) {
        file->pMethods = &kMethods;
    }
    return rc;
}

}  // namespace

SmallDisk::SmallDisk(std::string name, long room) : name_(std::move(name)) {
    room_left = room;
    disk = *sqlite3_vfs_find(nullptr);
    disk.pNext = nullptr;
    disk.zName = name_.c_str();
    disk.szOsFile += static_cast<int>(sizeof(File));
    disk.xOpen = open;
    sqlite3_vfs_register(&disk, 0);
}

SmallDisk::~SmallDisk() {
    sqlite3_vfs_unregister(&disk);
}

long SmallDisk::room() {
    return room_left;
}

}  // namespace ambit::store
