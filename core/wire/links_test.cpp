#include "wire/links.h"

#include <gmock/gmock.h>

#include "wire/codec.h"
#include "wire/network_testing.h"

namespace ambit::wire {
namespace {

using testing::IsEmpty;
using testing::Le;
using testing::SizeIs;

constexpr privacy::Here kHere("links_test");

class LinksTest : public testing::Test {
  protected:
    // Two members that know each other's address.
    void join(bool mains_powered = false) {
        a = &net.add(mains_powered);
        b = &net.add(mains_powered);
        net.start();
        introduce();
        ASSERT_TRUE(net.until([&] { return a->links().is_up(b->id()) && b->links().is_up(a->id()); }));
        a->events.clear();
        b->events.clear();
    }

    void introduce() {
        a->links().add_hint(b->id(), net.address_of(*b), net.now);
        b->links().add_hint(a->id(), net.address_of(*a), net.now);
    }

    // `a` calls `b`; the call as `a` names it.
    CallId call(const CallOptions& options = {}, Bytes body = {1}) {
        const auto id =
            a->links().call(b->id(), "node.ping", a->clear(b->id(), std::move(body)), options, net.now);
        net.settle();
        return id.value();
    }

    CallId served() const { return b->all<Incoming>().back()->call; }

    void answer(Bytes body) {
        ASSERT_TRUE(b->links().finish(served(), b->clear(a->id(), std::move(body)), net.now));
        net.settle();
    }

    Error closed_error() const { return *a->all<Closed>().back()->error; }

