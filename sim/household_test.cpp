#include "sim/household.h"

#include <gtest/gtest.h>

#include "node/gossip.h"
#include "node/why.h"
#include "wire/codec.h"

namespace ambit::sim {
namespace {

constexpr privacy::Here kHere{"test"};

// A hub that reaches the lamps, and the phone of Anna.
class OneCommand : public testing::Test {
  protected:
    OneCommand() {
        home.things.by_entity["mqtt:home/kitchen"] = {"Kitchen Light", true, false, {}};
        home.device("hub").reach(home.things);
        home.add_personal("phone", "phone", "Anna");
        EXPECT_TRUE(home.run_until([this] { return knows_lamp("phone") && home.connected(); }));
        for (const char* name : {"hub", "phone"}) {
            teach(name);
        }
    }

    void teach(const std::string& name) { Household::teach(home.device(name)); }

    bool knows_lamp(const std::string& name) {
        return home.device(name).node().parts().directory.entity("mqtt:home/kitchen") != nullptr;
    }

    Thing& lamp() { return home.things.by_entity["mqtt:home/kitchen"]; }

    Household home{1, "hub", "hub"};
};

TEST_F(OneCommand, SaidAtThePhoneTurnsTheLampOnceAndComesBackConfirmed) {
    const auto result = home.ask("phone", "turn on the kitchen light");
    ASSERT_TRUE(result.has_value());
    ASSERT_EQ(result->answers.size(), 1U);
    const node::Answer& answer = result->answers[0];
    EXPECT_EQ(answer.state, node::Answer::State::Done) << (answer.error ? answer.error->message() : "");
    EXPECT_EQ(answer.text, "Kitchen Light on");
    EXPECT_EQ(answer.done_by, "hub");
    EXPECT_TRUE(lamp().on);
    EXPECT_EQ(lamp().effects.size(), 1U);
}

TEST_F(OneCommand, TheWordsStayOnThePhoneAndTheHubCanSayWhyWithoutThem) {
    ASSERT_TRUE(home.ask("phone", "turn on the kitchen light").has_value());
    ASSERT_TRUE(home.run_until([this] {
        return node::explain(home.device("phone").node().parts(), "kitchen light").has_value() &&
               node::explain(home.device("hub").node().parts(), "kitchen light").has_value();
    }));
    const auto at_phone =
        node::explain(home.device("phone").node().parts(), "the kitchen light is on").value();
    ASSERT_EQ(at_phone.chain.size(), 2U);
    EXPECT_EQ(at_phone.chain[1].what, "you said \"turn on the kitchen light\"");
    const auto at_hub = node::explain(home.device("hub").node().parts(), "kitchen").value();
    ASSERT_EQ(at_hub.chain.size(), 2U);
    EXPECT_EQ(at_hub.chain[1].what, "Anna asked for it at phone");
    ASSERT_FALSE(at_hub.withheld.empty());
    for (const auto& fact : home.device("hub").node().parts().facts.query({})) {
        const auto* json = std::get_if<facts::Json>(&fact.read(kHere).value);
        EXPECT_TRUE(json == nullptr || json->text.find("turn on the") == std::string::npos);
    }
}

TEST_F(OneCommand, WhenTheActingHubDiesTheStandbyActsWithinASecond) {
    Device& spare = home.add_shared("spare", "hub");
    teach("spare");
    spare.reach(home.things);
    ASSERT_TRUE(home.run_until([this] {
        const auto* entity = home.device("phone").node().parts().directory.entity("mqtt:home/kitchen");
        const auto& roster = *home.device("phone").node().parts().roster;
        return home.connected() &&
               home.device("phone").node().parts().directory.acting_order(*entity, roster).size() == 2;
    }));
    const auto first = home.ask("phone", "turn on the kitchen light");
    ASSERT_TRUE(first && first->answers[0].state == node::Answer::State::Done);
    home.device(first->answers[0].done_by).crash();
    const MonoTime killed = home.world.now().mono;
    const auto second = home.ask("phone", "turn off the kitchen light");
    ASSERT_TRUE(second.has_value());
    EXPECT_EQ(second->answers[0].state, node::Answer::State::Done);
    EXPECT_NE(second->answers[0].done_by, first->answers[0].done_by);
    EXPECT_LE(home.world.now().mono - killed, seconds{1});
    EXPECT_FALSE(lamp().on);
    EXPECT_EQ(lamp().effects.size(), 2U);
}

TEST_F(OneCommand, ALampThatDoesNotReportBackIsUnknownNotDone) {
    home.things.answers = false;
    const auto result = home.ask("phone", "turn on the kitchen light", seconds{2});
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->answers[0].state, node::Answer::State::Unknown);
    EXPECT_TRUE(result->answers[0].error.has_value());
}

TEST_F(OneCommand, ASilentHubIsNotAskedForever) {
    home.network.cut("phone", "hub");
    home.network.cut("hub", "phone");
    const auto result = home.ask("phone", "turn on the kitchen light", seconds{5});
    ASSERT_TRUE(result.has_value());
    EXPECT_NE(result->answers[0].state, node::Answer::State::Done);
    EXPECT_EQ(lamp().effects.size(), 0U);
    home.network.heal("phone", "hub");
    home.network.heal("hub", "phone");
    ASSERT_TRUE(home.run_until([this] { return home.connected(); }, seconds{60}));
    const auto again = home.ask("phone", "turn on the kitchen light");
    EXPECT_EQ(again->answers[0].state, node::Answer::State::Done);
}

// A member that offers all it has, and never sends any of it.
TEST_F(OneCommand, WhatOneOffersAndDoesNotSendIsAskedOfAnother) {
    ASSERT_TRUE(home.run_until([this] {
        return home.device("phone").node().parts().facts.query({}).size() ==
               home.device("hub").node().parts().facts.query({}).size();
    }));
    const auto complains_of_hub = [this] {
        const auto& items = home.device("car").node().parts().health.items();
        const auto at = items.find("sync.stalled." + home.device("hub").id().short_hex());
        return at != items.end() && !at->second.ok;
    };
    home.network.on_sending = [](const std::string& machine, Bytes& frame) {
        const auto sent = wire::decode(frame);
        const bool answers =
            sent && (sent->type == wire::FrameType::Item || sent->type == wire::FrameType::Close);
        if (machine == "hub" && answers) {
            wire::Frame ping;
            ping.type = wire::FrameType::Ping;
            frame = wire::encode(ping);
        }
    };
    home.add_shared("car", "car");
    EXPECT_FALSE(home.run_until([this] { return knows_lamp("car"); }, node::kRangeWaitMax - seconds{10}));
    EXPECT_TRUE(home.run_until([this] { return knows_lamp("car"); }, seconds{20}));
    EXPECT_TRUE(complains_of_hub());

    home.network.on_sending = nullptr;
    EXPECT_TRUE(home.run_until([&] { return !complains_of_hub(); }, 3 * node::kRangeWaitMax));
}

TEST_F(OneCommand, ARemovedDeviceIsCutOffAndHearsNoMore) {
    Device& car = home.add_shared("car", "car");
    ASSERT_TRUE(home.run_until([this] { return home.connected(); }));
    node::Node& phone = home.device("phone").node();
    const auto removed = phone.membership().adopt(
        phone.membership().author(home.world.now()).remove_device(car.id(), {}), home.world.now());
    ASSERT_TRUE(removed.has_value()) << removed.error().message();
    home.device("phone").wake();
    EXPECT_TRUE(home.run_until([&] {
        return !home.device("hub").node().parts().links.is_up(car.id()) &&
               !phone.parts().links.is_up(car.id());
    }));
    home.ask("phone", "turn on the kitchen light");
    home.world.run_for(seconds{5});
    EXPECT_FALSE(node::explain(car.node().parts(), "kitchen light").has_value());
}

TEST_F(OneCommand, APersonsFactsReachTheirOtherDeviceAndNoOther) {
    Device& watch = home.add_personal("watch", "watch", "Anna");
    ASSERT_TRUE(home.run_until([&] { return watch.node().parts().person().has_value(); }));
    node::Node& phone = home.device("phone").node();
    facts::Draft draft;
    draft.key = {phone.parts().home_audience(), "note", "secret"};
    draft.value = std::string("canary");
    draft.time = home.world.now().wall;
    ASSERT_TRUE(phone.parts().facts.put(draft, home.world.now()).has_value());
    home.device("phone").wake();
    EXPECT_TRUE(home.run_until([&] { return watch.node().parts().facts.get(draft.key).has_value(); }));
    home.world.run_for(seconds{5});
    EXPECT_FALSE(home.device("hub").node().parts().facts.get(draft.key).has_value());
    EXPECT_EQ(phone.parts().facts.state_hash(draft.key.audience),
              watch.node().parts().facts.state_hash(draft.key.audience));
}

// A device without a battery for its clock starts in the past and is put right by its household.
TEST(Clocks, ADeviceThatIsOffAdoptsTheTimeOfAnAdminsDeviceAndSaysSo) {
    Household home{7, "hub", "hub"};
    Device& late = home.add_shared("late", "speaker");
    ASSERT_TRUE(home.run_until([&] { return home.connected(); }));
    late.crash();
    late.set_skew(-std::chrono::hours(2));
    late.start();
    ASSERT_TRUE(home.run_until([&] { return home.connected(); }));
    EXPECT_LT(home.world.now().wall - late.node().now().wall, seconds(1));
    const auto& items = late.node().parts().health.items();
    ASSERT_TRUE(items.contains("clock"));
    EXPECT_FALSE(items.at("clock").ok);
    EXPECT_TRUE(home.device("hub").node().parts().health.items().at("clock").ok);

    // Somebody sets its clock: nothing is left to say.
    late.set_skew(microseconds{0});
    ASSERT_TRUE(home.run_until([&] { return late.node().parts().health.items().at("clock").ok; }));
    EXPECT_EQ(late.node().now().wall, home.world.now().wall);
}

TEST(Clocks, TwoOrdinaryDevicesDoNotMoveTheAdminsOne) {
    Household home{8, "hub", "hub"};
    for (const char* name : {"one", "two"}) {
        home.add_shared(name, "speaker");
    }
    ASSERT_TRUE(home.run_until([&] { return home.connected(); }));
    home.device("hub").crash();
    home.device("hub").set_skew(std::chrono::hours(1));
    home.device("hub").start();
    ASSERT_TRUE(home.run_until([&] { return home.connected(); }));
    EXPECT_GE(home.device("hub").node().now().wall - home.world.now().wall, std::chrono::hours(1));
    EXPECT_FALSE(home.device("hub").node().parts().health.items().at("clock").ok);
}

TEST(Clones, ThatBothRunDoNotReplaceEachOthersLinksWithoutEnd) {
    Household home(1, "hub", "hub");
    home.add_shared("speaker", "speaker");
    Device& twin = home.add_clone("twin", home.device("hub"));
    ASSERT_TRUE(home.run_until([&] { return home.connected(); }));
    home.world.run_for(seconds{5});
    const auto frames_in_a_minute = [&] {
        const std::uint64_t before = home.network.frames_arrived();
        home.world.run_for(seconds{60});
        return home.network.frames_arrived() - before;
    };
    const std::uint64_t alone = frames_in_a_minute();
    twin.start();
    home.world.run_for(seconds{60});
    EXPECT_LT(frames_in_a_minute(), alone * 2);
    const auto& items = home.device("speaker").node().parts().health.items();
    EXPECT_TRUE(items.contains("clone." + twin.id().short_hex()));
}

}  // namespace
}  // namespace ambit::sim
