// Roster parcels: the whole log of a household, in pieces that fit into frames, and together again.
//
// Inside core/identity only: what a new device is given by a pairing or a recovery.  Ownership: values.
// Threads: any.  Failure: LimitExceeded, BadOperation (1003, 1205).
#pragma once

#include "identity/roster_log.h"

namespace ambit::identity {

// At most `bytes_max` bytes of operations each, and at least one parcel.
std::vector<std::vector<Bytes>> parcels_of(const RosterLog& log, std::size_t bytes_max);

class ReceivedLog {
  public:
    Result<void> add(ByteView operation);
    // BadOperation unless it is a household's from its genesis on, parents before children; `log` says which
    // household's.
    Result<RosterLog> opened(RosterLog log) const;

    std::vector<Bytes>& operations() { return operations_; }

  private:
    std::vector<Bytes> operations_;
};

}  // namespace ambit::identity