    Network net;
    TestNode* a = nullptr;
    TestNode* b = nullptr;
};

TEST_F(LinksTest, ACallIsAnsweredWithItsLabel) {
    join();
    const CallId id = call({}, {7, 8});
    ASSERT_THAT(b->all<Incoming>(), SizeIs(1));
    const Incoming& incoming = *b->all<Incoming>()[0];
    EXPECT_EQ(incoming.peer, a->id());
    EXPECT_EQ(incoming.method, "node.ping");
    EXPECT_EQ(incoming.body.read(kHere), (Bytes{7, 8}));
    EXPECT_EQ(incoming.body.label().audience, privacy::Audience(privacy::Household{}));
    answer({9});
    ASSERT_THAT(a->all<Item>(), SizeIs(1));
    EXPECT_EQ(a->all<Item>()[0]->body.read(kHere), Bytes{9});
    ASSERT_THAT(a->all<Closed>(), SizeIs(1));
    EXPECT_EQ(a->all<Closed>()[0]->call, id);
    EXPECT_FALSE(a->all<Closed>()[0]->error.has_value());
}

TEST_F(LinksTest, OneLinkPerPairWhoeverDials) {
    a = &net.add(false);
    b = &net.add(false);
    net.start();
    // Both dial in the same moment.
    a->links().add_hint(b->id(), net.address_of(*b), net.now);
    b->links().add_hint(a->id(), net.address_of(*a), net.now);
    a->links().redial(net.now);
    b->links().redial(net.now);
    ASSERT_TRUE(net.until([&] { return a->links().is_up(b->id()) && b->links().is_up(a->id()); }));
    net.advance(seconds(10));
    EXPECT_EQ(net.links_between(*a, *b), 1U);
    EXPECT_EQ(a->links().status()[0].dialled, !b->links().status()[0].dialled);
    EXPECT_EQ(a->links().status()[0].dialled, a->id() < b->id());
}

TEST_F(LinksTest, ARestartedPeerFailsItsCallsAndComesBack) {
    join();
    net.cut();
    call();
    net.drop_links(*b);
    net.heal();
    b->restart();
    introduce();
    ASSERT_TRUE(net.until([&] { return !a->all<PeerUp>().empty(); }));
    ASSERT_THAT(a->all<Closed>(), SizeIs(1));
    EXPECT_EQ(closed_error().code, ErrorCode::PeerLost);
    EXPECT_TRUE(retryable(closed_error().code));
    EXPECT_THAT(a->all<PeerDown>(), SizeIs(1));
    call();
    EXPECT_THAT(b->all<Incoming>(), SizeIs(1));
}

TEST_F(LinksTest, ASilentPeerIsKnownWithinASecondDuringACall) {
    join();
    net.advance(seconds(20));
    EXPECT_THAT(a->all<PeerDown>(), IsEmpty());
    call();
    net.cut();
    net.advance(milliseconds(900));
    EXPECT_THAT(a->all<PeerDown>(), IsEmpty());
    net.advance(milliseconds(100));
    EXPECT_THAT(a->all<PeerDown>(), SizeIs(1));
    EXPECT_EQ(closed_error().code, ErrorCode::PeerLost);
}

TEST_F(LinksTest, MainsPoweredPeersWatchEachOtherAllTheTime) {
    join(true);
    net.advance(seconds(30));
    EXPECT_THAT(a->all<PeerDown>(), IsEmpty());
    net.cut();
    net.advance(seconds(1));
    EXPECT_THAT(a->all<PeerDown>(), SizeIs(1));
    EXPECT_THAT(b->all<PeerDown>(), SizeIs(1));
}

TEST_F(LinksTest, BatteryPeersOnlyKeepAlive) {
    join();
    const std::size_t before = a->frames_sent + b->frames_sent;
    net.advance(seconds(180));
    EXPECT_THAT(a->frames_sent + b->frames_sent - before, Le(16U));
    EXPECT_THAT(a->all<PeerDown>(), IsEmpty());
    net.cut();
    net.advance(seconds(61));
    EXPECT_THAT(a->all<PeerDown>(), SizeIs(1));
}

TEST_F(LinksTest, ItemsFlowOnlyUnderCredit) {
    join();
    call({.deadline = std::nullopt, .credit = 4, .manual_credit = true});
    for (std::uint8_t i = 0; i < 10; ++i) {
        ASSERT_TRUE(b->links().send_item(served(), b->clear(a->id(), {i}), net.now));
    }
    ASSERT_TRUE(b->links().finish(served(), std::nullopt, net.now));
    net.settle();
    EXPECT_THAT(a->all<Item>(), SizeIs(4));
    const CallId id = a->all<Item>()[0]->call;
    ASSERT_TRUE(a->links().grant(id, 4, net.now));
    net.settle();
    EXPECT_THAT(a->all<Item>(), SizeIs(8));
    EXPECT_THAT(a->all<Closed>(), IsEmpty());
    ASSERT_TRUE(a->links().grant(id, 100, net.now)) << "never more than was delivered";
    net.settle();
    ASSERT_THAT(a->all<Item>(), SizeIs(10));
    EXPECT_EQ(a->all<Item>()[9]->body.read(kHere), Bytes{9});
    EXPECT_THAT(a->all<Closed>(), SizeIs(1));
}

TEST_F(LinksTest, CreditComesBackByItself) {
    join();
    call({.deadline = std::nullopt, .credit = 2});
    for (int i = 0; i < 60; ++i) {
        ASSERT_TRUE(b->links().send_item(served(), b->clear(a->id(), {1}), net.now));
    }
    net.settle();
    EXPECT_THAT(a->all<Item>(), SizeIs(60));
}

TEST_F(LinksTest, TooManyItemsMeanWaitForWritable) {
    join();
    call({.deadline = std::nullopt, .credit = 1, .manual_credit = true});
    Result<void> sent;
    std::size_t count = 0;
    while (sent && count < 1000) {
        sent = b->links().send_item(served(), b->clear(a->id(), {1}), net.now);
        count += sent ? 1 : 0;
    }
    EXPECT_EQ(sent.error().code, ErrorCode::QueueFull);
    EXPECT_EQ(count, kItemsWaitingMax + 1);
    for (int i = 0; i < 50; ++i) {
        net.settle();
        ASSERT_TRUE(a->links().grant(a->all<Item>()[0]->call, 1, net.now));
    }
    net.settle();
    ASSERT_THAT(b->all<Writable>(), SizeIs(1));
    EXPECT_TRUE(b->links().send_item(served(), b->clear(a->id(), {1}), net.now));
}

TEST_F(LinksTest, ADeadlineIsToldToBothSides) {
    join();
    call({.deadline = net.now.mono + milliseconds(500)});
    EXPECT_EQ(*b->all<Incoming>()[0]->deadline, net.now.mono + milliseconds(500));
    net.advance(milliseconds(499));
    EXPECT_THAT(a->all<Closed>(), IsEmpty());
    net.advance(milliseconds(2));
    ASSERT_THAT(a->all<Closed>(), SizeIs(1));
    EXPECT_EQ(closed_error().code, ErrorCode::DeadlineExceeded);
    ASSERT_THAT(b->all<Cancelled>(), SizeIs(1));
    EXPECT_EQ(b->links().finish(served(), std::nullopt, net.now).error().code, ErrorCode::UnknownCall);
}

TEST_F(LinksTest, CancelReachesTheOtherSide) {
    join();
    const CallId id = call();
    ASSERT_TRUE(a->links().cancel(id, net.now));
    net.settle();
    ASSERT_THAT(b->all<Cancelled>(), SizeIs(1));
    EXPECT_EQ(b->all<Cancelled>()[0]->reason.code, ErrorCode::CallCancelled);
    EXPECT_EQ(closed_error().code, ErrorCode::CallCancelled);
    EXPECT_FALSE(a->links().cancel(id, net.now));
}

TEST_F(LinksTest, FailCarriesItsError) {
    join();
    call();
    ASSERT_TRUE(b->links().fail(served(), Error{ErrorCode::UnknownMethod, "x\ny"}, net.now));
    net.settle();
    EXPECT_EQ(closed_error().code, ErrorCode::UnknownMethod);
    EXPECT_EQ(closed_error().detail, "x?y");
}

TEST_F(LinksTest, NothingLeavesBeforeItsLedgerRowIsDurable) {
    join();
    a->slow_disk = true;
    call();
    call();
    net.advance(milliseconds(200));
    EXPECT_THAT(b->all<Incoming>(), IsEmpty());
    a->slow_disk = false;
    net.settle();
    EXPECT_THAT(b->all<Incoming>(), SizeIs(2));
}

TEST_F(LinksTest, ADeadlineThatPassesInTheQueueNeverReachesThePeer) {
    join();
    a->slow_disk = true;
    call({.deadline = net.now.mono + milliseconds(100)});
    net.advance(milliseconds(150));
    EXPECT_EQ(closed_error().code, ErrorCode::DeadlineExceeded);
    a->slow_disk = false;
    net.advance(milliseconds(50));
    EXPECT_THAT(b->all<Incoming>(), IsEmpty());
    call();
    EXPECT_THAT(b->all<Incoming>(), SizeIs(1));
}

TEST_F(LinksTest, ARemovedDeviceIsCutOffAtOnceAndWhatWaitedNeverLeaves) {
    join();
    a->slow_disk = true;
    call();
    net.remove(*b);
    net.settle();
    a->slow_disk = false;
    net.advance(seconds(1));
    EXPECT_THAT(b->all<Incoming>(), IsEmpty());
    EXPECT_EQ(net.links_between(*a, *b), 0U);
    EXPECT_EQ(closed_error().code, ErrorCode::PeerLost);
    ASSERT_THAT(b->all<PeerDown>(), SizeIs(1));
    EXPECT_EQ(b->all<PeerDown>()[0]->reason.code, ErrorCode::NotAMember);
}

TEST_F(LinksTest, WhatWasClearedForAnotherIsNotSent) {
    join();
    auto wrong = a->clear(a->id(), {1});
    const auto refused = a->links().call(b->id(), "node.ping", std::move(wrong), {}, net.now);
    EXPECT_EQ(refused.error().code, ErrorCode::WrongRecipient);
    EXPECT_EQ(a->links().call(DeviceId(), "x", a->clear(b->id(), {1}), {}, net.now).error().code,
              ErrorCode::PeerUnreachable);
}

TEST_F(LinksTest, CallsAndBodiesAreBounded) {
    join();
    net.cut();
    for (std::size_t i = 0; i < kCallsMax; ++i) {
        call();
    }
    EXPECT_EQ(a->links().call(b->id(), "x", a->clear(b->id(), {1}), {}, net.now).error().code,
              ErrorCode::QueueFull);
    const Bytes large(kInteractiveBodyBytesMax + 1);
    EXPECT_EQ(a->links().notify(b->id(), "x", a->clear(b->id(), large), net.now).error().code,
              ErrorCode::LimitExceeded);
}

TEST_F(LinksTest, AFullTransportHoldsBackAndTheQueueIsBounded) {
    join();
    a->full = true;
    Result<void> sent;
    std::size_t count = 0;
    while (sent && count < 10'000) {
        sent = a->links().notify(b->id(), "x", a->clear(b->id(), Bytes(100'000)), net.now);
        a->drain();
        ++count;
    }
    EXPECT_EQ(sent.error().code, ErrorCode::QueueFull);
    EXPECT_THAT(count * 100'000, Le(kQueueBytesMax + 300'000));
    a->full = false;
    a->links().on_writable(net.link_between(*a, *b), net.now);
    net.settle();
    EXPECT_EQ(b->all<Notice>().size(), count - 1);
}

TEST_F(LinksTest, BulkCallsGetALinkOfTheirOwnFromEitherSide) {
    for (const bool from_a : {true, false}) {
        net = Network();
        join();
        TestNode& from = from_a ? *a : *b;
        TestNode& to = from_a ? *b : *a;
        const auto id = from.links().call(to.id(), "facts.range", from.clear(to.id(), Bytes(900'000)),
                                          {.kind = LinkKind::Bulk, .deadline = std::nullopt}, net.now);
        ASSERT_TRUE(id);
        ASSERT_TRUE(net.until([&] { return to.all<Incoming>().size() == 1; }));
        EXPECT_EQ(net.links_between(*a, *b), 2U);
        ASSERT_TRUE(to.links().finish(to.all<Incoming>()[0]->call, std::nullopt, net.now));
        net.advance(kBulkIdleMax + seconds(1));
        EXPECT_EQ(net.links_between(*a, *b), 1U) << "the bulk link goes when nobody needs it";
        EXPECT_THAT(from.all<Closed>(), SizeIs(1));
        EXPECT_THAT(a->all<PeerDown>(), IsEmpty());
    }
}

TEST_F(LinksTest, BytesThatAreNoFrameEndTheLinkNotTheProcess) {
    join();
    const LinkId link = net.link_between(*a, *b);
    net.inject(*a, link, Bytes{0xff, 0xff, 0xff});
    net.settle();
    ASSERT_THAT(a->all<PeerDown>(), SizeIs(1));
    EXPECT_EQ(a->all<PeerDown>()[0]->reason.code, ErrorCode::ProtocolViolation);
    ASSERT_THAT(b->all<PeerDown>(), SizeIs(1));
    EXPECT_EQ(b->all<PeerDown>()[0]->reason.code, ErrorCode::ProtocolViolation) << "Bye says why";
    ASSERT_TRUE(net.until([&] { return a->links().is_up(b->id()); })) << "and a new link follows";
}

TEST_F(LinksTest, DataForOthersIsRefusedOnArrival) {
    join();
    Frame frame;
    frame.type = FrameType::Open;
    frame.call = b->links().status()[0].dialled ? 1001 : 1000;
    frame.method = "node.ping";
    frame.payload = Sealed{privacy::to_string(privacy::ThisDevice{b->id()}), false, net.roster->version, {1}};
    net.inject(*a, net.link_between(*a, *b), encode(frame));
    net.settle();
    EXPECT_THAT(a->all<Incoming>(), IsEmpty());
    ASSERT_THAT(a->all<Refused>(), SizeIs(1));
    EXPECT_EQ(a->all<Refused>()[0]->reason.code, ErrorCode::AudienceForbids);
    EXPECT_TRUE(a->all<Refused>()[0]->incoming);
}

TEST_F(LinksTest, AnotherVersionIsRefusedNamingBothRanges) {
    join();
    a->links().stop(net.now);
    a->restart();
    Links& links = a->links();
    links.on_link_up({900, b->id(), std::nullopt, {}}, net.now);
    Frame frame;
    frame.type = FrameType::Hello;
    frame.hello.version_min = 2;
    frame.hello.version_max = 3;
    frame.hello.household = net.roster->household;
    net.inject(*a, 900, encode(frame));
    EXPECT_EQ(links.status()[0].last_error->code, ErrorCode::VersionMismatch);
    EXPECT_EQ(links.status()[0].last_error->detail, "this device speaks 1 to 1, the peer 2 to 3");
}

TEST_F(LinksTest, AddressesSpreadToDevicesThatNeverMet) {
    TestNode& c = net.add(false);
    a = &net.add(false);
    b = &net.add(false);
    net.start();
    // Only c knows the others.
    c.links().add_hint(a->id(), net.address_of(*a), net.now);
    c.links().add_hint(b->id(), net.address_of(*b), net.now);
    EXPECT_TRUE(net.until([&] { return a->links().is_up(b->id()) && b->links().is_up(a->id()); }));
    EXPECT_THAT(a->all<Notice>(), IsEmpty()) << "address records are the wire's own business";
    // They survive a restart of everybody.
    for (TestNode* node : {a, b, &c}) {
        node->restart();
    }
    EXPECT_TRUE(net.until([&] { return a->links().is_up(b->id()) && c.links().is_up(b->id()); }));
}

TEST_F(LinksTest, DialsBackOffAndHurryOnNews) {
    a = &net.add(false);
    b = &net.add(false);
    net.start();
    net.cut();
    a->links().add_hint(b->id(), {"wrong", 1}, net.now);
    net.advance(seconds(300));
    EXPECT_THAT(a->dials, Le(20U));
    net.heal();
    a->links().add_hint(b->id(), net.address_of(*b), net.now);
    net.advance(kDialTimeout + seconds(1));
    EXPECT_TRUE(a->links().is_up(b->id()));
}

}  // namespace
}  // namespace ambit::wire
