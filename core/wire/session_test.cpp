#include "wire/session.h"

#include <gmock/gmock.h>

#include "wire/session_testing.h"

namespace ambit::wire {
namespace {

Frame ping(std::uint64_t nonce) {
    Frame frame;
    frame.type = FrameType::Ping;
    frame.nonce = nonce;
    return frame;
}

// Fills the queue of control frames to the brim: the peer asks and asks, and reads nothing.
void stop_reading(LoneSession& link) {
    link.writable = false;
    for (std::size_t i = 0; i <= kControlFramesMax; ++i) {
        link.receive(ping(i));
    }
    ASSERT_FALSE(link.session->ended());
}

TEST(Session, APeerThatReadsNothingEndsOnceSeveralCallsExpireTogether) {
    LoneSession link(false);
    link.greet();
    for (const std::uint64_t call : {1U, 3U, 5U}) {
        link.receive(link.open_frame(call, 100));
    }
    stop_reading(link);
    link.pass(milliseconds(101));
    ASSERT_TRUE(link.session->ended());
    EXPECT_EQ(link.session->ended()->code, ErrorCode::QueueFull);
    EXPECT_TRUE(link.shared.calls.empty());
}

TEST(Session, OneControlFrameTooManyEndsIt) {
    LoneSession link(true);
    link.greet();
    stop_reading(link);
    link.receive(ping(0));
    ASSERT_TRUE(link.session->ended());
    EXPECT_EQ(link.session->ended()->code, ErrorCode::QueueFull);
}

TEST(Session, AnythingBeforeHelloAndASecondHelloEndIt) {
    LoneSession early(false);
    early.receive(ping(1));
    ASSERT_TRUE(early.session->ended());
    EXPECT_EQ(early.session->ended()->code, ErrorCode::ProtocolViolation);
    LoneSession twice(false);
    twice.greet();
    ASSERT_FALSE(twice.session->ended());
    twice.greet();
    EXPECT_TRUE(twice.session->ended());
}

TEST(Session, CreditBeyondItsLimitEndsIt) {
    LoneSession link(false);
    link.greet();
    link.receive(link.open_frame(1));
    Frame credit;
    credit.type = FrameType::Credit;
    credit.call = 1;
    credit.items = UINT32_MAX;
    link.receive(credit);
    ASSERT_TRUE(link.session->ended());
    EXPECT_EQ(link.session->ended()->code, ErrorCode::ProtocolViolation);
}

TEST(Session, ALongReasonWithAnUmlautAtTheCutStillReachesThePeer) {
    LoneSession link(false);
    link.greet();
    link.receive(link.open_frame(1));
    const CallId call = link.shared.calls.begin()->first;
    link.sent.clear();
    const std::string detail = std::string(kDetailBytesMax - 1, 'k') + "\xc3\xbc" + "che";
    ASSERT_TRUE(link.session->fail(call, Error{ErrorCode::Internal, detail}, link.now));
    ASSERT_EQ(link.sent.size(), 1U);
    const auto frame = decode(link.sent[0]);
    ASSERT_TRUE(frame) << frame.error().message();
    EXPECT_EQ(frame->detail, std::string(kDetailBytesMax - 1, 'k'));
}

}  // namespace
}  // namespace ambit::wire
