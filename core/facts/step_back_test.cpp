// A device whose clock was ahead of the household's, and goes back.
#include "facts/entry.h"
#include "facts/facts_testing.h"

namespace ambit::facts {
namespace {

using testing::at_ms;
using testing::draft_of;
using testing::Network;
using testing::Node;

const privacy::NamedAudience kHousehold = privacy::Household{};
constexpr std::int64_t kYears = 3LL * 365 * 24 * 3600 * 1000;

Key key(const std::string& subject) {
    return {kHousehold, subject, "state"};
}

class StepBack : public ::testing::Test {
  protected:
    // Writes in the future, and is put right.
    void go_ahead_and_back() {
        hub.put(draft_of(kHousehold, "before", "kept"));
        hub.settle();
        hub.now = at_ms(kYears);
        hub.put(draft_of(kHousehold, "door", "open"));
        hub.put(draft_of(kHousehold, "before", "", Draft::Kind::Delete));
        hub.put(draft_of(kHousehold, "list", "milk", Draft::Kind::Add));
        hub.put(draft_of(kHousehold, "list", "eggs", Draft::Kind::Add));
        hub.settle();
        hub.put(draft_of(kHousehold, "list", "eggs", Draft::Kind::Remove));
        hub.settle();
        net.sync_all();
        EXPECT_FALSE(phone.facts->get(key("door"))) << "it waits";
        hub.now = at_ms(1000);
        EXPECT_TRUE(hub.facts->step_back(hub.now));
        hub.settle();
        net.sync_all();
    }

    void expect_state(Node& node) {
        EXPECT_EQ(node.value(key("door")), std::optional(Value("open")));
        EXPECT_FALSE(node.value(key("before")));
        EXPECT_EQ(node.facts->elements(key("list")).size(), 1U);
    }

    Network net;
    Node& hub = net.add(net.home.hub);
    Node& phone = net.add(net.home.phone);
};

TEST_F(StepBack, WhatWasWrittenAheadIsWrittenAgainAndCounts) {
    const Incarnation before = hub.facts->incarnation();
    go_ahead_and_back();
    EXPECT_NE(hub.facts->incarnation(), before);
    expect_state(hub);
    expect_state(phone);
    net.expect_converged(kHousehold);
    EXPECT_LT(hub.facts->newest(), at_ms(0).wall + kClockAheadMax);
    EXPECT_FALSE(hub.facts->step_back(hub.now)) << "there is nothing ahead any more";
}

TEST_F(StepBack, ItDoesNotComeBackWhenThatTimeComes) {
    go_ahead_and_back();
    phone.now = at_ms(2000);
    phone.put(draft_of(kHousehold, "door", "shut"));
    net.sync_all();
    EXPECT_EQ(hub.value(key("door")), std::optional(Value("shut")));
    for (auto& node : net.nodes) {
        node->now = at_ms(2 * kYears);
        node->facts->on_tick(node->now);
    }
    net.settle();
    net.sync_all();
    EXPECT_EQ(hub.value(key("door")), std::optional(Value("shut")));
    EXPECT_EQ(phone.value(key("door")), std::optional(Value("shut")));
    net.expect_converged(kHousehold);
}

TEST_F(StepBack, ItStaysSoAfterARestart) {
    go_ahead_and_back();
    hub.start(net.home.view(), at_ms(3000));
    hub.settle();
    expect_state(hub);
    EXPECT_LT(hub.facts->newest(), at_ms(0).wall + kClockAheadMax);
    phone.start(net.home.view(), at_ms(3000));
    phone.settle();
    expect_state(phone);
    net.expect_converged(kHousehold);
}

TEST_F(StepBack, OthersWhoseClocksWereAheadTooFollow) {
    phone.now = at_ms(kYears);
    hub.now = at_ms(kYears);
    hub.put(draft_of(kHousehold, "door", "open"));
    phone.put(draft_of(kHousehold, "lamp", "on"));
    net.sync_all();
    EXPECT_TRUE(phone.facts->get(key("door")));
    for (auto& node : net.nodes) {
        node->now = at_ms(1000);
        EXPECT_TRUE(node->facts->step_back(node->now));
    }
    net.settle();
    net.sync_all();
    for (auto& node : net.nodes) {
        EXPECT_EQ(node->value(key("door")), std::optional(Value("open")));
        EXPECT_EQ(node->value(key("lamp")), std::optional(Value("on")));
    }
    net.expect_converged(kHousehold);
}

TEST_F(StepBack, AnEndThatCanNotBeReadEndsNothing) {
    hub.put(draft_of(kHousehold, "door", "open"));
    hub.settle();
    Entry end;
    end.kind = kEndKind;
    end.hlc = {static_cast<std::uint64_t>(at_ms(0).wall.time_since_epoch().count() / 1000) << 16U};
    end.subject = "not an incarnation";
    end.attribute = kEndAttribute;
    end.value = std::int64_t{0};
    const Channel channel{net.home.hub, kHousehold, Incarnation({9})};
    Range range{channel, 1, chain_start(channel), {encode_entry(end)}, {}};
    range.head = sign_head(net.home.key(net.home.hub), channel, 1,
                           chain_next(range.previous, *range.entries.begin()), {});
    ASSERT_TRUE(phone.facts->receive_news(net.home.hub, encode_range(range), phone.now));
    phone.settle();
    net.sync_all();
    EXPECT_TRUE(phone.facts->get(key("door")));
}

}  // namespace
}  // namespace ambit::facts
