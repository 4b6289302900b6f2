// LedgerCodec: ledger rows and segment totals as bytes, and the hash that chains rows.
//
// Ownership: values.  Threads: any.  Failure: BadEncoding (1001).  Spec: proto/ledger.proto.
#pragma once

#include "privacy/ledger.h"

namespace ambit::privacy {

Bytes encode_row(const LedgerRow& row);
// `seq` is not part of the bytes: it is the row's place.
Result<LedgerRow> decode_row(ByteView bytes, std::uint64_t seq);
// The chain's head after the row `seq`, given the head before it.
Digest chain(const Digest& before, std::uint64_t seq, ByteView row);

// Signs the totals and returns the record; fills in `totals.signature`.
Bytes encode_segment(SegmentTotals& totals, const crypto::SigningKey& key);

struct StoredSegment {
    SegmentTotals totals;
    Bytes signed_bytes;
};

Result<StoredSegment> decode_segment(ByteView record);

// "2026-11"
std::string month_of(WallTime time);

}  // namespace ambit::privacy
