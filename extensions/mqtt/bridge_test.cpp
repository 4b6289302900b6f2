#include <gmock/gmock.h>

#include "mqtt/bridge_testing.h"

namespace ambit::mqtt {
namespace {

using capability::Outcome;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kConfig = "homeassistant/light/kitchen/config";
const std::string kLight = R"({"schema":"json","~":"z/k","stat_t":"~","cmd_t":"~/set","brightness":true,
    "uniq_id":"k1","avty":[{"t":"z/k/avail"}],"dev":{"name":"Kitchen Light","sa":"Kitchen"},"name":null})";

class BridgeTest : public ::testing::Test {
  protected:
    void announce_kitchen() {
        bridge_.on_connected(at(0));
        bridge_.on_message(kConfig, kLight, true);
        bridge_.on_message("z/k/avail", "online", true);
        bridge_.on_message("z/k", R"({"state":"OFF"})", true);
    }

    void announce_bell() {
        bridge_.on_connected(at(0));
        bridge_.on_message("homeassistant/button/bell/config",
                           R"({"cmd_t":"bell/set","uniq_id":"b1","ret":true})", true);
    }

    RequestId press() { return act("{}", "mqtt:home/b1", "button.press"); }

    static MonoTime at(int second) { return MonoTime(seconds(second)); }

    RequestId act(const std::string& input,
                  const std::string& entity = "mqtt:home/k1",
                  const std::string& capability = "light.set") {
        std::array<std::uint8_t, 16> bytes{};
        bytes[0] = ++requests_;
        const RequestId request(bytes);
        bridge_.act({request, capability, entity, input, at(5)});
        return request;
    }

    Recorder out_;
    Bridge bridge_{"mqtt:home", "homeassistant", "", out_, out_};
    std::uint8_t requests_ = 0;
};

TEST_F(BridgeTest, LearnsAnEntityAndItsState) {
    announce_kitchen();
    EXPECT_THAT(out_.told,
                ElementsAre("up", "entity mqtt:home/k1", "mqtt:home/k1 {} unavailable",
                            "mqtt:home/k1 {} available", R"(mqtt:home/k1 {"on":false} available)"));
    EXPECT_THAT(out_.subscribed,
                ElementsAre("homeassistant/+/+/+/config", "homeassistant/+/+/config", "z/k", "z/k/avail"));
}

TEST_F(BridgeTest, IsDoneWhenTheWantedStateComesBackAlive) {
    announce_kitchen();
    const RequestId request = act(R"({"on":true,"brightness_pct":40})");
    EXPECT_THAT(out_.published, ElementsAre(Publish{"z/k/set", R"({"brightness":102,"state":"ON"})"}));
    bridge_.on_message("z/k", R"({"state":"ON","brightness":102})", true);
    EXPECT_THAT(out_.results, IsEmpty()) << "a retained state confirms nothing";
    bridge_.on_message("z/k", R"({"state":"ON","brightness":200})", false);
    EXPECT_THAT(out_.results, IsEmpty()) << "not what was asked for";
    bridge_.on_message("z/k", R"({"state":"ON","brightness":102})", false);
    ASSERT_EQ(out_.results.size(), 1U);
    EXPECT_EQ(out_.results[0].request, request);
    EXPECT_EQ(out_.results[0].outcome, Outcome::Done);
    EXPECT_EQ(out_.results[0].output_json, R"({"brightness_pct":40,"on":true})");
    bridge_.on_time(at(100));
    EXPECT_EQ(out_.results.size(), 1U);
}

TEST_F(BridgeTest, IsUnknownWhenNothingComesBack) {
    announce_kitchen();
    act(R"({"on":true})");
    EXPECT_EQ(bridge_.next_time(), at(5));
    bridge_.on_time(at(4));
    EXPECT_THAT(out_.results, IsEmpty());
    bridge_.on_time(at(5));
    ASSERT_EQ(out_.results.size(), 1U);
    EXPECT_EQ(out_.results[0].outcome, Outcome::Unknown);
    EXPECT_EQ(out_.results[0].error.code, ErrorCode::MqttNotConfirmed);
}

TEST_F(BridgeTest, IsUnknownAtOnceWhenTheDeviceLeaves) {
    announce_kitchen();
    act(R"({"on":true})");
    bridge_.on_message("z/k/avail", "offline", false);
    ASSERT_EQ(out_.results.size(), 1U);
    EXPECT_EQ(out_.results[0].outcome, Outcome::Unknown);
    EXPECT_EQ(out_.results[0].error.code, ErrorCode::MqttEntityOffline);
    act(R"({"on":true})");
    EXPECT_EQ(out_.results[1].outcome, Outcome::NotDone);
    EXPECT_EQ(out_.published.size(), 1U);
}

