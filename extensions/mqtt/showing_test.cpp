#include "mqtt/showing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "mqtt/bridge_testing.h"

namespace ambit::mqtt {
namespace {

using capability::Shown;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

struct Asked final : capability::ScreenEvents {
    int ready = 0;
    bool keeps_left = false;
    std::vector<std::string> left;
    std::vector<std::pair<std::string, std::string>> asked;

    void on_screen_ready() override { ++ready; }

    bool on_screen_left(const std::string& id) override {
        left.push_back(id);
        return keeps_left;
    }

    void on_screen_asked(const std::string& id, const std::string& input_json) override {
        asked.emplace_back(id, input_json);
    }
};

class ShowingTest : public testing::Test {
  protected:
    void SetUp() override { showing_.on_connected(MonoTime{}); }

    // The last payload on each topic, as a broker would keep it.
    std::map<std::string, std::string> kept() const {
        std::map<std::string, std::string> all;
        for (const Publish& one : io_.published) {
            all[one.topic] = one.payload;
        }
        return all;
    }

    nlohmann::json discovered(const std::string& topic) const {
        const auto all = kept();
        return all.contains(topic) ? nlohmann::json::parse(all.at(topic)) : nlohmann::json();
    }

    static Shown connected(bool on = true) {
        return {"device_1_connected",
                {"device_1", "phone", "phone", "0.1"},
                "Connected",
                "binary_sensor",
                "connectivity",
                "",
                on ? R"({"on":true})" : R"({"on":false})"};
    }

    static Shown undo() {
        return {"undo", {"household", "Home", "household", ""}, "Undo", "button", "", "", "{}"};
    }

    static Shown cabin() {
        return {"thing_cabin",
                {"device_2", "car", "car", ""},
                "Cabin",
                "climate",
                "",
                "",
                R"({"on":true,"temperature_c":21,"current_temperature_c":4.5})"};
    }

    static constexpr const char* kConnectedAt =
        "homeassistant/binary_sensor/ambit_h1/device_1_connected/config";
    static constexpr const char* kUndoAt = "homeassistant/button/ambit_h1/undo/config";

