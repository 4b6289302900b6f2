#include "homeassistant/bridge_testing.h"

namespace ambit::homeassistant {
namespace {

const std::string kThere = "homeassistant:home/";

json thing(const std::string& id, const std::string& state, json attributes = json::object()) {
    return {{"entity_id", id}, {"state", state}, {"attributes", std::move(attributes)}};
}

// [service, data]
using Services = std::vector<std::pair<std::string, json>>;

struct Row {
    const char* capability;
    json before;  // the thing
    const char* input;
    Services calls;
    const char* after;     // its state, when it is done; empty: it is done as soon as the services ran
    json attributes = {};  // then
};

const json kNone = json::object();

// What each kind is told, sent and shown as.
class KindsTest : public BridgeTest {
  protected:
    void have(const json& things) {
        home_ = things;
        registry_ = json::array();
        open();
    }

    std::string shown(const std::string& entity) const { return states_.at(kThere + entity); }

    // What this came to; all of it is said to have run.
    Services called(const std::string& capability, const std::string& entity, const std::string& input) {
        sent_.clear();
        act(++n_, capability, entity, input);
        Services calls;
        for (std::size_t i = 0; i < sent_.size(); ++i) {
            const json one = sent_[i];
            EXPECT_EQ(one["type"], "call_service");
            EXPECT_EQ(one["domain"], entity.substr(0, entity.find('.')));
            EXPECT_EQ(one["target"], (json{{"entity_id", entity}}));
            calls.emplace_back(one["service"], one["service_data"]);
            answer(one, json::object());
        }
        return calls;
    }

    bool has_ended() const { return results_.contains(request(n_)); }

    Outcome last() const { return outcome(n_); }

    void expect(const std::vector<Row>& rows) {
        for (const Row& row : rows) {
            SCOPED_TRACE(std::string(row.capability) + row.input);
            const std::string entity = row.before["entity_id"];
            have(json::array({row.before}));
            EXPECT_EQ(called(row.capability, entity, row.input), row.calls);
            if (row.after[0] != '\0') {
                EXPECT_FALSE(has_ended()) << "that the services ran is not all";
                change(thing(entity, row.after, row.attributes.is_null() ? kNone : row.attributes));
            }
            ASSERT_TRUE(has_ended());
            EXPECT_EQ(last(), Outcome::Done);
        }
    }