TEST_F(BridgeTest, APressIsDoneOnceTheBrokerPassedItOn) {
    announce_bell();
    EXPECT_TRUE(out_.subscribed.contains("bell/set"));
    const RequestId first = press();
    const RequestId second = press();
    EXPECT_THAT(out_.published, ElementsAre(Publish{"bell/set", "PRESS"}, Publish{"bell/set", "PRESS"}));
    EXPECT_FALSE(out_.retained) << "a press that the broker keeps would happen again";
    bridge_.on_message("bell/set", "PRESS", true);
    bridge_.on_message("bell/set", "SOMETHING ELSE", false);
    EXPECT_THAT(out_.results, IsEmpty());
    bridge_.on_message("bell/set", "PRESS", false);
    ASSERT_EQ(out_.results.size(), 1U) << "one for one";
    EXPECT_EQ(out_.results[0].request, first);
    EXPECT_EQ(out_.results[0].outcome, Outcome::Done);
    bridge_.on_time(at(5));
    ASSERT_EQ(out_.results.size(), 2U);
    EXPECT_EQ(out_.results[1].request, second);
    EXPECT_EQ(out_.results[1].outcome, Outcome::Unknown);
}

TEST_F(BridgeTest, APressIsUnknownWhenTheBrokerIsLost) {
    announce_bell();
    press();
    bridge_.on_disconnected("gone");
    ASSERT_EQ(out_.results.size(), 1U);
    EXPECT_EQ(out_.results[0].outcome, Outcome::Unknown);
    bridge_.on_connected(at(1));
    bridge_.on_message("bell/set", "PRESS", false);
    EXPECT_EQ(out_.results.size(), 1U) << "somebody else's press says nothing about ours";
    EXPECT_EQ(out_.published.size(), 1U) << "and nothing is sent again";
}

TEST_F(BridgeTest, RefusesWhatItCannotDo) {
    announce_kitchen();
    for (const char* input :
         {"", "[]", R"({"on":1})", R"({"colour":"red"})", R"({"on":true,"brightness_pct":900})"}) {
        act(input);
        EXPECT_EQ(out_.results.back().outcome, Outcome::NotDone) << input;
        EXPECT_EQ(out_.results.back().error.code, ErrorCode::MqttCommandInvalid) << input;
    }
    act(R"({"on":true})", "mqtt:home/nothing");
    EXPECT_EQ(out_.results.back().error.code, ErrorCode::MqttEntityUnknown);
    out_.accepts = false;
    act(R"({"on":true})");
    EXPECT_EQ(out_.results.back().error.code, ErrorCode::MqttBrokerLost);
    EXPECT_EQ(out_.results.back().outcome, Outcome::NotDone);
}

TEST_F(BridgeTest, TheSameRequestTwiceIsSentOnce) {
    announce_kitchen();
    const RequestId request = act(R"({"on":true})");
    bridge_.act({request, "light.set", "mqtt:home/k1", R"({"on":true})", at(5)});
    EXPECT_EQ(out_.published.size(), 1U);
}

TEST_F(BridgeTest, ALostBrokerIsOneItemDownAndOneUp) {
    announce_kitchen();
    ASSERT_EQ(out_.health.size(), 1U);
    EXPECT_TRUE(out_.health[0].ok) << "so that people see that it is there";
    out_.told.clear();
    out_.health.clear();
    bridge_.on_disconnected("refused");
    bridge_.on_disconnected("refused");
    ASSERT_EQ(out_.health.size(), 1U);
    EXPECT_FALSE(out_.health[0].ok);
    EXPECT_THAT(out_.told, ElementsAre("down", R"(mqtt:home/k1 {"on":false} unavailable)"));
    act(R"({"on":true})");
    EXPECT_EQ(out_.results.back().error.code, ErrorCode::MqttBrokerLost);
    out_.subscribed.clear();
    bridge_.on_connected(at(10));
    EXPECT_EQ(out_.subscribed.size(), 4U);
    ASSERT_EQ(out_.health.size(), 2U);
    EXPECT_TRUE(out_.health[1].ok);
}

