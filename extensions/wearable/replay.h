// Replay: a recording of heartbeats that is played as if they came now, as civil time passes; lines that are
// added to it are followed.
//
// Ownership: the daemon owns it.  Threads: one.  Use: take() at next_deadline(); reading a piece of a file is
// all that it waits for.  Failure: WearableRecordingInvalid (5401) for a file that is none, names the line;
// it is looked at again, and begins anew once it is another.  Spec: docs/spec/agents.md section "Body state".
#pragma once

#include <deque>

#include "base/time.h"
#include "wearable/heartbeats.h"

namespace ambit::wearable {

struct Beat {
    WallTime at;  // as time passes in the recording
    double interval_ms = 0;
};

class Replay {
  public:
    static constexpr milliseconds kLookEvery{500};
    static constexpr std::size_t kBytesPerLook = 64 * 1024;
    static constexpr std::size_t kAheadMax = 16'384;  // beats read and not played yet
    static constexpr std::size_t kPlayedAtOnce = 4'096;

    // `speed`: so many times as fast as it was recorded.
    Replay(std::string path, double speed) : path_(std::move(path)), speed_(speed) {}

    // The beats that are due.
    std::vector<Beat> take(Now now);

    MonoTime next_deadline() const { return next_; }

    // What is wrong with the file; nothing if it can be read.
    const std::optional<Error>& problem() const { return problem_; }

    // The time in the recording.
    WallTime at(Now now) const { return began_ ? *began_ + played(now) : now.wall; }

  private:
    // How much of the recording is played by now; a clock that is set back takes nothing back.
    microseconds played(Now now) const;
    void look();
    Result<void> read_more(int file);

    std::string path_;
    double speed_;
    RecordingReader reader_;
    std::deque<double> ahead_;
    std::optional<Error> problem_;
    std::uint64_t inode_ = 0;
    std::uint64_t offset_ = 0;
    bool broken_ = false;  // it proved to be none
    bool more_ = false;    // of it was there when it was looked at
    std::optional<WallTime> began_;
    microseconds played_{0};  // by `last_`
    Now last_{};
    microseconds due_{0};  // the last beat that was played
    MonoTime look_{};
    MonoTime next_{};
};

}  // namespace ambit::wearable
