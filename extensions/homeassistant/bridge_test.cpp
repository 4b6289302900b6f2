#include "homeassistant/bridge.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "homeassistant/connection.h"

namespace ambit::homeassistant {
namespace {

using capability::Outcome;
using nlohmann::json;

RequestId request(std::uint8_t n) {
    std::array<std::uint8_t, RequestId::kSize> bytes{};
    bytes[0] = n;
    return RequestId(bytes);
}

// A bridge, what it sent, and what it told; the test is Home Assistant.
class BridgeTest : public testing::Test, public BridgeIo, public capability::ProviderEvents {
  protected:
    void send(std::string text) override { sent_.push_back(json::parse(text)); }

    void close(const std::string& reason, bool refused) override {
        closed_ = reason;
        refused_ = refused;
        bridge_.on_closed(reason);
    }

    void on_entity(const capability::Entity& entity) override { entities_[entity.id] = entity; }

    void on_entity_gone(const std::string& id) override { entities_.erase(id); }

    void on_state(const std::string& id, const std::string& state, bool available) override {
        states_[id] = state + (available ? "" : " unavailable");
        ++told_;
    }

    void on_result(const capability::InvocationResult& result) override { results_[result.request] = result; }

    void on_available(const std::string&, bool available) override { available_ = available; }

    void on_health(const capability::HealthItem& item) override { health_[item.key] = item; }

    void say(const json& message) { bridge_.on_text(message.dump(), now_); }

    void answer(const json& question, const json& result) {
        say({{"id", question["id"]}, {"type", "result"}, {"success", true}, {"result", result}});
    }

    json result_for(const std::string& type) const {
        if (type == "config/floor_registry/list") {
            return json::array({{{"floor_id", "up"}, {"name", "Upstairs"}}});
        }
        if (type == "config/area_registry/list") {
            return json::array({{{"area_id", "bed"}, {"name", "Bedroom"}, {"floor_id", "up"}},
                                {{"area_id", "kitchen"}, {"name", "Kitchen"}, {"floor_id", nullptr}}});
        }
        if (type == "config/device_registry/list") {
            return json::array({{{"id", "d1"}, {"area_id", "bed"}, {"identifiers", {{"mqtt", "0x1"}}}}});
        }
        if (type == "config/entity_registry/list") {
            return registry_;
        }
        if (type == "get_config") {
            return {{"unit_system", {{"temperature", degrees_}}}};
        }
        return type == "get_states" ? home_ : json();
    }

    // Signs in and answers everything that was asked.
    void serve() {
        say({{"type", "auth_required"}, {"ha_version", "2026.11.0"}});
        say({{"type", "auth_ok"}});
        answer_all();
    }

    void answer_all() {
        for (const json& question : std::exchange(sent_, {})) {
            if (question.contains("id")) {
                answer(question, result_for(question["type"]));
            }
        }
    }

    void open() {
        bridge_.on_opened(now_);
        serve();
    }

    static json light(const std::string& state, const json& more = json::object()) {
        json attributes = {{"friendly_name", "Bed Lamp"}, {"supported_color_modes", {"brightness"}}};
        attributes.update(more);
        return {{"entity_id", "light.bed"}, {"state", state}, {"attributes", attributes}};
    }

    void change(const json& state) {
        say({{"id", 1},
             {"type", "event"},
             {"event",
              {{"event_type", "state_changed"},
               {"data", {{"entity_id", state["entity_id"]}, {"new_state", state}}}}}});
    }

    void say_registry_changed() {
        say({{"id", 2},
             {"type", "event"},
             {"event", {{"event_type", "entity_registry_updated"}, {"data", json::object()}}}});
    }

    void act(std::uint8_t n,
             const std::string& capability,
             const std::string& entity,
             const std::string& input) {
        bridge_.act({request(n), capability, "homeassistant:home/" + entity, input, now_ + seconds(5)});
    }

    Outcome outcome(std::uint8_t n) const { return results_.at(request(n)).outcome; }

