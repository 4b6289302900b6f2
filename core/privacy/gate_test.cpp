#include "privacy/gate.h"

#include <gmock/gmock.h>

#include "privacy/flows_testing.h"
#include "privacy/ledger.h"
#include "storage/memory_storage.h"

namespace ambit::privacy {
namespace {

using testing::now_at;

class GateTest : public ::testing::Test {
  protected:
    GateTest() : ledger(storage, home.key(home.phone)), gate(home.phone, ledger) {
        gate.set_roster(home.view());
    }

    static Labelled<Bytes> value(const Audience& audience) { return {to_bytes("secret"), Label{audience}}; }

    ErrorCode refusal(const Audience& audience, const Recipient& recipient, Now now = now_at(0)) {
        const auto cleared = gate.clear(value(audience), recipient, {"test", "audience"}, now);
        return cleared ? ErrorCode{} : cleared.error().code;
    }

    testing::Home home;
    storage::MemoryStorage storage;
    Ledger ledger;
    Gate gate;
};

TEST_F(GateTest, ClearsForThoseInTheAudienceOnly) {
    EXPECT_EQ(refusal(OnePerson{home.ada}, home.watch), ErrorCode{});
    EXPECT_EQ(refusal(OnePerson{home.ada}, home.hub), ErrorCode::AudienceForbids);
    EXPECT_EQ(refusal(OnePerson{home.ada}, home.tablet), ErrorCode::AudienceForbids);
    EXPECT_EQ(refusal(ThisDevice{home.phone}, home.watch), ErrorCode::AudienceForbids);
    EXPECT_EQ(refusal(Household{}, home.hub), ErrorCode{});
    EXPECT_EQ(refusal(Anyone{}, DeviceId()), ErrorCode::NotAMember);
    EXPECT_EQ(refusal(OnePerson{}, home.hub), ErrorCode::UnknownLabel);
    EXPECT_EQ(refusal(Audience(OnePerson{home.ada}).join(OnePerson{home.ben}).value(), home.phone),
              ErrorCode::AudienceEmpty);
}

TEST_F(GateTest, RefusesEverythingBeforeThereIsAHousehold) {
    Gate fresh(home.phone, ledger);
    EXPECT_EQ(fresh.clear(value(Anyone{}), home.hub, {"x", "audience"}, now_at(0)).error().code,
              ErrorCode::NotAMember);
}

TEST_F(GateTest, AServiceNeedsAllOfItsReadersAllowed) {
    gate.add_service({"broker", Household{}});
    gate.add_service({"mine", OnePerson{home.ada}});
    gate.add_service({"cloud", Anyone{}});
    EXPECT_EQ(refusal(Household{}, Service{"broker", {}}), ErrorCode{});
    EXPECT_EQ(refusal(OnePerson{home.ada}, Service{"mine", {}}), ErrorCode{});
    EXPECT_EQ(refusal(OnePerson{home.ada}, Service{"broker", {}}), ErrorCode::AudienceForbids);
    EXPECT_EQ(refusal(Household{}, Service{"mine", {}}), ErrorCode{});
    // What everybody in the household may read is still not for the world.
    EXPECT_EQ(refusal(Household{}, Service{"cloud", {}}), ErrorCode::AudienceForbids);
    EXPECT_EQ(refusal(Anyone{}, Service{"cloud", {}}), ErrorCode{});
}

TEST_F(GateTest, AServiceMustBeThisDevicesOwnAndKeepsItsAudience) {
    EXPECT_EQ(refusal(Anyone{}, Service{"elsewhere", {}}), ErrorCode::UnknownService);
    gate.add_service({"broker", Household{}});
    EXPECT_EQ(refusal(OnePerson{home.ada}, Service{"broker", OnePerson{home.ada}}),
              ErrorCode::AudienceForbids);
    gate.remove_service("broker");
    EXPECT_EQ(refusal(Household{}, Service{"broker", Household{}}), ErrorCode::UnknownService);
}

TEST_F(GateTest, TheRowIsDurableBeforeTheBytesMayLeave) {
    const auto cleared = gate.clear(value(Household{}), home.hub, {"light.set", "command"}, now_at(0));
    ASSERT_TRUE(cleared);
    EXPECT_GT(cleared->ticket(), storage.durable());
    storage.settle();
    EXPECT_LE(cleared->ticket(), storage.durable());
    Ledger again(storage, home.key(home.phone));
    ASSERT_TRUE(again.load());
    EXPECT_EQ(again.head(), ledger.head());
}

TEST_F(GateTest, AWaitingMessageIsCheckedAgain) {
    const auto cleared = gate.clear(value(Household{}), home.hub, {"x", "audience"}, now_at(0));
    ASSERT_TRUE(cleared);
    EXPECT_TRUE(gate.recheck(*cleared, now_at(1)));
    home.roster.devices.erase(home.hub);
    gate.set_roster(home.view());
    EXPECT_EQ(gate.recheck(*cleared, now_at(2)).error().code, ErrorCode::NotAMember);
}

TEST_F(GateTest, OneRowPerSyncSessionAndLabel) {
    SyncSession session(home.watch, "facts");
    const auto first = gate.clear_in(session, value(Household{}), now_at(0)).value();
    const auto second = gate.clear_in(session, value(Household{}), now_at(1)).value();
    EXPECT_EQ(first.ticket(), second.ticket());
    const auto other = gate.clear_in(session, value(OnePerson{home.ada}), now_at(2)).value();
    EXPECT_NE(other.ticket(), first.ticket());
    EXPECT_FALSE(gate.clear_in(session, value(OnePerson{home.ben}), now_at(3)));
    EXPECT_EQ(ledger.verify().rows, 3U);
}

TEST_F(GateTest, AGuestIsAMemberUntilTheyExpire) {
    home.roster.people[home.ben].role = identity::Role::Guest;
    home.roster.people[home.ben].expires = now_at(100).wall;
    gate.set_roster(home.view());
    EXPECT_EQ(refusal(Household{}, home.tablet, now_at(99)), ErrorCode{});
    EXPECT_EQ(refusal(Household{}, home.tablet, now_at(100)), ErrorCode::NotAMember);
    EXPECT_EQ(refusal(Household{}, home.hub, now_at(100)), ErrorCode{});
}

// A million of them: ./dev bench gate.
TEST_F(GateTest, RandomFlowsAgreeWithTheWordsOfTheSpecification) {
    constexpr std::size_t kFlows = 50'000;
    testing::Flows flows(42);
    Ledger own_ledger(storage, flows.home().key(flows.home().phone));
    Gate own(flows.home().phone, own_ledger);
    const testing::FlowCounts counts = testing::run_flows(flows, own, kFlows);
    EXPECT_EQ(counts.violations, 0U);
    EXPECT_EQ(counts.wrongly_refused, 0U);
    EXPECT_GT(counts.cleared, kFlows / 20);
    EXPECT_LT(counts.cleared, kFlows * 19 / 20);
}

}  // namespace
}  // namespace ambit::privacy