    Recorder io_;
    Asked screen_;
    Showing showing_{{"mqtt:home", "homeassistant", "h1", "d1"}, io_, io_, &screen_};
};

TEST_F(ShowingTest, SaysThatItIsThereAndAsksForEverything) {
    EXPECT_EQ(kept().at("ambit/h1/status"), "online");
    EXPECT_EQ(screen_.ready, 1);
    EXPECT_TRUE(io_.subscribed.contains("$share/ambit_h1/ambit/h1/+/+/set"))
        << "one of several devices hears it";
    EXPECT_TRUE(io_.retained);
}

TEST_F(ShowingTest, AnnouncesAStateAndSaysIt) {
    showing_.show(connected());
    const auto config = discovered(kConnectedAt);
    EXPECT_EQ(config["unique_id"], "ambit_h1_device_1_connected");
    EXPECT_EQ(config["device"]["identifiers"], nlohmann::json({"ambit_h1_device_1"}));
    EXPECT_EQ(config["device"]["name"], "phone");
    EXPECT_EQ(config["device_class"], "connectivity");
    EXPECT_EQ(config["entity_category"], "diagnostic");
    EXPECT_EQ(kept().at(config["state_topic"].get<std::string>()), "ON");
    for (const auto& one : config["availability"]) {
        EXPECT_EQ(kept().at(one["topic"].get<std::string>()), "online");
    }
}

TEST_F(ShowingTest, WhatOnlyChangedItsStateIsNotAnnouncedAgain) {
    showing_.show(connected());
    io_.published.clear();
    showing_.show(connected(false));
    EXPECT_FALSE(kept().contains(kConnectedAt));
    EXPECT_EQ(kept().at("ambit/h1/device_1_connected/on"), "OFF");
    Shown renamed = connected();
    renamed.of.name = "telephone";
    showing_.show(renamed);
    EXPECT_EQ(discovered(kConnectedAt)["device"]["name"], "telephone");
}

TEST_F(ShowingTest, AnUnknownValueIsSaidAsHomeAssistantDoes) {
    Shown battery{"battery", {"device_1", "phone", "phone", ""}, "Battery", "sensor", "battery", "%", "{}"};
    showing_.show(battery);
    EXPECT_EQ(kept().at("ambit/h1/battery/value"), "None");
    battery.state_json = R"({"value":72})";
    showing_.show(battery);
    EXPECT_EQ(kept().at("ambit/h1/battery/value"), "72");
}

TEST_F(ShowingTest, AButtonIsPressedOnce) {
    showing_.show(undo());
    const std::string topic = discovered(kUndoAt)["command_topic"];
    EXPECT_TRUE(showing_.on_message(topic, "PRESS", false));
    EXPECT_THAT(screen_.asked, ElementsAre(Pair("undo", "{}")));
    EXPECT_TRUE(showing_.on_message(topic, "PRESS", true));
    EXPECT_EQ(screen_.asked.size(), 1U) << "what a broker kept is no press";
}

TEST_F(ShowingTest, AClimateTakesWhatItSaysItTakes) {
    showing_.show(cabin());
    const auto config = discovered("homeassistant/climate/ambit_h1/thing_cabin/config");
    EXPECT_EQ(kept().at(config["mode_state_topic"].get<std::string>()), "auto");
    EXPECT_EQ(kept().at(config["current_temperature_topic"].get<std::string>()), "4.5");
    const std::string mode = config["mode_command_topic"];
    const std::string target = config["temperature_command_topic"];
    showing_.on_message(mode, "off", false);
    showing_.on_message(target, "22.5", false);
    EXPECT_THAT(screen_.asked, ElementsAre(Pair("thing_cabin", R"({"on":false})"),
                                           Pair("thing_cabin", R"({"temperature_c":22.5})")));
}

TEST_F(ShowingTest, WhatCannotBeReadIsAHealthItemUntilTheNextThatCan) {
    showing_.show(cabin());
    showing_.show(undo());
    for (const auto& [topic, payload] :
         {std::pair("thing_cabin/temperature", "nan"), std::pair("thing_cabin/temperature", "1e9"),
          std::pair("thing_cabin/temperature", "21 "), std::pair("thing_cabin/mode", "{{ states }}"),
          std::pair("undo/press", "press"), std::pair("undo/mode", "PRESS"),
          std::pair("nobody/press", "PRESS"), std::pair("undo", "PRESS")}) {
        EXPECT_TRUE(showing_.on_message(std::string("ambit/h1/") + topic + "/set", payload, false));
    }
    EXPECT_THAT(screen_.asked, IsEmpty());
    ASSERT_EQ(io_.health.size(), 1U) << "one item, however many there are";
    EXPECT_EQ(io_.health[0].error.code, ErrorCode::MqttAskedInvalid);
    showing_.on_message("ambit/h1/undo/press/set", "PRESS", false);
    EXPECT_TRUE(io_.health.back().ok);
}

TEST_F(ShowingTest, WhatIsHiddenLeavesNothingBehind) {
    showing_.show(connected());
    showing_.hide("device_1_connected");
    for (const auto& [topic, payload] : kept()) {
        EXPECT_EQ(payload, topic == "ambit/h1/status" ? "online" : "") << topic;
    }
}

TEST_F(ShowingTest, AHouseholdDoesNotHearItself) {
    showing_.show(undo());
    EXPECT_TRUE(showing_.on_message(kUndoAt, kept().at(kUndoAt), false));
    EXPECT_TRUE(showing_.on_message("homeassistant/button/ambit_other/undo/config", "{}", false));
    EXPECT_FALSE(showing_.on_message("homeassistant/light/desk/config", "{}", false));
    EXPECT_FALSE(showing_.on_message("homeassistant/light/ambit_lamp/config", "{}", false));
    EXPECT_FALSE(showing_.on_message("homeassistant/ambit_x/desk/config", "{}", false));
}

TEST_F(ShowingTest, WhenAnotherThatShowsTheSameLeavesItIsStillThere) {
    showing_.show(undo());
    io_.published.clear();
    showing_.on_message("ambit/h1/status", "offline", false);
    EXPECT_EQ(kept().at("ambit/h1/status"), "online");
    showing_.on_message(kUndoAt, "", false);
    EXPECT_EQ(discovered(kUndoAt)["unique_id"], "ambit_h1_undo");
}

TEST_F(ShowingTest, WhatThisDeviceShowedBeforeAndDoesNotShowAnyMoreGoes) {
    const std::string old = R"({"unique_id":"ambit_h1_gone","ambit_device":"d1"})";
    const std::string other = R"({"unique_id":"ambit_h1_theirs","ambit_device":"d2"})";
    showing_.on_message("homeassistant/sensor/ambit_h1/gone/config", old, true);
    showing_.on_message("homeassistant/sensor/ambit_h1/theirs/config", other, true);
    showing_.on_message(kUndoAt, R"({"unique_id":"ambit_h1_undo","ambit_device":"d1"})", true);
    showing_.show(undo());
    showing_.on_time(MonoTime{} + kResyncGrace);
    EXPECT_THAT(screen_.left, ElementsAre("gone"));
    EXPECT_EQ(kept().at("homeassistant/sensor/ambit_h1/gone/config"), "");
    EXPECT_FALSE(kept().contains("homeassistant/sensor/ambit_h1/theirs/config"));
    EXPECT_NE(kept().at(kUndoAt), "");
}

// What it said while it was on, all kept by the broker, and heard by a later one.
class LaterTest : public ShowingTest {
  protected:
    void SetUp() override {
        ShowingTest::SetUp();
        showing_.show(connected());
        showing_.show(cabin());
        showing_.show(undo());
        showing_.show({"person_1_sleep_state",
                       {"household", "Home", "household", ""},
                       "Anna sleep state",
                       "sensor",
                       "",
                       "",
                       R"({"value":"asleep"})"});
        before_ = kept();
    }