    json registry_ = json::array(
        {{{"entity_id", "light.bed"}, {"platform", "mqtt"}, {"unique_id", "0x1_light"}, {"device_id", "d1"}},
         {{"entity_id", "sensor.power"},
          {"platform", "hue"},
          {"unique_id", 5},
          {"entity_category", "diagnostic"}},
         {{"entity_id", "lock.front"}, {"platform", "nuki"}, {"unique_id", "n1"}, {"area_id", "kitchen"}}});
    json home_ =
        json::array({light("off"),
                     {{"entity_id", "sensor.power"}, {"state", "5"}, {"attributes", json::object()}},
                     {{"entity_id", "sensor.hall_temperature"},
                      {"state", "21.5"},
                      {"attributes", {{"unit_of_measurement", "°C"}}}},
                     {{"entity_id", "lock.front"},
                      {"state", "locked"},
                      {"attributes", {{"friendly_name", "Front Door"}}}},
                     {{"entity_id", "automation.x"}, {"state", "on"}, {"attributes", json::object()}}});
    std::string degrees_ = "°C";
    MonoTime now_{seconds(1000)};
    std::vector<json> sent_;
    std::string closed_;
    bool refused_ = false;
    bool available_ = false;
    int told_ = 0;
    std::map<std::string, capability::Entity> entities_;
    std::map<std::string, std::string> states_;
    std::map<RequestId, capability::InvocationResult> results_;
    std::map<std::string, capability::HealthItem> health_;
    Bridge bridge_{"homeassistant:home", "secret", *this, *this};
};

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

TEST_F(BridgeTest, EveryKindSpeaksItsOwnService) {
    const auto thing = [](const char* id, const char* state, json attributes) {
        return json{{"entity_id", id}, {"state", state}, {"attributes", std::move(attributes)}};
    };
    home_ = json::array(
        {thing("cover.blind", "closed", {{"current_position", 0}}),
         thing("cover.gate", "closed", {{"device_class", "gate"}}),
         thing("climate.hall", "heat", {{"temperature", 70}, {"current_temperature", 68}}),
         thing("media_player.tv", "playing", {{"volume_level", 0.25}, {"is_volume_muted", false}}),
         thing("vacuum.robot", "docked", json::object()), thing("scene.film", "unknown", json::object()),
         thing("binary_sensor.door", "on", {{"device_class", "door"}})});
    degrees_ = "°F";
    open();
    const std::string there = "homeassistant:home/";
    EXPECT_EQ(states_.at(there + "climate.hall"),
              R"({"current_temperature_c":20.0,"mode":"heat","on":true,"temperature_c":21.1})");
    EXPECT_EQ(states_.at(there + "media_player.tv"),
              R"({"muted":false,"on":true,"playing":true,"volume_pct":25})");
    EXPECT_EQ(states_.at(there + "binary_sensor.door"), R"({"on":true})");
    EXPECT_EQ(entities_.at(there + "cover.gate").capabilities, std::vector<std::string>{"garage.set"})
        << "what lets people in needs a yes";
    EXPECT_EQ(entities_.at(there + "binary_sensor.door").device_class, "door");

    std::uint8_t n = 0;
    const auto called = [&](const char* capability, const char* entity, const char* input) {
        sent_.clear();
        act(++n, capability, entity, input);
        return sent_.empty() ? json()
                             : json{sent_[0]["domain"], sent_[0]["service"], sent_[0]["service_data"]};
    };
    EXPECT_EQ(called("cover.set", "cover.blind", R"({"position_pct":30})"),
              json({"cover", "set_cover_position", {{"position", 30}}}));
    answer(sent_[0], json::object());
    change(thing("cover.blind", "opening", {{"current_position", 5}}));
    EXPECT_EQ(outcome(n), Outcome::Done) << "it is on its way";
    EXPECT_EQ(called("garage.set", "cover.gate", R"({"open":true})"),
              json({"cover", "open_cover", json::object()}));
    EXPECT_TRUE(called("cover.set", "cover.gate", R"({"open":true})").is_null()) << "not without a yes";
    EXPECT_EQ(called("climate.set", "climate.hall", R"({"temperature_c":20})"),
              json({"climate", "set_temperature", {{"temperature", 68.0}}}));
    answer(sent_[0], json::object());
    change(thing("climate.hall", "heat", {{"temperature", 68}}));
    EXPECT_EQ(outcome(n), Outcome::Done);
    EXPECT_EQ(called("media.set", "media_player.tv", R"({"playing":false})"),
              json({"media_player", "media_pause", json::object()}));
    EXPECT_EQ(called("vacuum.set", "vacuum.robot", R"({"activity":"cleaning"})"),
              json({"vacuum", "start", json::object()}));
    EXPECT_EQ(called("scene.activate", "scene.film", "{}"), json({"scene", "turn_on", json::object()}));
    answer(sent_[0], json::object());
    EXPECT_EQ(outcome(n), Outcome::Done) << "that it ran is all there is to see";
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
