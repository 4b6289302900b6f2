#include "facts/messages.h"

#include <algorithm>

#include "facts/entry.h"
#include "facts/serialize.h"
#include "proto/facts.pb.h"

namespace ambit::facts {
namespace {

void encode_channel(const Channel& channel, v1::FactChannel& out) {
    out.set_writer(channel.writer.bytes().data(), DeviceId::kSize);
    out.set_audience(privacy::to_string(channel.audience));
    out.set_incarnation(channel.incarnation.bytes().data(), Incarnation::kSize);
}

Result<Channel> decode_channel(const v1::FactChannel& in) {
    Channel channel;
    AMBIT_TRY_ASSIGN(channel.writer, DeviceId::from_bytes(view_of(in.writer())));
    AMBIT_TRY_ASSIGN(channel.audience, privacy::parse_named_audience(in.audience()));
    AMBIT_TRY_ASSIGN(channel.incarnation, Incarnation::from_bytes(view_of(in.incarnation())));
    // Another spelling of the same audience would be another channel to everybody who compares bytes.
    if (privacy::to_string(channel.audience) != in.audience()) {
        return Error{ErrorCode::BadEncoding, "an audience not in its canonical form"};
    }
    return channel;
}

template <typename Message>
Result<Message> parse(ByteView bytes) {
    Message message;
    if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        return Error{ErrorCode::BadEncoding, "not the message expected"};
    }
    return message;
}

}  // namespace

Bytes encode_time(const PeerTime& time) {
    v1::PeerTime out;
    const auto ms = std::chrono::duration_cast<milliseconds>(time.wall.time_since_epoch()).count();
    out.set_wall_ms(static_cast<std::uint64_t>(std::max<std::int64_t>(ms, 0)));
    out.set_asks(time.asks);
    return serialize(out);
}

Result<PeerTime> decode_time(ByteView bytes) {
    constexpr std::uint64_t kWallMsMax = std::uint64_t{1} << 48U;
    v1::PeerTime in;
    if (!in.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) || in.wall_ms() > kWallMsMax) {
        return Error{ErrorCode::BadEncoding, "not a time"};
    }
    return PeerTime{WallTime(milliseconds(static_cast<std::int64_t>(in.wall_ms()))), in.asks()};
}

Bytes encode_heights(std::span<const Height> heights) {
    v1::FactHeights out;
    for (const Height& height : heights) {
        v1::FactHeight& item = *out.add_heights();
        encode_channel(height.channel, *item.mutable_channel());
        encode_head(height.head, *item.mutable_head());
    }
    return serialize(out);
}

Result<std::vector<Height>> decode_heights(ByteView bytes) {
    AMBIT_TRY_ASSIGN(const auto in, parse<v1::FactHeights>(bytes));
    if (static_cast<std::size_t>(in.heights_size()) > kHeightsPerMessageMax) {
        return Error{ErrorCode::LimitExceeded, "more than 512 heights in one message"};
    }
    std::vector<Height> heights;
    heights.reserve(static_cast<std::size_t>(in.heights_size()));
    for (const v1::FactHeight& item : in.heights()) {
        Height height;
        AMBIT_TRY_ASSIGN(height.channel, decode_channel(item.channel()));
        AMBIT_TRY_ASSIGN(height.head, decode_head(item.head()));
        heights.push_back(std::move(height));
    }
    return heights;
}

Bytes encode_want(const Want& want) {
    v1::FactWant out;
    encode_channel(want.channel, *out.mutable_channel());
    out.set_first_seq(want.first_seq);
    return serialize(out);
}

Result<Want> decode_want(ByteView bytes) {
    AMBIT_TRY_ASSIGN(const auto in, parse<v1::FactWant>(bytes));
    Want want;
    AMBIT_TRY_ASSIGN(want.channel, decode_channel(in.channel()));
    want.first_seq = in.first_seq();
    if (want.first_seq == 0) {
        return Error{ErrorCode::BadEncoding, "entries are counted from 1"};
    }
    return want;
}

Bytes encode_range(const Range& range) {
    v1::FactRange before;
    encode_channel(range.channel, *before.mutable_channel());
    before.set_first_seq(range.first_seq);
    before.set_previous(range.previous.bytes().data(), Digest::kSize);
    v1::FactRange after;
    encode_head(range.head, *after.mutable_head());
    const Bytes tail = serialize(after);
    Bytes out = serialize(before);
    const auto append = [&out](ByteView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); };
    out.reserve(out.size() + range.entries.packed().size() + tail.size());
    for (const ByteView entry : range.entries) {
        append(FieldPrefix(v1::FactRange::kEntriesFieldNumber, entry.size()).bytes());
        append(entry);
    }
    append(tail);
    return out;
}

// The entries are found by hand: as strings of a message they would be copied twice.
Result<Range> decode_range(ByteView bytes) {
    Range range;
    Bytes rest;
    std::size_t size = 0;
    Fields fields(bytes);
    range.entries.reserve(kBatchEntriesMax, std::min(bytes.size(), kBatchBytesMax));
    while (fields.next()) {
        if (fields.tag() != Fields::tag(v1::FactRange::kEntriesFieldNumber, Fields::kBytes)) {
            rest.insert(rest.end(), fields.whole().begin(), fields.whole().end());
            continue;
        }
        size += fields.bytes().size();
        if (fields.bytes().size() > kEntryBytesMax || size > kBatchBytesMax) {
            return Error{ErrorCode::LimitExceeded, "an entry or a range is too long"};
        }
        if (range.entries.size() == kBatchEntriesMax) {
            return Error{ErrorCode::LimitExceeded, "a range needs 1 to 256 entries"};
        }
        range.entries.push_back(fields.bytes());
    }
    if (fields.failed()) {
        return Error{ErrorCode::BadEncoding, "not the message expected"};
    }
    AMBIT_TRY_ASSIGN(const auto in, parse<v1::FactRange>(rest));
    AMBIT_TRY_ASSIGN(range.channel, decode_channel(in.channel()));
    AMBIT_TRY_ASSIGN(range.previous, Digest::from_bytes(view_of(in.previous())));
    AMBIT_TRY_ASSIGN(range.head, decode_head(in.head()));
    range.first_seq = in.first_seq();
    if (range.entries.empty()) {
        return Error{ErrorCode::LimitExceeded, "a range needs 1 to 256 entries"};
    }
    // Compared so that no sum of outside numbers can overflow.
    if (range.first_seq == 0 || range.head.seq < range.first_seq ||
        range.head.seq - range.first_seq != range.entries.size() - 1) {
        return Error{ErrorCode::BadEncoding, "the head is not at the last entry"};
    }
    return range;
}

}  // namespace ambit::facts
