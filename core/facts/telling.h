// Telling: whom this device tells that a channel has grown, and when.
//
// What it wrote itself goes to everybody at once, as the entries themselves where they are few.  Of others'
// channels it tells soon those whom Sync::told_soon() names, and later everybody: nearly always they know.
// Ownership: one per Facts; borrows everything else.  Threads: the loop's.  Failure: none.
// Spec: docs/spec/facts.md section "Sync", docs/adr/0010.
#pragma once

#include "facts/sync.h"

namespace ambit::facts {

class Telling {
  public:
    Telling(DeviceId self, Random& random, ChannelTable& table, Sync& sync)
        : self_(self), random_(random), table_(table), sync_(sync) {}

    // The durable head of `log` moved.
    void note_changed(ChannelLog& log, Now now);
    // A range of this device's own, from `first_seq`, that may be sent unasked.
    void add_news(ChannelLog& log, std::uint64_t first_seq, privacy::Labelled<Bytes> range);
    // As Facts: is_due() is Facts::is_telling_due(), and so on.
    bool is_due(Now now) const;
    std::vector<Facts::ForPeer> heights(std::span<const DeviceId> up, Now now);
    std::vector<privacy::Labelled<Bytes>> news(const DeviceId& peer);
    void clear(Now now);
    // When others' channels are due.
    std::optional<MonoTime> next() const;

  private:
    struct News {
        ChannelLog* log;
        std::uint64_t first_seq;
        privacy::Labelled<Bytes> range;
    };

    // Is it time to tell everybody of `log`?
    bool is_for_all(const ChannelLog& log, Now now) const;
    // Is it time to tell those whom it is up to this device to tell?
    bool is_for_few(const ChannelLog& log, Now now) const;
    MonoTime between(milliseconds least, milliseconds most, Now now);

    DeviceId self_;
    Random& random_;
    ChannelTable& table_;
    Sync& sync_;
    std::optional<MonoTime> relay_at_;
    std::optional<MonoTime> sweep_at_;
    std::vector<News> news_;
};

}  // namespace ambit::facts
