// ambit-demo-clock: preloaded into the demo's daemons and command lines, so that civil time there can be
// pushed forward.  The programs are the real ones and know nothing of it.
//
// AMBIT_DEMO_CLOCK names a file of eight bytes: how many nanoseconds civil time is ahead of this machine's.
// All programs that have it open are ahead alike, at once.  Monotonic time, by which links and deadlines go,
// stays what it is.
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <ctime>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

using Ahead = std::atomic<std::int64_t>;
static_assert(sizeof(Ahead) == 8 && Ahead::is_always_lock_free);

// Open for as long as the program runs; null where there is none.
const Ahead* ahead_of_the_machine = nullptr;

__attribute__((constructor)) void open_clock() {
    const char* path = std::getenv("AMBIT_DEMO_CLOCK");  // NOLINT(concurrency-mt-unsafe): before any thread
    const int file = path == nullptr ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return;
    }

    struct stat status {};

    if (fstat(file, &status) == 0 && status.st_size == sizeof(Ahead)) {
        void* place = mmap(nullptr, sizeof(Ahead), PROT_READ, MAP_SHARED, file, 0);
        ahead_of_the_machine = place == MAP_FAILED ? nullptr : static_cast<const Ahead*>(place);
    }
    close(file);
}

// The C library's own.
int machine_time(clockid_t clock, timespec* time) {
    static const auto own =
        reinterpret_cast<int (*)(clockid_t, timespec*)>(dlsym(RTLD_NEXT, "clock_gettime"));
    return own(clock, time);
}

timespec household_time() {
    timespec time{};
    machine_time(CLOCK_REALTIME, &time);
    const std::int64_t ahead = ahead_of_the_machine == nullptr ? 0 : ahead_of_the_machine->load();
    const std::int64_t all = time.tv_sec * kSecond + time.tv_nsec + ahead;
    return {all / kSecond, all % kSecond};
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* time) noexcept {
    if (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE) {
        return machine_time(clock, time);
    }
    *time = household_time();
    return 0;
}

int gettimeofday(timeval* time, void* /*zone*/) noexcept {
    const timespec now = household_time();
    *time = {now.tv_sec, now.tv_nsec / 1000};
    return 0;
}

time_t time(time_t* out) noexcept {
    const time_t now = household_time().tv_sec;
    if (out != nullptr) {
        *out = now;
    }
    return now;
}

}  // extern "C"
