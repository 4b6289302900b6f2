#include "homeassistant/bridge_testing.h"
#include "homeassistant/connection.h"

namespace ambit::homeassistant {
namespace {

constexpr const char* kLamp = "homeassistant:home/light.bed";

TEST_F(BridgeTest, SignsInAndShowsTheHome) {
    bridge_.on_opened(now_);
    EXPECT_TRUE(sent_.empty()) << "the server speaks first";
    say({{"type", "auth_required"}});
    ASSERT_EQ(sent_.size(), 1U);
    EXPECT_EQ(sent_[0], (json{{"type", "auth"}, {"access_token", "secret"}}));
    sent_.clear();
    say({{"type", "auth_ok"}});
    std::int64_t last = 0;
    for (const json& question : sent_) {
        EXPECT_GT(question["id"].get<std::int64_t>(), last) << "ids only grow";
        last = question["id"];
    }
    EXPECT_FALSE(bridge_.ready());
    answer_all();
    ASSERT_TRUE(bridge_.ready());
    EXPECT_TRUE(available_);
    EXPECT_TRUE(health_.at("homeassistant:home").ok);
    ASSERT_EQ(entities_.size(), 3U) << "no rules, nothing for diagnosis";
    const capability::Entity& lamp = entities_.at(kLamp);
    EXPECT_EQ(lamp.name, "Bed Lamp");
    EXPECT_EQ(lamp.area, "Bedroom") << "from its device";
    EXPECT_EQ(lamp.floor, "Upstairs");
    EXPECT_EQ(lamp.twin, "mqtt/0x1_light");
    EXPECT_EQ(lamp.capabilities, std::vector<std::string>{"light.set"});
    EXPECT_EQ(entities_.at("homeassistant:home/lock.front").area, "Kitchen");
    EXPECT_EQ(entities_.at("homeassistant:home/sensor.hall_temperature").name, "hall temperature");
    EXPECT_EQ(states_.at("homeassistant:home/sensor.hall_temperature"), R"({"unit":"°C","value":21.5})");
    EXPECT_EQ(states_.at("homeassistant:home/lock.front"), R"({"locked":true})");
}

TEST_F(BridgeTest, FollowsWhatChanges) {
    open();
    change(light("on", {{"brightness", 102}}));
    EXPECT_EQ(states_.at(kLamp), R"({"brightness_pct":40,"on":true})");
    const int told = told_;
    change(light("on", {{"brightness", 102}}));
    EXPECT_EQ(told_, told) << "the same is not told again";
    change(light("unavailable"));
    EXPECT_EQ(states_.at(kLamp), "{} unavailable");
    json gone = {{"entity_id", "light.bed"}, {"new_state", nullptr}};
    say({{"id", 1}, {"type", "event"}, {"event", {{"event_type", "state_changed"}, {"data", gone}}}});
    EXPECT_FALSE(entities_.contains(kLamp));
}

TEST_F(BridgeTest, ARegistryThatChangedIsAskedForAgainOnce) {
    open();
    registry_[0]["hidden_by"] = "user";
    for (int i = 0; i < 20; ++i) {
        say_registry_changed();
    }
    EXPECT_TRUE(sent_.empty());
    now_ += kReloadAfter;
    bridge_.on_time(now_);
    EXPECT_EQ(sent_.size(), 6U) << "one of each list";
    answer_all();
    EXPECT_FALSE(entities_.contains(kLamp));
    EXPECT_TRUE(bridge_.ready());
}

TEST_F(BridgeTest, HalfAReloadChangesNothing) {
    open();
    say_registry_changed();
    now_ += kReloadAfter;
    bridge_.on_time(now_);
    home_.erase(0);
    const std::vector<json> questions = std::exchange(sent_, {});
    for (const json& question : questions) {
        if (question["type"] != "config/area_registry/list") {
            answer(question, result_for(question["type"]));
        }
    }
    EXPECT_TRUE(entities_.contains(kLamp)) << "one list is not there yet";
    act(1, "light.set", "light.bed", R"({"on":true})");
    ASSERT_EQ(sent_.size(), 1U);
    change(light("on"));
    answer(sent_[0], json::object());
    EXPECT_EQ(outcome(1), Outcome::Done);
    change({{"entity_id", "lock.front"}, {"state", "unlocked"}});
    sent_.clear();
    for (const json& question : questions) {
        if (question["type"] == "config/area_registry/list") {
            answer(question, result_for(question["type"]));
        }
    }
    EXPECT_EQ(states_.at("homeassistant:home/lock.front"), R"({"locked":false})")
        << "what changed after the list is newer";
    EXPECT_TRUE(entities_.contains(kLamp)) << "it changed after the list that lacked it";
    EXPECT_TRUE(health_.at("homeassistant:home").ok);
}

TEST_F(BridgeTest, AListThatIsNoneLeavesWhatWasKnown) {
    open();
    for (const json& nonsense : {json(), json(5), json("x"), json::object(), json::array({json(), 1, "a"})}) {
        for (const char* type : {"get_states", "config/area_registry/list", "config/entity_registry/list",
                                 "config/device_registry/list", "config/floor_registry/list", "get_config"}) {
            say_registry_changed();
            EXPECT_EQ(*bridge_.next_time(), now_ + kReloadAfter) << "sooner than by itself";
            now_ = *bridge_.next_time();
            bridge_.on_time(now_);
            for (const json& question : std::exchange(sent_, {})) {
                answer(question,
                       question["type"] == type ? nonsense : result_for(question.value("type", "")));
            }
            EXPECT_EQ(entities_.size(), 3U) << type << nonsense;
            EXPECT_EQ(entities_.at(kLamp).area, "Bedroom") << type << nonsense;
            EXPECT_EQ(entities_.at(kLamp).floor, "Upstairs") << type << nonsense;
            EXPECT_EQ(health_.at("homeassistant:home").error.code, ErrorCode::HomeAssistantNonsense);
            EXPECT_FALSE(health_.at("homeassistant:home").ok) << type << nonsense;
            EXPECT_TRUE(bridge_.ready());
        }
    }
    EXPECT_EQ(*bridge_.next_time(), now_ + kAgainAfter);
    now_ += kAgainAfter;
    bridge_.on_time(now_);
    EXPECT_FALSE(sent_.empty()) << "it is asked again by itself";
    answer_all();
    EXPECT_TRUE(health_.at("homeassistant:home").ok);
}

TEST_F(BridgeTest, WithoutStatesOrUnitsThereIsNothingToBegin) {
    for (const char* type : {"get_states", "get_config"}) {
        bridge_.on_opened(now_);
        say({{"type", "auth_required"}});
        say({{"type", "auth_ok"}});
        for (const json& question : std::exchange(sent_, {})) {
            if (question.contains("id")) {
                answer(question, question["type"] == type ? json() : result_for(question["type"]));
            }
        }
        EXPECT_FALSE(closed_.empty()) << type;
        EXPECT_EQ(health_.at("homeassistant:home").error.code, ErrorCode::HomeAssistantNonsense);
        closed_.clear();
    }
    open();
    EXPECT_TRUE(health_.at("homeassistant:home").ok);
}

TEST_F(BridgeTest, WhatIsLeftOutIsSaid) {
    home_ = json::array();
    for (std::size_t i = 0; i < kRowsMax + 3; ++i) {
        home_.push_back({{"entity_id", "light.l" + std::to_string(i)}, {"state", "on"}});
    }
    open();
    EXPECT_EQ(entities_.size(), kRowsMax);
    EXPECT_TRUE(available_);
    EXPECT_FALSE(health_.at("homeassistant:home").ok);
    EXPECT_EQ(health_.at("homeassistant:home").error.code, ErrorCode::LimitExceeded);
    EXPECT_THAT(health_.at("homeassistant:home").error.detail, testing::HasSubstr("3 left out"));
    bridge_.on_closed("reset by peer");
    EXPECT_EQ(health_.at("homeassistant:home").error.code, ErrorCode::HomeAssistantLost);
}

TEST_F(BridgeTest, OneMoreThanThereIsRoomForIsSaid) {
    home_ = json::array();
    for (std::size_t i = 0; i < kRowsMax; ++i) {
        home_.push_back({{"entity_id", "light.l" + std::to_string(i)}, {"state", "on"}});
    }
    open();
    EXPECT_TRUE(health_.at("homeassistant:home").ok);
    change(light("on"));
    EXPECT_FALSE(entities_.contains(kLamp));
    EXPECT_EQ(health_.at("homeassistant:home").error.code, ErrorCode::LimitExceeded);
}

TEST_F(BridgeTest, OnlyNullSaysThatAThingIsGone) {
    open();
    for (const json& data :
         {json{{"entity_id", "light.bed"}}, json{{"entity_id", "light.bed"}, {"new_state", 5}},
          json{{"entity_id", "light.bed"}, {"new_state", "off"}},
          json{{"entity_id", "light.bed"}, {"new_state", json::array()}}}) {
        say({{"id", 1}, {"type", "event"}, {"event", {{"event_type", "state_changed"}, {"data", data}}}});
        EXPECT_TRUE(entities_.contains(kLamp)) << data;
    }
}

TEST_F(BridgeTest, ARegistryThatChangesWhileItIsLoadedIsLoadedAgain) {
    bridge_.on_opened(now_);
    say({{"type", "auth_required"}});
    say({{"type", "auth_ok"}});
    say_registry_changed();
    answer_all();
    ASSERT_TRUE(bridge_.ready());
    ASSERT_TRUE(bridge_.next_time());
    now_ = *bridge_.next_time();
    bridge_.on_time(now_);
    EXPECT_EQ(sent_.size(), 6U);
    say_registry_changed();
    now_ += kReloadAfter;
    EXPECT_GT(*bridge_.next_time(), now_) << "one round at a time";
    bridge_.on_time(now_);
    EXPECT_EQ(sent_.size(), 6U);
    answer_all();
    bridge_.on_time(*bridge_.next_time());
    EXPECT_EQ(sent_.size(), 6U);
}

TEST_F(BridgeTest, DoneIsWhatTheStateSays) {
    open();
    act(1, "light.set", "light.bed", R"({"on":true,"brightness_pct":40})");
    ASSERT_EQ(sent_.size(), 1U);
    EXPECT_EQ(sent_[0]["domain"], "light");
    EXPECT_EQ(sent_[0]["service"], "turn_on");
    EXPECT_EQ(sent_[0]["service_data"], (json{{"brightness_pct", 40}}));
    EXPECT_EQ(sent_[0]["target"]["entity_id"], "light.bed");
    change(light("on", {{"brightness", 102}}));
    EXPECT_TRUE(results_.empty()) << "it has not said that the service ran";
    answer(sent_[0], json::object());
    EXPECT_EQ(outcome(1), Outcome::Done);

    sent_.clear();
    act(2, "light.set", "light.bed", R"({"on":false})");
    answer(sent_[0], json::object());
    EXPECT_EQ(results_.size(), 1U) << "it ran, and nothing changed yet";
    change(light("off"));
    EXPECT_EQ(outcome(2), Outcome::Done);

    sent_.clear();
    act(3, "lock.set", "lock.front", R"({"locked":false})");
    EXPECT_EQ(sent_[0]["service"], "unlock");
    say({{"id", sent_[0]["id"]},
         {"type", "result"},
         {"success", false},
         {"error", {{"code", "x"}, {"message", "no\nway"}}}});
    EXPECT_EQ(outcome(3), Outcome::NotDone);
    EXPECT_EQ(results_.at(request(3)).error.detail, "x: no?way");

    act(4, "light.set", "light.bed", R"({"on":true})");
    now_ += seconds(6);
    bridge_.on_time(now_);
    EXPECT_EQ(outcome(4), Outcome::Unknown);
}

TEST_F(BridgeTest, WhatCannotBeDoneIsNotSent) {
    act(1, "light.set", "light.bed", R"({"on":true})");
    EXPECT_EQ(outcome(1), Outcome::NotDone) << "not connected";
    open();
    sent_.clear();
    act(2, "light.set", "light.none", R"({"on":true})");
    act(3, "lock.set", "light.bed", R"({"locked":true})");
    act(4, "light.set", "light.bed", R"({})");
    change(light("unavailable"));
    act(5, "light.set", "light.bed", R"({"on":true})");
    for (std::uint8_t n = 2; n <= 5; ++n) {
        EXPECT_EQ(outcome(n), Outcome::NotDone) << int(n);
    }
    EXPECT_TRUE(sent_.empty());
    act(6, "sensor.read", "sensor.hall_temperature", "{}");
    EXPECT_EQ(results_.at(request(6)).output_json, R"({"unit":"°C","value":21.5})");
}

TEST_F(BridgeTest, ALossIsOneHealthItemAndComesBack) {
    open();
    act(1, "light.set", "light.bed", R"({"on":true})");
    bridge_.on_closed("reset by peer");
    EXPECT_EQ(outcome(1), Outcome::Unknown);
    EXPECT_FALSE(available_);
    EXPECT_EQ(states_.at(kLamp), R"({"on":false} unavailable)");
    EXPECT_EQ(health_.size(), 1U);
    EXPECT_EQ(health_.at("homeassistant:home").error.code, ErrorCode::HomeAssistantLost);
    EXPECT_TRUE(entities_.contains(kLamp)) << "it is still known, only not reachable";
    home_.erase(0);
    sent_.clear();
    open();
    EXPECT_TRUE(health_.at("homeassistant:home").ok);
    EXPECT_FALSE(entities_.contains(kLamp)) << "it was removed meanwhile";
}

TEST_F(BridgeTest, ARefusedTokenIsSaidAsThat) {
    bridge_.on_opened(now_);
    say({{"type", "auth_required"}});
    say({{"type", "auth_invalid"}, {"message", "Invalid access token"}});
    EXPECT_TRUE(refused_);
    EXPECT_EQ(health_.at("homeassistant:home").error.code, ErrorCode::HomeAssistantRefused);
    bridge_.on_closed("x");
    EXPECT_EQ(health_.at("homeassistant:home").error.code, ErrorCode::HomeAssistantRefused)
        << "it stays said";
}

TEST_F(BridgeTest, SilenceAndNonsenseEndTheConnection) {
    bridge_.on_opened(now_);
    now_ += kSignInMax;
    bridge_.on_time(now_);
    EXPECT_EQ(closed_, "it does not answer");
    closed_.clear();
    open();
    sent_.clear();
    now_ = *bridge_.next_time();
    bridge_.on_time(now_);
    ASSERT_EQ(sent_.size(), 1U);
    EXPECT_EQ(sent_[0]["type"], "ping");
    say({{"id", sent_[0]["id"]}, {"type", "pong"}});
    now_ += kPongMax;
    bridge_.on_time(now_);
    EXPECT_TRUE(closed_.empty());
    now_ = *bridge_.next_time();
    bridge_.on_time(now_);
    now_ += kPongMax;
    bridge_.on_time(now_);
    EXPECT_EQ(closed_, "it does not answer");
    closed_.clear();
    open();
    bridge_.on_text("{", now_);
    EXPECT_FALSE(closed_.empty());
    EXPECT_EQ(health_.at("homeassistant:home").error.code, ErrorCode::HomeAssistantNonsense);
}

TEST_F(BridgeTest, HostileNamesStayData) {
    home_ = json::array({light("on", {{"friendly_name", std::string(10'000, 'x') + "\n<b>"}}),
                         {{"entity_id", "light.../x"}, {"state", "on"}},
                         {{"entity_id", 5}, {"state", "on"}},
                         "row",
                         {{"entity_id", "light.b"}, {"state", std::string("\x01\x02")}, {"attributes", 5}}});
    registry_ =
        json::array({{{"entity_id", "light.bed"}, {"platform", std::string(300, 'p')}, {"unique_id", "u"}}});
    open();
    ASSERT_EQ(entities_.size(), 2U);
    EXPECT_LE(entities_.at(kLamp).name.size(), kNameBytesMax);
    EXPECT_EQ(entities_.at(kLamp).twin, "") << "an id is taken whole or not at all";
    EXPECT_EQ(entities_.at("homeassistant:home/light.b").name, "b");
}

TEST(Url, OnlyPlainAddresses) {
    EXPECT_EQ(parse_url("http://192.0.2.7:8123")->port, 8123);
    EXPECT_EQ(parse_url("http://ha.local/")->host, "ha.local");
    EXPECT_EQ(parse_url("http://[::1]:80")->host, "::1");
    for (const char* bad : {"", "https://x", "http://", "http://x:0", "http://x:99999", "http://x/y",
                            "http://u@x", "http://[::1", "ws://x", "http://x:"}) {
        EXPECT_FALSE(parse_url(bad)) << bad;
    }
}

}  // namespace
}  // namespace ambit::homeassistant