    std::uint8_t n_ = 0;
};

TEST_F(KindsTest, LightsSwitchesAndFansSpeakTheirOwnService) {
    expect({{"light.set", thing("light.a", "off"), R"({"on":true})", {{"turn_on", kNone}}, "on"},
            {"light.set",
             thing("light.a", "off"),
             R"({"on":true,"brightness_pct":40,"color_temp_k":2700})",
             {{"turn_on", {{"brightness_pct", 40}, {"color_temp_kelvin", 2700}}}},
             "on",
             {{"brightness", 102}}},
            {"light.set",
             thing("light.a", "on"),
             R"({"on":true,"brightness_pct":0})",
             {{"turn_off", kNone}},
             "off"},
            {"switch.set", thing("switch.a", "off"), R"({"on":true})", {{"turn_on", kNone}}, "on"},
            {"switch.set", thing("input_boolean.a", "on"), R"({"on":false})", {{"turn_off", kNone}}, "off"},
            {"siren.set", thing("siren.a", "off"), R"({"on":true})", {{"turn_on", kNone}}, "on"},
            {"fan.set",
             thing("fan.a", "off"),
             R"({"on":true,"speed_pct":33})",
             {{"turn_on", {{"percentage", 33}}}},
             "on",
             {{"percentage", 33}}},
            {"fan.set", thing("fan.a", "on"), R"({"on":true,"speed_pct":0})", {{"turn_off", kNone}}, "off"},
            {"humidifier.set", thing("humidifier.a", "on"), R"({"on":false})", {{"turn_off", kNone}}, "off"},
            {"humidifier.set",
             thing("humidifier.a", "off"),
             R"({"on":true,"humidity_pct":45})",
             {{"turn_on", kNone}, {"set_humidity", {{"humidity", 45}}}},
             "on",
             {{"humidity", 45}}}});
}

TEST_F(KindsTest, LocksAndCoversSpeakTheirOwnService) {
    expect({{"lock.set", thing("lock.a", "unlocked"), R"({"locked":true})", {{"lock", kNone}}, "locked"},
            {"lock.set", thing("lock.a", "locked"), R"({"locked":false})", {{"unlock", kNone}}, "unlocked"},
            {"cover.set", thing("cover.a", "closed"), R"({"open":true})", {{"open_cover", kNone}}, "opening"},
            {"cover.set", thing("cover.a", "open"), R"({"open":false})", {{"close_cover", kNone}}, "closed"},
            {"cover.set",
             thing("cover.a", "closed", {{"current_position", 0}}),
             R"({"position_pct":30})",
             {{"set_cover_position", {{"position", 30}}}},
             "opening",
             {{"current_position", 5}}},
            {"cover.stop", thing("cover.a", "opening"), "{}", {{"stop_cover", kNone}}, ""},
            {"garage.set",
             thing("cover.a", "closed", {{"device_class", "gate"}}),
             R"({"open":true})",
             {{"open_cover", kNone}},
             "opening",
             {{"device_class", "gate"}}},
            {"valve.set", thing("valve.a", "open"), R"({"open":false})", {{"close_valve", kNone}}, "closed"},
            {"valve.set", thing("valve.a", "closed"), R"({"open":true})", {{"open_valve", kNone}}, "opening"},
            {"valve.set",
             thing("valve.a", "open"),
             R"({"position_pct":70})",
             {{"set_valve_position", {{"position", 70}}}},
             "open",
             {{"current_position", 70}}}});
}

TEST_F(KindsTest, ClimateSpeaksItsOwnService) {
    expect({{"climate.set",
             thing("climate.a", "heat"),
             R"({"temperature_c":20})",
             {{"set_temperature", {{"temperature", 20.0}}}},
             "heat",
             {{"temperature", 20}}},
            {"climate.set",
             thing("climate.a", "off"),
             R"({"temperature_c":20,"mode":"heat"})",
             {{"set_temperature", {{"temperature", 20.0}, {"hvac_mode", "heat"}}}},
             "heat",
             {{"temperature", 20}}},
            {"climate.set",
             thing("climate.a", "heat"),
             R"({"mode":"cool"})",
             {{"set_hvac_mode", {{"hvac_mode", "cool"}}}},
             "cool"}});
}

TEST_F(KindsTest, PlayersSpeakTheirOwnService) {
    expect({{"media.set", thing("media_player.a", "off"), R"({"on":true})", {{"turn_on", kNone}}, "idle"},
            {"media.set",
             thing("media_player.a", "paused"),
             R"({"playing":true})",
             {{"media_play", kNone}},
             "playing"},
            {"media.set",
             thing("media_player.a", "playing"),
             R"({"playing":false})",
             {{"media_pause", kNone}},
             "paused"},
            {"media.set",
             thing("media_player.a", "playing"),
             R"({"volume_pct":25})",
             {{"volume_set", {{"volume_level", 0.25}}}},
             "playing",
             {{"volume_level", 0.25}}},
            {"media.set",
             thing("media_player.a", "playing"),
             R"({"muted":true})",
             {{"volume_mute", {{"is_volume_muted", true}}}},
             "playing",
             {{"is_volume_muted", true}}},
            {"media.set",
             thing("media_player.a", "on"),
             R"({"source":"HDMI 1"})",
             {{"select_source", {{"source", "HDMI 1"}}}},
             "on",
             {{"source", "HDMI 1"}}},
            // "undo" of turning it off.
            {"media.set",
             thing("media_player.a", "off"),
             R"({"on":true,"playing":false,"muted":false,"volume_pct":25})",
             {{"turn_on", kNone},
              {"volume_set", {{"volume_level", 0.25}}},
              {"volume_mute", {{"is_volume_muted", false}}}},
             "on",
             {{"volume_level", 0.25}, {"is_volume_muted", false}}},
            {"media.skip",
             thing("media_player.a", "playing"),
             R"({"to":"next"})",
             {{"media_next_track", kNone}},
             ""},
            {"media.skip",
             thing("media_player.a", "playing"),
             R"({"to":"previous"})",
             {{"media_previous_track", kNone}},
             ""}});
}

TEST_F(KindsTest, RobotsAndWhatIsPressedSpeakTheirOwnService) {
    expect({{"vacuum.set",
             thing("vacuum.a", "docked"),
             R"({"activity":"cleaning"})",
             {{"start", kNone}},
             "cleaning"},
            {"vacuum.set",
             thing("vacuum.a", "cleaning"),
             R"({"activity":"paused"})",
             {{"pause", kNone}},
             "paused"},
            {"vacuum.set",
             thing("vacuum.a", "cleaning"),
             R"({"activity":"docked"})",
             {{"return_to_base", kNone}},
             "returning"},
            {"mower.set",
             thing("lawn_mower.a", "docked"),
             R"({"activity":"mowing"})",
             {{"start_mowing", kNone}},
             "mowing"},
            {"mower.set",
             thing("lawn_mower.a", "mowing"),
             R"({"activity":"paused"})",
             {{"pause", kNone}},
             "paused"},
            {"mower.set",
             thing("lawn_mower.a", "mowing"),
             R"({"activity":"docked"})",
             {{"dock", kNone}},
             "returning"},
            {"scene.activate", thing("scene.a", "unknown"), "{}", {{"turn_on", kNone}}, ""},
            {"script.run", thing("script.a", "off"), "{}", {{"turn_on", kNone}}, ""},
            {"script.run", thing("automation.a", "on"), "{}", {{"trigger", kNone}}, ""},
            {"button.press", thing("button.a", "unknown"), "{}", {{"press", kNone}}, ""},
            {"button.press", thing("input_button.a", "unknown"), "{}", {{"press", kNone}}, ""}});
}

TEST_F(KindsTest, NumbersAndOptionsSpeakTheirOwnService) {
    expect({{"number.set",
             thing("number.a", "3", {{"step", 0.5}}),
             R"({"value":4.6})",
             {{"set_value", {{"value", 4.6}}}},
             "4.5",
             {{"step", 0.5}}},
            {"number.set",
             thing("input_number.a", "3.0"),
             R"({"value":4})",
             {{"set_value", {{"value", 4.0}}}},
             "4.0"},
            {"select.set",
             thing("select.a", "eco"),
             R"({"option":"boost"})",
             {{"select_option", {{"option", "boost"}}}},
             "boost"},
            {"select.set",
             thing("input_select.a", "eco"),
             R"({"option":"away"})",
             {{"select_option", {{"option", "away"}}}},
             "away"}});
}

TEST_F(KindsTest, AreShownAsWhatTheyAre) {
    degrees_ = "°F";
    have(json::array(
        {thing("climate.hall", "heat", {{"temperature", 70}, {"current_temperature", 68}}),
         thing("media_player.tv", "playing", {{"volume_level", 0.25}, {"is_volume_muted", false}}),
         thing("binary_sensor.door", "on", {{"device_class", "door"}}),
         thing("cover.gate", "closed", {{"device_class", "gate"}}), thing("automation.night", "on"),
         thing("number.limit", "21.5", {{"unit_of_measurement", "A"}}), thing("input_number.n", "3"),
         thing("select.mode", "eco", {{"options", {"eco", "boost"}}}), thing("input_select.who", "nobody"),
         thing("event.knob", "2026-11-29T09:00:00+00:00", {{"event_type", "double_press"}}),
         thing("update.hub", "on", {{"installed_version", "1.2"}, {"latest_version", "1.3"}}),
         thing("todo.shopping", "3"), thing("input_button.bell", "2026-11-29T09:00:00+00:00")}));
    EXPECT_EQ(shown("climate.hall"),
              R"({"current_temperature_c":20.0,"mode":"heat","on":true,"temperature_c":21.1})");
    EXPECT_EQ(shown("media_player.tv"), R"({"muted":false,"on":true,"playing":true,"volume_pct":25})");
    EXPECT_EQ(shown("binary_sensor.door"), R"({"on":true})");
    EXPECT_EQ(entities_.at(kThere + "binary_sensor.door").device_class, "door");
    EXPECT_EQ(entities_.at(kThere + "cover.gate").capabilities, std::vector<std::string>{"garage.set"})
        << "what lets people in needs a yes";
    EXPECT_EQ(shown("automation.night"), R"({"on":true})");
    EXPECT_EQ(entities_.at(kThere + "automation.night").capabilities, std::vector<std::string>{"script.run"})
        << "\"everything off\" must not reach it";
    EXPECT_EQ(shown("number.limit"), R"({"unit":"A","value":21.5})");
    EXPECT_EQ(entities_.at(kThere + "input_number.n").domain, "number");
    EXPECT_EQ(shown("select.mode"), R"({"option":"eco"})");
    EXPECT_EQ(entities_.at(kThere + "input_select.who").domain, "select");
    EXPECT_EQ(shown("event.knob"), R"({"value":"double_press"})");
    EXPECT_EQ(shown("update.hub"), R"({"installed_version":"1.2","latest_version":"1.3"})");
    EXPECT_EQ(shown("todo.shopping"), R"({"value":3.0})");
    EXPECT_EQ(shown("input_button.bell"), "{}");
    EXPECT_EQ(entities_.at(kThere + "input_button.bell").domain, "button");
}

// Where else somebody is, and where exactly, is nobody's business.
TEST_F(KindsTest, PresenceIsHomeOrNot) {
    have(json::array({thing("person.anna", "Work", {{"latitude", 52.123456}, {"longitude", 4.5}}),
                      thing("device_tracker.phone", "home", {{"latitude", 52.123456}, {"gps_accuracy", 5}}),
                      thing("person.ben", "unknown")}));
    EXPECT_EQ(shown("person.anna"), R"({"on":false})");
    EXPECT_EQ(shown("device_tracker.phone"), R"({"on":true})");
    EXPECT_EQ(shown("person.ben"), "{}");
    for (const auto& [id, entity] : entities_) {
        EXPECT_EQ(entity.domain, "binary_sensor");
        EXPECT_EQ(entity.device_class, "presence");
    }
}

TEST_F(KindsTest, ALockThatTurnsIsNeither) {
    have(json::array({thing("lock.a", "locked")}));
    called("lock.set", "lock.a", R"({"locked":false})");
    for (const char* state : {"unlocking", "jammed", "locking", "opening", "unknown"}) {
        change(thing("lock.a", state));
        EXPECT_EQ(shown("lock.a"), "{}") << state;
        EXPECT_FALSE(has_ended()) << state;
    }
    change(thing("lock.a", "unlocked"));
    EXPECT_EQ(last(), Outcome::Done);
    EXPECT_EQ(shown("lock.a"), R"({"locked":false})");
}

TEST_F(KindsTest, WhatIsNeitherOnNorOffIsNotKnown) {
    have(json::array({thing("light.a", "maybe"), thing("switch.a", ""), thing("cover.a", "stuck")}));
    for (const char* id : {"light.a", "switch.a", "cover.a"}) {
        EXPECT_EQ(shown(id), "{}") << id;
    }
}

TEST_F(KindsTest, HeatingOnIsWhatHomeAssistantWouldDo) {
    const auto mode = [](const char* word) { return Services{{"set_hvac_mode", {{"hvac_mode", word}}}}; };
    const auto climate = [](const char* state, const json& modes, int features) {
        return thing("climate.a", state, {{"hvac_modes", modes}, {"supported_features", features}});
    };
    const Services turn_on = {{"turn_on", json::object()}};
    const Services turn_off = {{"turn_off", json::object()}};
    const std::vector<std::tuple<json, const char*, Services>> rows = {
        {climate("off", {"off", "heat"}, 257), R"({"on":true})", turn_on},
        {climate("off", {"off", "heat", "heat_cool", "auto"}, 1), R"({"on":true})", mode("heat_cool")},
        {climate("off", {"auto", "cool", "heat", "off"}, 1), R"({"on":true})", mode("heat")},
        {climate("off", {"off", "dry", "cool"}, 1), R"({"on":true})", mode("cool")},
        {climate("off", {"off", "auto", "dry"}, 1), R"({"on":true})", mode("auto")},
        {climate("auto", {"off", "auto", "heat"}, 257), R"({"on":true})", mode("auto")},
        {climate("heat", {"off", "heat"}, 129), R"({"on":false})", turn_off},
        {climate("heat", {"off", "heat"}, 1), R"({"on":false})", mode("off")},
        {climate("off", {"off"}, 1), R"({"on":true})", {}}};
    for (const auto& [before, input, calls] : rows) {
        have(json::array({before}));
        EXPECT_EQ(called("climate.set", "climate.a", input), calls) << before;
    }
    have(json::array({climate("off", {"off", "auto", "heat"}, 385)}));
    EXPECT_EQ(called("climate.set", "climate.a", R"({"on":true,"temperature_c":21})"),
              (Services{{"set_temperature", {{"temperature", 21.0}, {"hvac_mode", "heat"}}}}));
    EXPECT_EQ(called("climate.set", "climate.a", R"({"on":false,"temperature_c":21})"),
              (Services{{"set_temperature", {{"temperature", 21.0}}}}))
        << "it is off";
}

TEST_F(KindsTest, OneOfTwoServicesIsNotAll) {
    have(json::array({thing("humidifier.a", "off")}));
    sent_.clear();
    act(1, "humidifier.set", "humidifier.a", R"({"on":true,"humidity_pct":45})");
    ASSERT_EQ(sent_.size(), 1U) << "one after the other";
    answer(sent_[0], json::object());
    ASSERT_EQ(sent_.size(), 2U);
    change(thing("humidifier.a", "on"));
    say({{"id", sent_[1]["id"]}, {"type", "result"}, {"success", false}, {"error", {{"code", "x"}}}});
    EXPECT_EQ(outcome(1), Outcome::Unknown);
}

TEST_F(KindsTest, TheSurveySaysWhatIsUsedAndWhatNotAndWhy) {
    home_ = json::array(
        {thing("light.a", "on", {{"friendly_name", "Desk Lamp"}}), thing("sensor.a_signal", "-60"),
         thing("sensor.a_battery", "80", {{"device_class", "battery"}}), thing("select.a_start", "off"),
         thing("update.a", "off"), thing("switch.hidden", "on"), thing("sun.sun", "above_horizon"),
         thing("calendar.c", "on"), thing("switch.own", "on"), thing("sensor.mqtt_ambit", "1")});
    const auto registered = [](const char* id, const json& more) {
        json one = {{"entity_id", id}, {"platform", "hue"}, {"unique_id", id}, {"device_id", "d9"}};
        one.update(more);
        return one;
    };
    registry_ = json::array(
        {registered("light.a", json::object()),
         registered("sensor.a_signal", {{"entity_category", "diagnostic"}}),
         registered("sensor.a_battery", {{"entity_category", "diagnostic"}}),
         registered("select.a_start", {{"entity_category", "config"}}),
         registered("update.a", {{"entity_category", "config"}}),
         registered("sensor.a_off", {{"disabled_by", "integration"}}),
         registered("sensor.a_gone", json::object()),
         registered("switch.hidden", {{"hidden_by", "user"}, {"device_id", nullptr}, {"platform", "tuya"}}),
         registered("sensor.mqtt_ambit",
                    {{"platform", "mqtt"}, {"unique_id", "ambit_x"}, {"device_id", nullptr}})});
    devices_ = json::array({{{"id", "d9"},
                             {"name", "hue 9"},
                             {"name_by_user", "Desk"},
                             {"manufacturer", "Signify"},
                             {"model", "LCA001"}}});
    open();
    const auto survey = bridge_.survey();
    ASSERT_EQ(survey.size(), 4U);
    EXPECT_EQ(survey[0].from, "Desk (Signify LCA001)");
    EXPECT_THAT(survey[0].used, testing::ElementsAre("light Desk Lamp", "sensor a battery", "update a"));
    std::map<std::string, std::string> why;
    for (const auto& one : survey) {
        for (const auto& [what, because] : one.ignored) {
            why[what] = because;
        }
    }
    EXPECT_EQ(why,
              (std::map<std::string, std::string>{
                  {"sensor.a_signal", "what the device says of itself"},
                  {"select.a_start", "a setting of the device"},
                  {"sensor.a_off", "disabled in Home Assistant"},
                  {"sensor.a_gone", "Home Assistant has no state of it"},
                  {"switch.hidden", "hidden in Home Assistant"},
                  {"sensor.mqtt_ambit", "Ambit's own announcement"},
                  {"sun.sun", "of a kind that Ambit has no use for"},
                  {"calendar.c", "calendars are a person's: Ambit reads them itself (docs/calendar.md)"}}));
    EXPECT_EQ(survey[1].from, "helpers and rules");
    EXPECT_THAT(survey[1].used, testing::ElementsAre("switch own"));
    EXPECT_EQ(survey[2].from, "integration mqtt");
    EXPECT_EQ(survey[3].from, "integration tuya");
}

}  // namespace
}  // namespace ambit::homeassistant