TEST_F(BridgeTest, AnEmptyPayloadRemovesAndSoDoesStayingAwayAfterAReconnect) {
    announce_kitchen();
    bridge_.on_message(kConfig, "", false);
    EXPECT_EQ(out_.told.back(), "gone mqtt:home/k1");
    EXPECT_THAT(out_.subscribed, ElementsAre("homeassistant/+/+/+/config", "homeassistant/+/+/config"));

    announce_kitchen();
    bridge_.on_disconnected("x");
    bridge_.on_connected(at(10));
    bridge_.on_time(at(10) + kResyncGrace - seconds(1));
    EXPECT_NE(out_.told.back(), "gone mqtt:home/k1");
    bridge_.on_time(at(10) + kResyncGrace);
    EXPECT_EQ(out_.told.back(), "gone mqtt:home/k1");
}

// As every home of zigbee2mqtt has it: one topic says of all whether they are there.
class SharedTopicTest : public BridgeTest {
  protected:
    static constexpr int kMany = 500;

    static std::string lamp(int i) {
        const std::string n = std::to_string(i);
        return R"({"uniq_id":"l)" + n + R"(","stat_t":"l/)" + n + R"(","cmd_t":"l/)" + n +
               R"(/set","avty_t":"hub"})";
    }

    void announce(int i) {
        bridge_.on_message("homeassistant/light/l" + std::to_string(i) + "/config", lamp(i), true);
        answer();
    }

    // A broker that retains "hub", and answers each subscription with it.
    void answer() {
        while (answers_ && answered_ < out_.asked["hub"]) {
            ++answered_;
            bridge_.on_message("hub", "online", true);
        }
    }

    bool is_available(int i) const {
        const std::string id = "mqtt:home/l" + std::to_string(i) + " ";
        for (auto line = out_.told.rbegin(); line != out_.told.rend(); ++line) {
            if (line->starts_with(id)) {
                return line->ends_with(" available");
            }
        }
        return false;
    }

    int answered_ = 0;
    bool answers_ = true;
};

TEST_F(SharedTopicTest, IsSubscribedToOnceHoweverManyListen) {
    bridge_.on_connected(at(0));
    for (int i = 0; i < kMany; ++i) {
        announce(i);
    }
    EXPECT_EQ(out_.asked["hub"], 1);
    EXPECT_TRUE(is_available(0));
    EXPECT_TRUE(is_available(kMany - 1)) << "who listens later is told what is known";
    EXPECT_EQ(out_.told.size(), 1U + 2U * kMany + 1U) << "the work grows with the lamps and no faster";
    EXPECT_EQ(bridge_.next_time(), at(0) + kResyncGrace) << "there is nothing left to ask";

    out_.told.clear();
    bridge_.on_message("hub", "online", false);
    EXPECT_THAT(out_.told, IsEmpty()) << "nothing new";
    bridge_.on_message("hub", "offline", false);
    EXPECT_EQ(out_.told.size(), static_cast<std::size_t>(kMany));
    announce(kMany);
    EXPECT_FALSE(is_available(kMany)) << "the last word counts, not the first";
}

TEST_F(SharedTopicTest, AnAnswerThatTakesLongIsAskedForOnceMore) {
    answers_ = false;
    bridge_.on_connected(at(0));
    for (int i = 0; i < kMany; ++i) {
        announce(i);
    }
    EXPECT_EQ(out_.asked["hub"], 1);
    EXPECT_EQ(bridge_.next_time(), at(0) + kAskAgain);
    bridge_.on_time(at(0) + kAskAgain);
    EXPECT_EQ(out_.asked["hub"], 2);
    answers_ = true;
    answer();
    EXPECT_TRUE(is_available(0));
    EXPECT_TRUE(is_available(kMany - 1));
    announce(kMany);
    EXPECT_TRUE(is_available(kMany));
    EXPECT_EQ(out_.asked["hub"], 2);
}

TEST_F(SharedTopicTest, WhatTheBrokerDoesNotRetainIsNotRemembered) {
    answers_ = false;
    bridge_.on_connected(at(0));
    announce(0);
    bridge_.on_message("hub", "online", false);
    announce(1);
    EXPECT_FALSE(is_available(1)) << "nobody knows whether it is still so";
    bridge_.on_time(at(0) + kAskAgain);
    bridge_.on_message("hub", "online", true);
    EXPECT_TRUE(is_available(1));
    bridge_.on_message("hub", std::string(kKeptBytesMax + 1, 'x'), false);
    announce(2);
    bridge_.on_time(at(100));
    EXPECT_EQ(out_.asked["hub"], 3) << "too long to remember, so the broker is asked";

    bridge_.on_disconnected("x");
    bridge_.on_connected(at(200));
    EXPECT_EQ(out_.asked["hub"], 4);
    announce(3);
    EXPECT_FALSE(is_available(3)) << "of an earlier connection";
}

