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

microseconds Replay::played(Now now) const {
    const microseconds civil = now.wall - last_.wall;
    const microseconds passed = civil < microseconds{0} ? now.mono - last_.mono : civil;
    return played_ + microseconds(std::llround(static_cast<double>(passed.count()) * speed_));
}

std::vector<Beat> Replay::take(Now now) {
    if (!began_) {
        began_ = now.wall;
        last_ = now;
    }
    played_ = played(now);
    last_ = now;
    if (now.mono >= look_) {
        look_ = now.mono + kLookEvery;
        const bool idle = ahead_.empty() && !more_;
        look();
        // What is added later comes from then on.
        due_ = idle ? std::max(due_, played_) : due_;
    }
    std::vector<Beat> beats;
    next_ = look_;
    while (!ahead_.empty() && beats.size() < kPlayedAtOnce) {
        const double interval = ahead_.front();
        const microseconds due = due_ + microseconds(std::llround(interval * 1000));
        if (due > played_) {
            const auto wait = static_cast<double>((due - played_).count()) / speed_;
            next_ = std::min(next_, now.mono + microseconds(std::llround(std::ceil(wait))));
            break;
        }
        due_ = due;
        ahead_.pop_front();
        beats.push_back({*began_ + due_, interval});
    }
    if (ahead_.empty() && more_) {
        look_ = now.mono;
        next_ = now.mono;
    }
    if (beats.size() == kPlayedAtOnce) {
        next_ = now.mono;
    }
    return beats;
}

void Replay::look() {
    more_ = false;
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
    more_ = ahead_.size() >= kAheadMax;
    if (broken_ || more_) {
        return;
    }
    problem_.reset();
    if (const auto read = read_more(file.get()); !read) {
        problem_ = read.error();
        broken_ = true;
        more_ = false;
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
    more_ = piece.size() == kBytesPerLook;
    std::vector<double> intervals;
    AMBIT_TRY(reader_.add(piece, intervals));
    ahead_.insert(ahead_.end(), intervals.begin(), intervals.end());
    return {};
}

}  // namespace ambit::wearable
