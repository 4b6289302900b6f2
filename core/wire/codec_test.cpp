#include "wire/codec.h"

#include <gtest/gtest.h>

#include "proto/wire.pb.h"
#include "wire/limits.h"

namespace ambit::wire {
namespace {

Frame of(FrameType type) {
    Frame frame;
    frame.type = type;
    frame.call = 7;
    frame.nonce = 8;
    frame.deadline_ms = 9;
    frame.items = 10;
    frame.method = "test.method";
    frame.payload = Sealed{"household", true, identity::RosterVersion({1, 2}), Bytes{3, 4}};
    frame.hello = {1,
                   2,
                   HouseholdId({5}),
                   identity::RosterVersion({6}),
                   LinkKind::Bulk,
                   true,
                   {"one", "two"},
                   1'700,
                   Instance({7})};
    return frame;
}

Bytes bytes_of(const v1::Frame& frame) {
    return to_bytes(frame.SerializeAsString());
}

void expect_violation(const v1::Frame& frame) {
    const auto decoded = decode(bytes_of(frame));
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().code, ErrorCode::ProtocolViolation);
}

TEST(Codec, EveryKindOfFrameComesBackAsItWas) {
    for (const FrameType type : {FrameType::Hello, FrameType::Ping, FrameType::Pong, FrameType::Open,
                                 FrameType::Item, FrameType::Close, FrameType::Cancel, FrameType::Credit,
                                 FrameType::Notice, FrameType::Bye, FrameType::WantBulk}) {
        const Bytes bytes = encode(of(type));
        const auto frame = decode(bytes);
        ASSERT_TRUE(frame) << static_cast<int>(type);
        EXPECT_EQ(frame->type, type);
        EXPECT_EQ(encode(*frame), bytes) << static_cast<int>(type);
    }
}

TEST(Codec, KeepsWhatOpenSays) {
    const auto frame = decode(encode(of(FrameType::Open)));
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->call, 7U);
    EXPECT_EQ(frame->deadline_ms, 9U);
    EXPECT_EQ(frame->items, 10U);
    EXPECT_EQ(frame->method, "test.method");
    ASSERT_TRUE(frame->payload);
    EXPECT_EQ(frame->payload->audience, "household");
    EXPECT_TRUE(frame->payload->untrusted);
    EXPECT_EQ(frame->payload->roster_version, identity::RosterVersion({1, 2}));
    EXPECT_EQ(frame->payload->body, (Bytes{3, 4}));
}

TEST(Codec, KeepsWhatHelloSays) {
    const auto frame = decode(encode(of(FrameType::Hello)));
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->hello.version_min, 1U);
    EXPECT_EQ(frame->hello.version_max, 2U);
    EXPECT_EQ(frame->hello.household, HouseholdId({5}));
    EXPECT_EQ(frame->hello.link, LinkKind::Bulk);
    EXPECT_TRUE(frame->hello.mains_powered);
    EXPECT_EQ(frame->hello.features, (std::vector<std::string>{"one", "two"}));
    EXPECT_EQ(frame->hello.wall_ms, 1'700U);
    EXPECT_EQ(frame->hello.instance, Instance({7}));
}

TEST(Codec, RefusesWhatIsNoFrame) {
    EXPECT_FALSE(decode({}));
    EXPECT_FALSE(decode(to_bytes("no frame at all")));
    EXPECT_FALSE(decode(Bytes(kFrameBytesMax + 1)));
    Bytes cut = encode(of(FrameType::Open));
    cut.pop_back();
    EXPECT_FALSE(decode(cut));
}

// A newer version may have frames of other kinds; it must not send them to a peer that has not said that it
// knows them (wire.md, "Versions").
TEST(Codec, RefusesAKindOfFrameItDoesNotKnow) {
    const Bytes field_1000_holding_one_byte{0xc2, 0x3e, 0x01, 0x00};
    const auto frame = decode(field_1000_holding_one_byte);
    ASSERT_FALSE(frame);
    EXPECT_EQ(frame.error().code, ErrorCode::ProtocolViolation);
}

TEST(Codec, IgnoresAFieldOfANewerVersionInAFrameItKnows) {
    Bytes bytes = encode(of(FrameType::Open));
    const Bytes field_1000{0xc2, 0x3e, 0x01, 0x00};
    bytes.insert(bytes.end(), field_1000.begin(), field_1000.end());
    const auto frame = decode(bytes);
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->type, FrameType::Open);
    EXPECT_EQ(frame->method, "test.method");
}

TEST(Codec, HoldsEachLimit) {
    v1::Frame open;
    ASSERT_TRUE(open.ParseFromString(to_text(encode(of(FrameType::Open)))));
    v1::Frame changed = open;
    changed.mutable_open()->set_method("");
    expect_violation(changed);
    changed.mutable_open()->set_method(std::string(kMethodBytesMax + 1, 'm'));
    expect_violation(changed);
    changed = open;
    changed.mutable_open()->mutable_payload()->set_audience(std::string(kAudienceBytesMax + 1, 'a'));
    expect_violation(changed);
    changed = open;
    changed.mutable_open()->mutable_payload()->set_roster_version("short");
    expect_violation(changed);
    changed = open;
    changed.mutable_open()->clear_payload();
    expect_violation(changed);

    v1::Frame hello;
    ASSERT_TRUE(hello.ParseFromString(to_text(encode(of(FrameType::Hello)))));
    changed = hello;
    changed.mutable_hello()->set_instance("short");
    expect_violation(changed);
    changed = hello;
    changed.mutable_hello()->add_features(std::string(kMethodBytesMax + 1, 'f'));
    expect_violation(changed);
    changed = hello;
    for (std::size_t i = 0; i < kFeaturesMax; ++i) {
        changed.mutable_hello()->add_features("more");
    }
    expect_violation(changed);
}

// Details end up in logs and on terminals.
TEST(Codec, MakesDetailsHarmless) {
    v1::Frame bye;
    bye.mutable_bye()->set_error(1);
    bye.mutable_bye()->set_detail(
        "a\x1b[31mb\nc\x7f"
        "d\xc2\x9b"
        "31me \xc3\xbc");
    auto frame = decode(bytes_of(bye));
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->detail, "a?[31mb?c?d?31me \xc3\xbc");
    bye.mutable_bye()->set_detail(std::string(kDetailBytesMax - 1, 'd') + "\xc3\xbc");
    frame = decode(bytes_of(bye));
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->detail, std::string(kDetailBytesMax - 1, 'd'));
}

TEST(Codec, AnErrorNeedsNoPayloadAndItsPayloadIsNotRead) {
    v1::Frame close;
    close.mutable_close()->set_call(7);
    close.mutable_close()->set_error(9);
    close.mutable_close()->mutable_payload()->set_roster_version("short");
    const auto frame = decode(bytes_of(close));
    ASSERT_TRUE(frame);
    EXPECT_FALSE(frame->payload);
}

}  // namespace
}  // namespace ambit::wire