TEST_F(BridgeTest, WhereAvailabilityIsSaidMayChange) {
    bridge_.on_connected(at(0));
    const auto announce = [&](const std::string& availability) {
        bridge_.on_message(
            kConfig, R"({"uniq_id":"k1","stat_t":"z/k","cmd_t":"c","avty":[)" + availability + "]}", true);
    };
    announce("");
    EXPECT_EQ(out_.told.back(), "mqtt:home/k1 {} available");
    announce(R"({"t":"z/k","pl_avail":"ON","pl_not_avail":"OFF"})");
    EXPECT_EQ(out_.told.back(), "mqtt:home/k1 {} unavailable") << "on a topic that it listens to already";
    bridge_.on_message("z/k", "ON", true);
    EXPECT_EQ(out_.told.back(), R"(mqtt:home/k1 {"on":true} available)");
    announce(
        R"({"t":"z/k","pl_avail":"ON","pl_not_avail":"OFF"},{"t":"z/k","pl_avail":"1","pl_not_avail":"ON"})");
    EXPECT_EQ(out_.told.back(), R"(mqtt:home/k1 {"on":true} unavailable)");
}

TEST_F(BridgeTest, ALostBrokerIsSaidWhateverElseIsWrong) {
    bridge_.on_connected(at(0));
    for (std::size_t i = 0; i < 2 * kHealthItemsMax; ++i) {
        bridge_.on_message("homeassistant/light/x" + std::to_string(i) + "/config", "{", true);
    }
    EXPECT_LT(out_.health.size(), kHealthItemsMax);
    bridge_.on_disconnected("refused");
    EXPECT_EQ(out_.health.back().key, "mqtt:home broker");
    EXPECT_FALSE(out_.health.back().ok);
}

TEST_F(BridgeTest, AThingThatIsGoneIsNotWrongAnyMore) {
    announce_kitchen();
    bridge_.on_message("z/k", "gibberish", false);
    EXPECT_FALSE(out_.health.back().ok);
    bridge_.on_message(kConfig, "", false);
    EXPECT_EQ(out_.health.back().key, "mqtt:home state mqtt:home/k1");
    EXPECT_TRUE(out_.health.back().ok);
}

TEST_F(BridgeTest, WhatExpiresIsNotKnownAnyMore) {
    bridge_.on_connected(at(0));
    const std::string config = R"({"uniq_id":"t","stat_t":"t","unit_of_meas":"C","exp_aft":30})";
    bridge_.on_message("homeassistant/sensor/t/config", config, true);
    bridge_.on_message("t", "20", true);
    EXPECT_EQ(bridge_.next_time(), at(30));
    out_.time = at(10);
    bridge_.on_message("t", "21", false);
    bridge_.on_time(at(39));
    EXPECT_EQ(out_.told.back(), R"(mqtt:home/t {"unit":"C","value":21} available)");
    bridge_.on_time(at(40));
    EXPECT_EQ(out_.told.back(), "mqtt:home/t {} available");
    bridge_.on_message("t", "21", true);
    bridge_.on_message("homeassistant/sensor/t/config", config, false);
    EXPECT_EQ(out_.told.back(), "mqtt:home/t {} available") << "the same again says nothing new";
    bridge_.on_message("t", "22", false);
    EXPECT_EQ(out_.told.back(), R"(mqtt:home/t {"unit":"C","value":22} available)");
    bridge_.on_message("homeassistant/sensor/t/config", "", false);
    bridge_.on_time(at(100));
    EXPECT_EQ(out_.told.back(), "gone mqtt:home/t");
}

TEST_F(BridgeTest, AnUnusableAnnouncementIsAHealthItemUntilItIsFixed) {
    bridge_.on_connected(at(0));
    out_.health.clear();
    bridge_.on_message(kConfig, "{", true);
    ASSERT_EQ(out_.health.size(), 1U);
    EXPECT_THAT(out_.health[0].error.detail, HasSubstr(kConfig));
    bridge_.on_message(kConfig, kLight, false);
    EXPECT_TRUE(out_.health.back().ok);
    bridge_.on_message("homeassistant/light/thief/config", kLight, false);
    EXPECT_THAT(out_.health.back().error.detail, HasSubstr("unique_id"));
    EXPECT_THAT(out_.told, testing::Not(testing::Contains("gone mqtt:home/k1")));
    bridge_.on_message("homeassistant/light/thief/config", "", false);
    EXPECT_THAT(out_.told, testing::Not(testing::Contains("gone mqtt:home/k1")));
}

}  // namespace
}  // namespace ambit::mqtt
