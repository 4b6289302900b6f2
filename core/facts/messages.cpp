#include "facts/messages.h"

#include <algorithm>

#include "facts/entry.h"
#include "facts/serialize.h"
#include "proto/facts.pb.h"

namespace ambit::facts {
namespace {

void encode_channel(const Channel& channel, Bytes& out) {
    FieldWriter fields(out);
    fields.bytes(v1::FactChannel::kWriterFieldNumber, channel.writer.bytes());
    fields.bytes(v1::FactChannel::kAudienceFieldNumber, view_of(privacy::to_string(channel.audience)));
    fields.bytes(v1::FactChannel::kIncarnationFieldNumber, channel.incarnation.bytes());
}

Error not_expected() {
    return Error{ErrorCode::BadEncoding, "not the message expected"};
}

Result<Channel> decode_channel(ByteView bytes) {
    ByteView writer;
    ByteView audience;
    ByteView incarnation;
    Fields fields(bytes);
    while (fields.next()) {
        if (fields.tag() == Fields::tag(v1::FactChannel::kWriterFieldNumber, Fields::kBytes)) {
            writer = fields.bytes();
        } else if (fields.tag() == Fields::tag(v1::FactChannel::kAudienceFieldNumber, Fields::kBytes)) {
            audience = fields.bytes();
        } else if (fields.tag() == Fields::tag(v1::FactChannel::kIncarnationFieldNumber, Fields::kBytes)) {
            incarnation = fields.bytes();
        }
    }
    if (fields.failed()) {
        return not_expected();
    }
    Channel channel;
    AMBIT_TRY_ASSIGN(channel.writer, DeviceId::from_bytes(writer));
    const std::string text = to_text(audience);
    AMBIT_TRY_ASSIGN(channel.audience, privacy::parse_named_audience(text));
    AMBIT_TRY_ASSIGN(channel.incarnation, Incarnation::from_bytes(incarnation));
    // Another spelling of the same audience would be another channel to everybody who compares bytes.
    if (privacy::to_string(channel.audience) != text) {
        return Error{ErrorCode::BadEncoding, "an audience not in its canonical form"};
    }
    return channel;
}

Result<Height> decode_height(ByteView bytes) {
    ByteView channel;
    ByteView head;
    Fields fields(bytes);
    while (fields.next()) {
        if (fields.tag() == Fields::tag(v1::FactHeight::kChannelFieldNumber, Fields::kBytes)) {
            channel = fields.bytes();
        } else if (fields.tag() == Fields::tag(v1::FactHeight::kHeadFieldNumber, Fields::kBytes)) {
            head = fields.bytes();
        }
    }
    if (fields.failed()) {
        return not_expected();
    }
    Height height;
    AMBIT_TRY_ASSIGN(height.channel, decode_channel(channel));
    AMBIT_TRY_ASSIGN(height.head, decode_head(head));
    return height;
}

// What a range says around its entries, with room for the size of each.
constexpr std::size_t kRangeAroundBytes = 512;

// Whether one more entry fits the range, of whose entries there are `size` bytes with it.
Result<void> check_room(const Range& range, ByteView entry, std::size_t size) {
    if (entry.size() > kEntryBytesMax || size > kBatchBytesMax) {
        return Error{ErrorCode::LimitExceeded, "an entry or a range is too long"};
    }
    if (range.entries.size() == kBatchEntriesMax) {
        return Error{ErrorCode::LimitExceeded, "a range needs 1 to 256 entries"};
    }
    return {};
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
    Bytes out;
    Bytes part;
    Bytes item;
    for (const Height& height : heights) {
        item.clear();
        FieldWriter fields(item);
        part.clear();
        encode_channel(height.channel, part);
        fields.bytes(v1::FactHeight::kChannelFieldNumber, part);
        part.clear();
        encode_head(height.head, part);
        fields.bytes(v1::FactHeight::kHeadFieldNumber, part);
        FieldWriter(out).bytes(v1::FactHeights::kHeightsFieldNumber, item);
    }
    return out;
}

Result<std::vector<Height>> decode_heights(ByteView bytes) {
    std::vector<Height> heights;
    Fields fields(bytes);
    while (fields.next()) {
        if (fields.tag() != Fields::tag(v1::FactHeights::kHeightsFieldNumber, Fields::kBytes)) {
            continue;
        }
        if (heights.size() == kHeightsPerMessageMax) {
            return Error{ErrorCode::LimitExceeded, "more than 512 heights in one message"};
        }
        AMBIT_TRY_ASSIGN(heights.emplace_back(), decode_height(fields.bytes()));
    }
    if (fields.failed()) {
        return not_expected();
    }
    return heights;
}

Bytes encode_want(const Want& want) {
    Bytes out;
    Bytes channel;
    encode_channel(want.channel, channel);
    FieldWriter fields(out);
    fields.bytes(v1::FactWant::kChannelFieldNumber, channel);
    fields.integer(v1::FactWant::kFirstSeqFieldNumber, want.first_seq);
    return out;
}

Result<Want> decode_want(ByteView bytes) {
    ByteView channel;
    Want want;
    want.first_seq = 0;
    Fields fields(bytes);
    while (fields.next()) {
        if (fields.tag() == Fields::tag(v1::FactWant::kChannelFieldNumber, Fields::kBytes)) {
            channel = fields.bytes();
        } else if (fields.tag() == Fields::tag(v1::FactWant::kFirstSeqFieldNumber, Fields::kVarint)) {
            want.first_seq = fields.integer();
        }
    }
    if (fields.failed()) {
        return not_expected();
    }
    AMBIT_TRY_ASSIGN(want.channel, decode_channel(channel));
    if (want.first_seq == 0) {
        return Error{ErrorCode::BadEncoding, "entries are counted from 1"};
    }
    return want;
}

Bytes encode_range(const Range& range) {
    Bytes out;
    Bytes part;
    FieldWriter fields(out);
    encode_channel(range.channel, part);
    out.reserve(range.entries.packed().size() + kRangeAroundBytes);
    fields.bytes(v1::FactRange::kChannelFieldNumber, part);
    fields.integer(v1::FactRange::kFirstSeqFieldNumber, range.first_seq);
    fields.bytes(v1::FactRange::kPreviousFieldNumber, range.previous.bytes());
    const auto append = [&out](ByteView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); };
    for (const ByteView entry : range.entries) {
        append(FieldPrefix(v1::FactRange::kEntriesFieldNumber, entry.size()).bytes());
        append(entry);
    }
    part.clear();
    encode_head(range.head, part);
    fields.bytes(v1::FactRange::kHeadFieldNumber, part);
    return out;
}

Result<Range> decode_range(ByteView bytes) {
    Range range;
    range.first_seq = 0;
    ByteView channel;
    ByteView previous;
    ByteView head;
    std::size_t size = 0;
    Fields fields(bytes);
    range.entries.reserve(std::min(bytes.size(), kBatchEntriesMax), std::min(bytes.size(), kBatchBytesMax));
    while (fields.next()) {
        switch (fields.tag()) {
            case Fields::tag(v1::FactRange::kChannelFieldNumber, Fields::kBytes):
                channel = fields.bytes();
                break;
            case Fields::tag(v1::FactRange::kFirstSeqFieldNumber, Fields::kVarint):
                range.first_seq = fields.integer();
                break;
            case Fields::tag(v1::FactRange::kPreviousFieldNumber, Fields::kBytes):
                previous = fields.bytes();
                break;
            case Fields::tag(v1::FactRange::kHeadFieldNumber, Fields::kBytes):
                head = fields.bytes();
                break;
            case Fields::tag(v1::FactRange::kEntriesFieldNumber, Fields::kBytes):
                size += fields.bytes().size();
                AMBIT_TRY(check_room(range, fields.bytes(), size));
                range.entries.push_back(fields.bytes());
                break;
            default:
                break;
        }
    }
    if (fields.failed()) {
        return not_expected();
    }
    AMBIT_TRY_ASSIGN(range.channel, decode_channel(channel));
    AMBIT_TRY_ASSIGN(range.previous, Digest::from_bytes(previous));
    AMBIT_TRY_ASSIGN(range.head, decode_head(head));
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
