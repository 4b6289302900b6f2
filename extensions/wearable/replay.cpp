#include "wearable/replay.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ambit::wearable {
namespace {

Error invalid(std::string why) {
    return {ErrorCode::WearableRecordingInvalid, std::move(why)};
}

class File {
  public:
    // Never waits, whatever the path names.
    explicit File(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)) {}

    ~File() {
        if (fd_ >= 0) {
            ::close(fd_);
        }
    }

    File(const File&) = delete;
    File& operator=(const File&) = delete;

    int get() const { return fd_; }

  private:
    int fd_;
};

}  // namespace

WallTime Replay::at(Now now) const {
    if (!began_) {
        return now.wall;
    }
    const std::chrono::duration<double, std::micro> passed = now.mono - began_->mono;
    return began_->wall + microseconds(std::llround(passed.count() * speed_));
}

std::vector<Beat> Replay::take(Now now) {
    if (!began_) {
        began_ = now;
        due_ = now.mono;
    }
    if (now.mono >= look_) {
        look_ = now.mono + kLookEvery;
        const bool idle = ahead_.empty();
        look();
        // What is added later comes from then on.
        due_ = idle ? std::max(due_, now.mono) : due_;
    }
    std::vector<Beat> beats;
    next_ = look_;
    while (!ahead_.empty() && beats.size() < kPlayedAtOnce) {
        const double interval = ahead_.front();
        const MonoTime due = due_ + microseconds(std::llround(interval * 1000 / speed_));
        if (due > now.mono) {
            next_ = std::min(next_, due);
            break;
        }
        due_ = due;
        ahead_.pop_front();
        beats.push_back({at({now.wall, due}), interval});
    }
    if (beats.size() == kPlayedAtOnce) {
        next_ = now.mono;
    }
    return beats;
}

void Replay::look() {
    const File file(path_);

    struct stat status {};

    if (file.get() < 0 || ::fstat(file.get(), &status) != 0) {
        problem_ = invalid(std::strerror(errno));
        return;
    }
    if (!S_ISREG(status.st_mode)) {
        problem_ = invalid("not a file");
        return;
    }
    const auto bytes = static_cast<std::uint64_t>(status.st_size);
    if (status.st_ino != inode_ || bytes < offset_) {
        // Another recording.
        inode_ = status.st_ino;
        offset_ = 0;
        broken_ = false;
        reader_ = {};
        ahead_.clear();
    }
    if (broken_ || ahead_.size() >= kAheadMax) {
        return;
    }
    problem_.reset();
    if (const auto read = read_more(file.get()); !read) {
        problem_ = read.error();
        broken_ = true;
        ahead_.clear();
    }
}

Result<void> Replay::read_more(int file) {
    std::string piece(kBytesPerLook, '\0');
    const ssize_t count = ::pread(file, piece.data(), piece.size(), static_cast<off_t>(offset_));
    if (count < 0) {
        return invalid(std::strerror(errno));
    }
    piece.resize(static_cast<std::size_t>(count));
    offset_ += piece.size();
    std::vector<double> intervals;
    AMBIT_TRY(reader_.add(piece, intervals));
    ahead_.insert(ahead_.end(), intervals.begin(), intervals.end());
    return {};
}

}  // namespace ambit::wearable
