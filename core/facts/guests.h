// Guests: from where on each guest's devices get the channels of the household.
//
// A guest gets what was written since it joined, as this device saw it join.  Ownership: one per Facts;
// borrows the table and the storage.  Threads: the loop's.  Failure: a damaged record makes the guest start
// anew, from now on.
#pragma once

#include "facts/channel_log.h"

namespace ambit::facts {

class Guests {
  public:
    Guests(ChannelTable& table, storage::Storage& storage) : table_(table), storage_(storage) {}

    Result<void> load();
    // New guests start after everything held now; who is no guest any more is forgotten.
    void set_roster(const identity::Roster& roster, Now now);
    // An entry of `log`, the one at `seq`, that was written before a guest joined, and came later, is not for
    // that guest either.
    void on_entry(const ChannelLog& log, std::uint64_t seq, ByteView bytes);
    // The last entry of `log` that `peer` does not get.
    std::uint64_t floor(const DeviceId& peer, const ChannelLog& log) const;

    static bool is_guest(const identity::Roster& roster, const DeviceId& device);

  private:
    struct Guest {
        std::uint64_t joined_ms = 0;
        std::map<std::string, std::uint64_t> floors;  // by stream
    };

    ChannelTable& table_;
    storage::Storage& storage_;
    std::map<DeviceId, Guest> guests_;
};

}  // namespace ambit::facts
