#include <gmock/gmock.h>

#include "mqtt/bridge_testing.h"

namespace ambit::mqtt {
namespace {

using testing::Contains;
using testing::Not;

const std::string kList =
    R"([{"ieee_address":"0x1","friendly_name":"Plug","type":"Router","definition":{"model":"M",
    "vendor":"V","exposes":[{"type":"switch","features":[{"name":"state","property":"state","type":"binary","access":7,
    "value_on":"ON","value_off":"OFF"}]}]}}])";
const std::string kId = "mqtt:home/0x1_switch_zigbee2mqtt";

class BridgeZigbeeTest : public testing::Test {
  protected:
    BridgeZigbeeTest() {
        bridge_.on_connected(MonoTime(seconds(0)));
        out_.health.clear();
    }

    void list(const std::string& text) { bridge_.on_message("z2m/bridge/devices", text, true); }

    void announce(const std::string& text) {
        bridge_.on_message("homeassistant/switch/0x1/config", text, true);
    }

    bool is_on() const { return out_.told.back() == kId + R"( {"on":true} available)"; }

    Recorder out_;
    Bridge bridge_{"mqtt:home", "homeassistant", "z2m", out_, out_};
};

TEST_F(BridgeZigbeeTest, AListedDeviceIsAThing) {
    list(kList);
    EXPECT_THAT(out_.told, Contains("entity " + kId));
    bridge_.on_message("z2m/Plug", R"({"state":"ON"})", false);
    EXPECT_TRUE(is_on()) << "nobody has to say that it is available";
    bridge_.act({RequestId(), "switch.set", kId, R"({"on":false})", MonoTime(seconds(5))});
    EXPECT_EQ(out_.published.at(0), (Publish{"z2m/Plug/set", R"({"state":"OFF"})"}));
    bridge_.on_message("z2m/Plug", R"({"state":"OFF"})", false);
    EXPECT_EQ(out_.results.at(0).outcome, capability::Outcome::Done);
    bridge_.on_message("z2m/bridge/state", R"({"state":"offline"})", false);
    EXPECT_EQ(out_.told.back(), kId + R"( {"on":false} unavailable)");
    list("[]");
    EXPECT_EQ(out_.told.back(), "gone " + kId);
}

TEST_F(BridgeZigbeeTest, WhatDiscoverySaysOfTheSameThingCounts) {
    const std::string discovery =
        R"({"uniq_id":"0x1_switch_zigbee2mqtt","name":"Iron","stat_t":"z2m/Plug","cmd_t":"z2m/Plug/set",
            "val_tpl":"{{ value_json.state }}"})";
    for (const bool list_first : {true, false}) {
        SCOPED_TRACE(list_first);
        out_.told.clear();
        list_first ? list(kList) : announce(discovery);
        list_first ? announce(discovery) : list(kList);
        bridge_.on_message("z2m/Plug", R"({"state":"ON"})", false);
        EXPECT_TRUE(is_on());
        EXPECT_THAT(out_.told, Not(Contains("gone " + kId))) << "it is one thing all along";
        list(kList);
        EXPECT_THAT(out_.told, Not(Contains("gone " + kId)));
        announce("");
        EXPECT_THAT(out_.told, Contains("gone " + kId));
        list(kList);
        bridge_.on_message("z2m/Plug", R"({"state":"ON"})", false);
        EXPECT_TRUE(is_on()) << "without discovery the list counts";
        list("[]");
    }
    EXPECT_TRUE(out_.health.empty());
}

TEST_F(BridgeZigbeeTest, SaysOfEachDeviceWhatIsUsedAndWhatNot) {
    list(
        R"([{"ieee_address":"0x1","friendly_name":"Plug","type":"Router","definition":{"model":"M","vendor":"V","exposes":[
        {"type":"switch","features":[{"name":"state","property":"state","type":"binary","access":7,"value_on":1,"value_off":0}]},
        {"type":"enum","name":"beep","property":"beep","access":7,"category":"config"}]}},
        {"ieee_address":"0x2","friendly_name":"Odd/#","type":"Router"}])");
    announce(R"({"stat_t":"s","cmd_t":"c","dev":{"name":"Iron"}})");
    const auto survey = bridge_.survey();
    ASSERT_EQ(survey.size(), 3U);
    EXPECT_EQ(survey[0].from, "Iron");
    EXPECT_EQ(survey[1].from, "Odd/#");
    EXPECT_EQ(survey[1].ignored.at(0).why, "its name is no topic");
    EXPECT_EQ(survey[2].from, "Plug (V M)");
    EXPECT_THAT(survey[2].used, testing::ElementsAre("switch Plug"));
    EXPECT_EQ(survey[2].ignored.at(0).what, "beep");
    list("[]");
    EXPECT_EQ(bridge_.survey().size(), 1U);
}

TEST_F(BridgeZigbeeTest, ABrokenListIsAHealthItemAndHarmsNothing) {
    list(kList);
    list("{");
    ASSERT_EQ(out_.health.size(), 1U);
    EXPECT_FALSE(out_.health[0].ok);
    EXPECT_THAT(out_.told, Not(Contains("gone " + kId)));
    list(kList);
    EXPECT_TRUE(out_.health.back().ok);
}

}  // namespace
}  // namespace ambit::mqtt
