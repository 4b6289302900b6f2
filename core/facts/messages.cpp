#include "facts/messages.h"

#include <google/protobuf/arena.h>

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
    v1::FactRange out;
    encode_channel(range.channel, *out.mutable_channel());
    out.set_first_seq(range.first_seq);
    out.set_previous(range.previous.bytes().data(), Digest::kSize);
    for (const Bytes& entry : range.entries) {
        out.add_entries(entry.data(), entry.size());
    }
    encode_head(range.head, *out.mutable_head());
    return serialize(out);
}

Result<Range> decode_range(ByteView bytes) {
    google::protobuf::Arena arena;
    auto& in = *google::protobuf::Arena::CreateMessage<v1::FactRange>(&arena);
    if (!in.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        return Error{ErrorCode::BadEncoding, "not the message expected"};
    }
    Range range;
    AMBIT_TRY_ASSIGN(range.channel, decode_channel(in.channel()));
    AMBIT_TRY_ASSIGN(range.previous, Digest::from_bytes(view_of(in.previous())));
    AMBIT_TRY_ASSIGN(range.head, decode_head(in.head()));
    range.first_seq = in.first_seq();
    const auto count = static_cast<std::size_t>(in.entries_size());
    if (count == 0 || count > kBatchEntriesMax) {
        return Error{ErrorCode::LimitExceeded, "a range needs 1 to 256 entries"};
    }
    // Compared so that no sum of outside numbers can overflow.
    if (range.first_seq == 0 || range.head.seq < range.first_seq ||
        range.head.seq - range.first_seq != count - 1) {
        return Error{ErrorCode::BadEncoding, "the head is not at the last entry"};
    }
    std::size_t size = 0;
    range.entries.reserve(count);
    for (const std::string& entry : in.entries()) {
        size += entry.size();
        if (entry.size() > kEntryBytesMax || size > kBatchBytesMax) {
            return Error{ErrorCode::LimitExceeded, "an entry or a range is too long"};
        }
        range.entries.push_back(to_bytes(entry));
    }
    return range;
}

}  // namespace ambit::facts
