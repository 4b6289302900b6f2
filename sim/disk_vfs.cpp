#include "sim/disk_vfs.h"

#include <algorithm>
#include <cstring>

namespace ambit::sim {
namespace {

Disk& disk_of(sqlite3_vfs* vfs) {
    return *static_cast<Disk*>(vfs->pAppData);
}

Disk::Vfs::Handle& handle_of(sqlite3_file* file) {
    return *reinterpret_cast<Disk::Vfs::Handle*>(file);
}

constexpr sqlite3_io_methods kMethods = {.iVersion = 1,
                                         .xClose = Disk::Vfs::close,
                                         .xRead = Disk::Vfs::read,
                                         .xWrite = Disk::Vfs::write,
                                         .xTruncate = Disk::Vfs::truncate,
                                         .xSync = Disk::Vfs::sync,
                                         .xFileSize = Disk::Vfs::file_size,
                                         .xLock = Disk::Vfs::lock,
                                         .xUnlock = Disk::Vfs::lock,
                                         .xCheckReservedLock = Disk::Vfs::check_lock,
                                         .xFileControl = Disk::Vfs::control,
                                         .xSectorSize = Disk::Vfs::sector_size,
                                         .xDeviceCharacteristics = Disk::Vfs::characteristics,
                                         .xShmMap = nullptr,
                                         .xShmLock = nullptr,
                                         .xShmBarrier = nullptr,
                                         .xShmUnmap = nullptr,
                                         .xFetch = nullptr,
                                         .xUnfetch = nullptr};

}  // namespace

Disk::Vfs::Vfs(Disk& disk) : name_("ambit-sim-" + std::to_string(reinterpret_cast<std::uintptr_t>(this))) {
    vfs_.iVersion = 2;
    vfs_.szOsFile = sizeof(Handle);
    vfs_.mxPathname = 512;
    vfs_.zName = name_.c_str();
    vfs_.pAppData = &disk;
    vfs_.xOpen = open;
    vfs_.xDelete = remove;
    vfs_.xAccess = access;
    vfs_.xFullPathname = full_path;
    vfs_.xRandomness = randomness;
    vfs_.xSleep = sleep;
    vfs_.xCurrentTimeInt64 = time_ms;
    sqlite3_vfs_register(&vfs_, 0);
}

Disk::Vfs::~Vfs() {
    sqlite3_vfs_unregister(&vfs_);
}

int Disk::Vfs::open(sqlite3_vfs* vfs, const char* path, sqlite3_file* out, int flags, int* out_flags) {
    Disk& disk = disk_of(vfs);
    Handle& handle = handle_of(out);
    handle.base.pMethods = nullptr;
    if (!disk.powered_) {
        return SQLITE_CANTOPEN;
    }
    // A temporary file has no name and is nobody else's.
    std::shared_ptr<File> file = path == nullptr ? std::make_shared<File>() : disk.files_[path];
    if (file == nullptr) {
        if ((flags & SQLITE_OPEN_CREATE) == 0) {
            disk.files_.erase(path);
            return SQLITE_CANTOPEN;
        }
        file = disk.files_[path] = std::make_shared<File>();
    }
    handle.disk = &disk;
    handle.file = new std::shared_ptr<File>(std::move(file));
    handle.base.pMethods = &kMethods;
    if (out_flags != nullptr) {
        *out_flags = flags;
    }
    return SQLITE_OK;
}

int Disk::Vfs::remove(sqlite3_vfs* vfs, const char* path, int /*sync_folder*/) {
    Disk& disk = disk_of(vfs);
    if (!disk.powered_) {
        return SQLITE_IOERR_DELETE;
    }
    return disk.files_.erase(path) == 0 ? SQLITE_IOERR_DELETE_NOENT : SQLITE_OK;
}

int Disk::Vfs::access(sqlite3_vfs* vfs, const char* path, int /*flags*/, int* result) {
    *result = disk_of(vfs).files_.contains(path) ? 1 : 0;
    return SQLITE_OK;
}

int Disk::Vfs::full_path(sqlite3_vfs* /*vfs*/, const char* path, int size, char* out) {
    sqlite3_snprintf(size, out, "%s", path);
    return SQLITE_OK;
}

int Disk::Vfs::randomness(sqlite3_vfs* /*vfs*/, int size, char* out) {
    std::memset(out, 0x5a, static_cast<std::size_t>(size));
    return size;
}

int Disk::Vfs::sleep(sqlite3_vfs* /*vfs*/, int time_us) {
    return time_us;
}

int Disk::Vfs::time_ms(sqlite3_vfs* /*vfs*/, sqlite3_int64* out) {
    *out = 0;
    return SQLITE_OK;
}

int Disk::Vfs::close(sqlite3_file* file) {
    delete handle_of(file).file;
    return SQLITE_OK;
}

int Disk::Vfs::read(sqlite3_file* file, void* out, int size, sqlite3_int64 at) {
    const Handle& handle = handle_of(file);
    if (!handle.disk->powered_ || handle.disk->fails_reads) {
        return SQLITE_IOERR_READ;
    }
    const Bytes& content = (*handle.file)->content;
    const auto begin = std::min(static_cast<std::size_t>(at), content.size());
    const auto there = std::min(static_cast<std::size_t>(size), content.size() - begin);
    auto* bytes = static_cast<std::uint8_t*>(out);
    std::copy_n(content.begin() + static_cast<std::ptrdiff_t>(begin), there, bytes);
    std::fill(bytes + there, bytes + size, std::uint8_t{0});
    return there == static_cast<std::size_t>(size) ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

int Disk::Vfs::write(sqlite3_file* file, const void* data, int size, sqlite3_int64 at) {
    const Handle& handle = handle_of(file);
    const auto* bytes = static_cast<const std::uint8_t*>(data);
    const auto begin = static_cast<std::size_t>(at);
    if (!handle.disk->has_room(**handle.file, begin + static_cast<std::size_t>(size))) {
        return SQLITE_FULL;
    }
    return handle.disk->write(**handle.file, begin, {bytes, static_cast<std::size_t>(size)})
               ? SQLITE_OK
               : SQLITE_IOERR_WRITE;
}

int Disk::Vfs::truncate(sqlite3_file* file, sqlite3_int64 size) {
    const Handle& handle = handle_of(file);
    return handle.disk->cut(**handle.file, static_cast<std::size_t>(size)) ? SQLITE_OK
                                                                           : SQLITE_IOERR_TRUNCATE;
}

int Disk::Vfs::sync(sqlite3_file* file, int /*flags*/) {
    const Handle& handle = handle_of(file);
    if (!handle.disk->powered_) {
        return SQLITE_IOERR_FSYNC;
    }
    handle.disk->sync(**handle.file);
    return SQLITE_OK;
}

int Disk::Vfs::file_size(sqlite3_file* file, sqlite3_int64* size) {
    *size = static_cast<sqlite3_int64>((*handle_of(file).file)->content.size());
    return SQLITE_OK;
}

int Disk::Vfs::lock(sqlite3_file* /*file*/, int /*kind*/) {
    return SQLITE_OK;
}

int Disk::Vfs::check_lock(sqlite3_file* /*file*/, int* result) {
    *result = 0;
    return SQLITE_OK;
}

int Disk::Vfs::control(sqlite3_file* /*file*/, int /*operation*/, void* /*argument*/) {
    return SQLITE_NOTFOUND;
}

int Disk::Vfs::sector_size(sqlite3_file* /*file*/) {
    return static_cast<int>(kSectorBytes);
}

// As SQLite takes the disks of a Unix to be: a torn write leaves the bytes beside it as they were.
int Disk::Vfs::characteristics(sqlite3_file* /*file*/) {
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

}  // namespace ambit::sim