    void hear(Showing& later, const std::string& prefix) {
        for (const auto& [topic, payload] : before_) {
            if (topic.starts_with(prefix)) {
                later.on_message(topic, payload, true);
            }
        }
    }

    // What is still there, after what was said since.
    std::map<std::string, std::string> left(const Recorder& since) const {
        auto all = before_;
        for (const Publish& one : since.published) {
            all[one.topic] = one.payload;
        }
        std::erase_if(all, [](const auto& one) { return one.second.empty(); });
        return all;
    }

    std::map<std::string, std::string> before_;
    Recorder later_;
};

TEST_F(LaterTest, SwitchedOffItLeavesNothingAtAll) {
    ASSERT_GT(before_.size(), 12U);
    Showing off({"mqtt:home", "homeassistant", "h1", "d1"}, later_, later_, nullptr);
    off.on_connected({});
    hear(off, "homeassistant/");
    EXPECT_THAT(left(later_), IsEmpty());
}

TEST_F(LaterTest, WhatLeftWhileItWasOffLeavesNothingAtAll) {
    Asked screen;
    Showing on({"mqtt:home", "homeassistant", "h1", "d1"}, later_, later_, &screen);
    on.on_connected({});
    hear(on, "homeassistant/");
    on.show(undo());
    on.on_time(MonoTime{} + kResyncGrace);
    std::set<std::string> topics;
    for (const auto& [topic, payload] : left(later_)) {
        topics.insert(topic);
    }
    EXPECT_THAT(topics, ElementsAre("ambit/h1/status", "ambit/h1/undo/available", kUndoAt));
}

TEST_F(LaterTest, AnotherThatShowsTheSameSaysItAllAgain) {
    Showing off({"mqtt:home", "homeassistant", "h1", "d1"}, later_, later_, nullptr);
    off.on_connected({});
    hear(off, "homeassistant/");
    const std::vector<Publish> taken = later_.published;
    io_.published = taken;
    for (const Publish& one : taken) {
        showing_.on_message(one.topic, one.payload, false);
    }
    EXPECT_EQ(kept(), before_);
}

TEST_F(ShowingTest, NobodyHasItEmptyWhatIsNotItsOwn) {
    Recorder io;
    Showing off({"mqtt:home", "homeassistant", "h1", "d1"}, io, io, nullptr);
    off.on_connected({});
    off.on_message(
        kUndoAt,
        R"({"ambit_device":"d1","state_topic":"zigbee2mqtt/bridge/state","x_topic":"ambit/h10/a/on",
                   "y_topic":"ambit/h1/#","availability":[7,{"topic":"lock/state"}]})",
        true);
    EXPECT_THAT(io.published, ElementsAre(Publish{"ambit/h1/status", ""}, Publish{kUndoAt, ""}));
}

TEST_F(ShowingTest, WhatWillBeKnownAgainStays) {
    screen_.keeps_left = true;
    showing_.on_message("homeassistant/sensor/ambit_h1/person_1_sleep_state/config",
                        R"({"unique_id":"ambit_h1_person_1_sleep_state","ambit_device":"d1"})", true);
    showing_.on_time(MonoTime{} + kResyncGrace);
    EXPECT_FALSE(kept().contains("homeassistant/sensor/ambit_h1/person_1_sleep_state/config"));
}

TEST_F(ShowingTest, SwitchedOffItTakesBackWhatItShowed) {
    Recorder io;
    Showing off({"mqtt:home", "homeassistant", "h1", "d1"}, io, io, nullptr);
    off.on_connected(MonoTime{});
    EXPECT_THAT(io.published, IsEmpty());
    EXPECT_THAT(io.subscribed, IsEmpty());
    EXPECT_TRUE(off.on_message(kUndoAt, R"({"ambit_device":"d1"})", true));
    EXPECT_THAT(io.published, ElementsAre(Publish{"ambit/h1/status", ""}, Publish{kUndoAt, ""}));
    EXPECT_TRUE(off.on_message(kUndoAt, R"({"ambit_device":"d2"})", true));
    EXPECT_EQ(io.published.size(), 2U) << "another device's stays";
}

TEST_F(ShowingTest, HostileNamesStayNames) {
    Shown shown = connected();
    shown.of.name = std::string("<script>\xE2\x80\xAE{{ 1 }}\"\\") + std::string(10'000, 'x') + "\xFF";
    showing_.show(shown);
    const auto config = discovered(kConnectedAt);
    EXPECT_LE(config["device"]["name"].get<std::string>().size(), kNameBytesMax + 4);
    EXPECT_THAT(config["device"]["name"].get<std::string>(), testing::StartsWith("<script>"));
}

TEST_F(ShowingTest, ThereIsALimit) {
    for (std::size_t i = 0; i < kShownMax + 5; ++i) {
        Shown one = undo();
        one.id = "undo" + std::to_string(i);
        showing_.show(one);
    }
    EXPECT_TRUE(kept().contains("homeassistant/button/ambit_h1/undo511/config"));
    EXPECT_FALSE(kept().contains("homeassistant/button/ambit_h1/undo512/config"));
}

}  // namespace
}  // namespace ambit::mqtt
