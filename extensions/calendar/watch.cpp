#include "calendar/watch.h"

#include <array>
#include <cstring>
#include <string_view>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

namespace ambit::calendar {
namespace {

constexpr std::uint32_t kChanges =
    IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF;

bool readable(int file, int milliseconds) {
    pollfd one{file, POLLIN, 0};
    return poll(&one, 1, milliseconds) == 1;
}

}  // namespace

Watch::Watch()
    : calls_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)), changes_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {}

Watch::~Watch() {
    close(calls_);
    close(changes_);
}

void Watch::follow(const std::string& folder, const std::string& ending) {
    ending_ = ending;
    if (changes_ < 0) {
        return;
    }
    // The same folder gives the same number again.
    const int now = inotify_add_watch(changes_, folder.c_str(), kChanges | IN_ONLYDIR);
    if (followed_ >= 0 && followed_ != now) {
        inotify_rm_watch(changes_, followed_);
    }
    followed_ = now;
}

void Watch::call() {
    const std::uint64_t one = 1;
    // Where there was no file left for calls, they are heard when the time is up.
    [[maybe_unused]] const auto written = write(calls_, &one, sizeof one);
}

bool Watch::wait(std::chrono::milliseconds at_most) {
    using Clock = std::chrono::steady_clock;
    const auto until = Clock::now() + at_most;
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
        if (left.count() <= 0) {
            return false;
        }
        std::array<pollfd, 2> both{pollfd{calls_, POLLIN, 0}, pollfd{changes_, POLLIN, 0}};
        poll(both.data(), both.size(), static_cast<int>(left.count()));
        if (both[0].revents != 0) {
            std::uint64_t calls = 0;
            return read(calls_, &calls, sizeof calls) < 0;
        }
        if (both[1].revents != 0 && changed()) {
            const auto burst = Clock::now() + kBurstMax;
            while (Clock::now() < burst && readable(changes_, static_cast<int>(kQuiet.count()))) {
                changed();
            }
            return true;
        }
    }
}

// Takes what is there; true if any of it counts.
bool Watch::changed() {
    alignas(inotify_event) std::array<char, 16'384> buffer{};
    bool counts = false;
    for (;;) {
        const auto length = read(changes_, buffer.data(), buffer.size());
        if (length <= 0) {
            return counts;
        }
        for (std::size_t at = 0; at + sizeof(inotify_event) <= static_cast<std::size_t>(length);) {
            inotify_event event{};
            std::memcpy(&event, buffer.data() + at, sizeof event);
            const char* name = buffer.data() + at + sizeof event;
            // What is about the folder itself, or that something was lost, has no name.
            const bool ours = event.wd == followed_ || (event.mask & IN_Q_OVERFLOW) != 0;
            counts = counts || (ours && (event.len == 0 || std::string_view(name).ends_with(ending_)));
            at += sizeof event + event.len;
        }
    }
}

}  // namespace ambit::calendar
