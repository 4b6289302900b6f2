// What peers say to each other about channels: heights, wants and ranges, and their bytes.
//
// Ownership: values.  Threads: any.  Failure: BadEncoding, LimitExceeded for anything malformed or over a
// limit. Spec: proto/facts.proto, docs/spec/facts.md section "Sync".
#pragma once

#include <span>
#include <vector>

#include "base/time.h"
#include "facts/channel.h"
#include "storage/items.h"

namespace ambit::facts {

inline constexpr std::size_t kEntryBytesMax = 64 * 1024;
// Between two signed heads, and so in one range.  With what the range says around its entries it fits a body
// of the interactive link (256 KiB).
inline constexpr std::size_t kBatchEntriesMax = 256;
inline constexpr std::size_t kBatchBytesMax = 252 * 1024;
// Longer lists of heights go as several messages.
inline constexpr std::size_t kHeightsPerMessageMax = 512;

// "I hold this channel up to here", with the writer's own signature, so that it can't be a lie.
struct Height {
    Channel channel;
    SignedHead head;
    friend bool operator==(const Height&, const Height&) = default;
};

struct Want {
    Channel channel;
    std::uint64_t first_seq = 1;
    friend bool operator==(const Want&, const Want&) = default;
};

struct Range {
    Channel channel;
    std::uint64_t first_seq = 1;
    Digest previous;  // the chain's hash before first_seq
    storage::Items entries;
    SignedHead head;  // at the last entry
};

// A peer's clock, told because it was set.  `asks`: tell me yours.
struct PeerTime {
    WallTime wall;
    bool asks = false;
    friend bool operator==(const PeerTime&, const PeerTime&) = default;
};

Bytes encode_time(const PeerTime& time);
Result<PeerTime> decode_time(ByteView bytes);
Bytes encode_heights(std::span<const Height> heights);
Result<std::vector<Height>> decode_heights(ByteView bytes);
Bytes encode_want(const Want& want);
Result<Want> decode_want(ByteView bytes);
Bytes encode_range(const Range& range);
Result<Range> decode_range(ByteView bytes);

}  // namespace ambit::facts
