// Arrivals: what was taken from peers and waits for company on its way to the disk.
//
// The first after a while of quiet goes at once; what follows it within kArrivalsWait goes together, so that
// a busy household costs a device few transactions and not one for each fact; fewer still if it stays busy.
// Nobody is told that this device holds an entry before it is durable, and until then others do, so that
// nothing is lost with it. Ownership: one per Facts; borrows the storage.  Threads: the loop's.  Failure:
// none.
#pragma once

#include "facts/channel_log.h"

namespace ambit::facts {

// How long an entry waits for others: nobody notices, as a person's own write and a command don't wait.
inline constexpr milliseconds kArrivalsWait{250};
// The same once arrivals have come without a pause of kArrivalsPause for so long.
inline constexpr seconds kArrivalsBusyAfter{5};
inline constexpr milliseconds kArrivalsWaitBusy{500};
inline constexpr seconds kArrivalsPause{1};
// More than this does not wait.
inline constexpr std::size_t kArrivalRangesMax = 16;
inline constexpr std::size_t kArrivalEntriesMax = 64;

class Arrivals {
  public:
    explicit Arrivals(storage::Storage& storage) : storage_(storage) {}

    void add(Arrival arrival);
    // What waits was to go by now, or is much.
    bool is_due(Now now) const;
    // When it will be; nothing: nothing waits.
    std::optional<MonoTime> due() const;
    // Gives everything to the store as one; what must be kept till it is durable.
    std::vector<Undurable> commit(Now now);

  private:
    milliseconds wait() const;

    storage::Storage& storage_;
    std::vector<Arrival> waiting_;
    std::size_t entries_ = 0;
    std::optional<MonoTime> last_commit_;
    MonoTime busy_since_{};  // the first commit after a pause
};

}  // namespace ambit::facts
