// History: accepted operations as a graph, with the questions resolution asks of it.
//
// Inside core/identity only.  Ownership: owned by RosterLog.  Threads: one.  Failure: none.
// Positions are places in the order of acceptance, so parents come before children; nothing that is resolved
// may depend on them, only on hashes and ancestry.
#pragma once

#include <bitset>

#include "identity/operation.h"

namespace ambit::identity {

using Position = std::size_t;
using PositionSet = std::bitset<kRosterOperationsMax>;

struct Entry {
    Operation operation;
    Bytes bytes;
    std::vector<Position> parents;
    PositionSet ancestors;
    // The operations that the author's authority rests on, as of this operation's past.
    PositionSet support;
    // Devices whose concurrent operations this one invalidates: those it removes or demotes.
    std::vector<DeviceId> affected;
    // True if it gives a person, who had none, a device without that person's own signature.
    bool gives_first_device = false;
};

class History {
  public:
    const Entry& operator[](Position at) const { return entries_[at]; }

    std::size_t size() const { return entries_.size(); }

    bool before(Position earlier, Position later) const { return entries_[later].ancestors.test(earlier); }

    bool concurrent(Position a, Position b) const { return a != b && !before(a, b) && !before(b, a); }

    void push(Entry entry) { entries_.push_back(std::move(entry)); }

  private:
    std::vector<Entry> entries_;
};

}  // namespace ambit::identity
