// Disk: a simulated disk, and the files on it as SQLite sees them.
//
// Keeps what was synced apart from what was only written: a power loss keeps, drops or tears (by sectors)
// each write that was not synced, as its random source says.  Survives its device; its image may be kept, and
// put back later or on another disk. Ownership: a simulated device owns one, which outlives every database on
// it.  Threads: one. Failure: as a test asks: full, unreadable, losing power at a given write, or lying about
// what it synced.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/random.h"
#include "base/time.h"

namespace ambit::sim {

class Disk {
  public:
    static constexpr std::size_t kSectorBytes = 512;

    // What a copy of the disk holds.
    using Image = std::map<std::string, Bytes>;

    explicit Disk(Random& random);
    ~Disk();
    Disk(const Disk&) = delete;
    Disk& operator=(const Disk&) = delete;

    // The name under which SQLite knows this disk.
    const std::string& vfs() const { return name_; }

    // --- What a test can ask for.
    microseconds sync_time{300};
    std::optional<std::size_t> bytes_max;  // more than this is "disk full"
    bool fails_reads = false;
    bool lies_about_syncs = false;  // to show that the checks notice

    // The power fails in the middle of the `writes`-th write from now; `on_loss` is told, once.
    void lose_power_at(std::uint64_t writes, std::function<void()> on_loss);

    // Nothing can be read or written any more, until power_on().
    void power_off();
    // What was not synced is kept, lost or torn.
    void power_on();

    // Only the process was gone: what was written is there, synced or not.
    void resume() { powered_ = true; }

    bool has_power() const { return powered_; }

    // As a copy of the whole disk made in this moment would be.
    Image image() const;
    // The device is off.
    void restore(const Image& image);

    std::size_t bytes_used() const;
    // How long the disk was busy since the last call.
    microseconds take_time();

    struct Vfs;  // what SQLite calls (disk_vfs.cpp)

  private:
    friend struct Vfs;

    // A write that was not synced, and what was there before it.
    struct Write {
        std::size_t at = 0;
        std::size_t size = 0;         // 0: the file was cut to `at`
        std::size_t kept_before = 0;  // in File::before, up to the next write's
        std::size_t size_before = 0;  // of the file
    };

    struct File {
        Bytes content;  // as programs see it
        std::vector<Write> unsynced;
        Bytes before;         // what the unsynced writes wrote over, one after the other
        bool listed = false;  // the directory has it for sure
    };

    static void put(Bytes& to, std::size_t at, ByteView data);
    void tear(Bytes& to, std::size_t at, ByteView data);
    // Each write that was not synced is kept, torn or lost.
    void lose_unsynced(File& file);
    // False: no power, or it has just gone.
    bool write(File& file, std::size_t at, ByteView data);
    bool cut(File& file, std::size_t size);
    // Before it is done.
    static void remember(File& file, std::size_t at, std::size_t size, std::size_t end);
    // After it was.
    bool note();
    void sync(File& file);
    bool has_room(const File& file, std::size_t size) const;

    Random& random_;
    std::string name_;
    std::unique_ptr<Vfs> vfs_;
    std::map<std::string, std::shared_ptr<File>> files_;
    std::uint64_t writes_left_ = 0;  // 0: the power stays
    std::function<void()> on_loss_;
    bool powered_ = true;
    microseconds busy_{0};
};

}  // namespace ambit::sim
