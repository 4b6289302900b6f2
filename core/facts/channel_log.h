// ChannelLog and ChannelTable: what this device holds of each channel.
//
// Ownership: the table owns its logs; they never move or go, so that others may point at them.  Threads: the
// loop's. Failure: LimitExceeded over kChannelsPerWriterMax.
#pragma once

#include <functional>
#include <map>

#include "facts/entry.h"
#include "facts/messages.h"

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
    std::uint64_t newest_ms = 0;     // the latest clock of what was folded
    bool reading = false;            // the fold waits for, or is reading, older entries
    bool frozen = false;             // forked or damaged: takes nothing more
    bool changed = false;            // in ChannelTable::changed()
    bool relayed = false;            // Sync::told_soon() has been heeded for what changed
    // Members known to hold that much, who need not be told; kept while there is something to tell.
    std::vector<std::pair<DeviceId, std::uint64_t>> holders;

    void note_holder(const DeviceId& device, std::uint64_t seq);
    // True if `device` is known to hold all that is durable here.
    bool is_held_by(const DeviceId& device) const;
};

// Entries of `log` given to the store, on their way to be durable.
struct Undurable {
    storage::Ticket ticket = 0;
    ChannelLog* log = nullptr;
    std::uint64_t first_seq = 0;
    storage::Items items;        // as they are stored
    std::vector<Digest> hashes;  // of each of them
    SignedHead head;
    std::optional<Range> news;  // written here, and short enough to be sent unasked
};

// What was taken from a peer and is to be given to the store.
struct Arrival {
    Undurable undurable;  // without its ticket
    storage::Batch batch;
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

    // Logs whose durable head moved, and not all peers that may read it have been told.
    const std::vector<ChannelLog*>& changed() const { return changed_; }

    void note_changed(ChannelLog& log);
    // What `told` says has been told.
    void forget_changed(const std::function<bool(const ChannelLog&)>& told);

  private:
    std::map<Channel, ChannelLog> logs_;
    std::map<DeviceId, std::size_t> per_writer_;
    std::vector<ChannelLog*> changed_;
};

}  // namespace ambit::facts
