// ChannelLog and ChannelTable: what this device holds of each channel.
//
// Ownership: the table owns its logs; they never move or go, so that others may point at them.  Threads: the
// loop's. Failure: LimitExceeded over kChannelsPerWriterMax.
#pragma once

#include <map>

#include "facts/entry.h"

namespace ambit::facts {

struct ChannelLog {
    // Why the fold does not go on at `folded` + 1.
    enum class Pause : std::uint8_t { None, Clock, Unknown, Removed, Unreadable };

    Channel channel;
    std::string stream;
    // A guest's history begins after `base`; 0 for everybody else.
    std::uint64_t base = 0;
    Digest base_hash;
    // The newest entry given to the store, durable or not.
    SignedHead tip;
    // The newest durable one: what peers are offered.
    SignedHead head;
    // How far the fold came.
    std::uint64_t folded = 0;
    Digest folded_hash;
    Pause pause = Pause::None;
    std::uint64_t waits_for_ms = 0;  // Pause::Clock: what the next entry's clock says
    bool reading = false;            // the fold waits for, or is reading, older entries
    bool frozen = false;             // forked or damaged: takes nothing more
    bool changed = false;            // since Facts::clear_changed()
};

// Entries of `log` given to the store, on their way to be durable.
struct Undurable {
    storage::Ticket ticket = 0;
    ChannelLog* log = nullptr;
    std::uint64_t first_seq = 0;
    storage::Items items;        // as they are stored
    std::vector<Digest> hashes;  // of each of them
    SignedHead head;
};

class ChannelTable {
  public:
    ChannelLog* find(const Channel& channel);
    // Finds or makes it.
    Result<ChannelLog*> open(const Channel& channel);
    // The same for this device's own, which has no limit but the number of audiences and restores.
    ChannelLog& open_own(const Channel& channel);

    std::map<Channel, ChannelLog>& all() { return logs_; }

    const std::map<Channel, ChannelLog>& all() const { return logs_; }

  private:
    std::map<Channel, ChannelLog> logs_;
    std::map<DeviceId, std::size_t> per_writer_;
};

}  // namespace ambit::facts
