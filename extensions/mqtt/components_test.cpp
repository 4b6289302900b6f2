#include <gmock/gmock.h>

#include "mqtt/discovery.h"
#include "mqtt/state.h"

namespace ambit::mqtt {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Case {
    std::string component;
    std::string config;
    std::vector<Publish> heard;
    std::string state;            // after them
    std::string capability = "";  // empty: it is only heard of
    std::string input = "";
    std::vector<Publish> sent = {};
};

Announcement announce(const std::string& component, const std::string& config) {
    return parse_announcement("ha", "mqtt:home", "ha/" + component + "/x/config", config);
}

std::string state_after(const Announced& announced, const std::vector<Publish>& heard) {
    EntityState state;
    for (const auto& [topic, payload] : heard) {
        const auto applied = apply_message(announced, topic, Payload(payload), state);
        if (!applied) {
            return applied.error().detail;
        }
    }
    return state.json(announced);
}

const std::vector<Case> kCases = {
    {"light",
     R"({"schema":"json","stat_t":"s","cmd_t":"c","sup_clrm":["color_temp","xy"]})",
     {{"s", R"({"state":"ON","brightness":255,"color_temp":250,"color":{"x":0.3,"y":0.3}})"}},
     R"({"brightness_pct":100,"color_temp_k":4000,"on":true})",
     "light.set",
     R"({"on":true,"color_temp_k":2700})",
     {{"c", R"({"color_temp":370,"state":"ON"})"}}},
    {"light",
     R"({"schema":"json","stat_t":"s","cmd_t":"c","sup_clrm":["rgb"]})",
     {{"s", R"({"state":"ON","color":{"r":255,"g":0,"b":10}})"}},
     R"({"color_rgb":[255,0,10],"on":true})",
     "light.set",
     R"({"on":true,"color_rgb":[1,2,3]})",
     {{"c", R"({"color":{"b":3,"g":2,"r":1},"state":"ON"})"}}},
    {"light",
     R"({"stat_t":"s","cmd_t":"c","rgb_cmd_t":"rc","rgb_stat_t":"rs","clr_temp_cmd_t":"tc","clr_temp_k":true})",
     {{"s", "ON"}, {"rs", "255,128,0"}},
     R"({"color_rgb":[255,128,0],"on":true})",
     "light.set",
     R"({"on":true,"color_temp_k":3000,"color_rgb":[9,8,7]})",
     {{"tc", "3000"}, {"rc", "9,8,7"}, {"c", "ON"}}},
    {"cover",
     R"({"cmd_t":"c","pos_t":"p","set_pos_t":"sp","set_pos_tpl":"{\"position\":{{ position }}}"})",
     {{"p", "30"}},
     R"({"open":true,"position_pct":30})",
     "cover.set",
     R"({"open":true,"position_pct":70})",
     {{"sp", R"({"position":70})"}}},
    {"cover",
     R"({"cmd_t":"c","stat_t":"s","pos_t":"p","pos_open":0,"pos_clsd":200})",
     {{"s", "closing"}, {"p", "150"}},
     R"({"open":false,"position_pct":25})",
     "cover.set",
     R"({"open":false})",
     {{"c", "CLOSE"}}},
    {"cover",
     R"({"cmd_t":"c","stat_t":"s","pl_stop":"HALT"})",
     {{"s", "stopped"}},
     "{}",
     "cover.stop",
     "{}",
     {{"c", "HALT"}}},
    {"valve",
     R"({"cmd_t":"c","stat_t":"s"})",
     {{"s", R"({"state":"opening"})"}},
     R"({"open":true})",
     "valve.set",
     R"({"open":false})",
     {{"c", "CLOSE"}}},
    {"valve",
     R"({"cmd_t":"c","stat_t":"s","reports_position":true})",
     {{"s", R"({"position":0})"}},
     R"({"open":false,"position_pct":0})",
     "valve.set",
     R"({"open":true})",
     {{"c", "100"}}},
    {"climate",
     R"({"modes":["off","heat","eco"],"mode_cmd_t":"mc","mode_stat_t":"ms","temp_cmd_t":"tc","temp_stat_t":"ts",
             "curr_temp_t":"now","curr_temp_tpl":"{{ value_json.t }}","temp_step":0.5,"min_temp":5,"max_temp":30})",
     {{"ms", "heat"}, {"ts", "21.5"}, {"now", R"({"t":19.26})"}},
     R"({"current_temperature_c":19.3,"mode":"heat","on":true,"temperature_c":21.5})",
     "climate.set",
     R"({"on":true,"mode":"heat","temperature_c":20.3})",
     {{"mc", "heat"}, {"tc", "20.5"}}},
    {"climate",
     R"({"modes":["off","cool"],"mode_cmd_t":"mc","mode_stat_t":"ms","temp_cmd_t":"tc","temp_stat_t":"ts","temp_unit":"F","temp_step":1})",
     {{"ms", "off"}, {"ts", "68"}},
     R"({"mode":"off","on":false,"temperature_c":20})",
     "climate.set",
     R"({"on":true,"temperature_c":25})",
     {{"mc", "cool"}, {"tc", "77"}}},
    {"climate",
     R"({"modes":["off","dry","cool","heat"],"mode_cmd_t":"mc","mode_stat_t":"ms"})",
     {{"ms", "dry"}},
     R"({"mode":"dry","on":true})",
     "climate.set",
     R"({"on":true})",
     {{"mc", "heat"}}},
    {"climate",
     R"({"modes":["off","heat","heat_cool"],"mode_cmd_t":"mc"})",
     {},
     "{}",
     "climate.set",
     R"({"on":true})",
     {{"mc", "heat_cool"}}},
    {"climate",
     R"({"modes":["fan_only","auto","off"],"mode_cmd_t":"mc"})",
     {},
     "{}",
     "climate.set",
     R"({"on":true})",
     {{"mc", "fan_only"}}},
    {"fan",
     R"({"stat_t":"s","cmd_t":"c","pct_cmd_t":"pc","pct_stat_t":"ps","spd_rng_max":4})",
     {{"s", "ON"}, {"ps", "2"}},
     R"({"on":true,"speed_pct":50})",
     "fan.set",
     R"({"on":true,"speed_pct":75})",
     {{"c", "ON"}, {"pc", "3"}}},
    {"humidifier",
     R"({"stat_t":"s","cmd_t":"c","hum_cmd_t":"hc","hum_stat_t":"hs","min_hum":30,"max_hum":80})",
     {{"s", "OFF"}, {"hs", "45"}},
     R"({"humidity_pct":45,"on":false})",
     "humidifier.set",
     R"({"on":true,"humidity_pct":50})",
     {{"c", "ON"}, {"hc", "50"}}},
    {"siren",
     R"({"stat_t":"s","cmd_t":"c"})",
     {{"s", "ON"}},
     R"({"on":true})",
     "siren.set",
     R"({"on":false})",
     {{"c", R"({"state":"OFF"})"}}},
    {"vacuum",
     R"({"stat_t":"s","cmd_t":"c"})",
     {{"s", R"({"state":"returning","battery_level":50})"}},
     R"({"activity":"docked"})",
     "vacuum.set",
     R"({"activity":"cleaning"})",
     {{"c", "start"}}},
    {"lawn_mower",
     R"({"act_stat_t":"s","dock_cmd_t":"d","strt_mw_cmd_t":"go"})",
     {{"s", "mowing"}},
     R"({"activity":"mowing"})",
     "mower.set",
     R"({"activity":"docked"})",
     {{"d", "dock"}}},
    {"select",
     R"({"stat_t":"s","cmd_t":"c","ops":["low","high"]})",
     {{"s", "low"}},
     R"({"option":"low"})",
     "select.set",
     R"({"option":"high"})",
     {{"c", "high"}}},
    {"number",
     R"({"stat_t":"s","cmd_t":"c","min":-5,"max":5,"step":0.5,"unit_of_meas":"K"})",
     {{"s", "-0.5"}},
     R"({"unit":"K","value":-0.5})",
     "number.set",
     R"({"value":1.5})",
     {{"c", "1.5"}}},
    {"scene", R"({"cmd_t":"c","pl_on":"go"})", {}, "{}", "scene.activate", "{}", {{"c", "go"}}},
    {"lock",
     R"({"stat_t":"s","cmd_t":"c"})",
     {{"s", "LOCKED"}},
     R"({"locked":true})",
     "lock.set",
     R"({"locked":true})",
     {{"c", "LOCK"}}},
    {"event", R"({"stat_t":"s"})", {{"s", R"({"event_type":"double"})"}}, R"({"value":"double"})"},
    {"update",
     R"({"stat_t":"s"})",
     {{"s", R"({"installed_version":"1.2.3","latest_version":"1.3.0"})"}},
     R"({"installed_version":"1.2.3","latest_version":"1.3.0"})"},
    {"alarm_control_panel",
     R"({"stat_t":"s","cmd_t":"c"})",
     {{"s", "armed_away"}},
     R"({"mode":"away","value":"armed_away"})",
     "alarm.set",
     R"({"mode":"home"})",
     {{"c", "ARM_HOME"}}},
    {"binary_sensor", R"({"stat_t":"s"})", {{"s", "ON"}}, R"({"on":true})"},
    {"event",
     R"({"stat_t":"s","val_tpl":"{\"event_type\": \"{{ value_json.action | lower }}\"}"})",
     {{"s", R"({"action":"SINGLE"})"}},
     R"({"value":"single"})"},
    {"event", R"({"stat_t":"s","val_tpl":"{{ value_json.action }}"})", {{"s", R"({"action":""})"}}, "{}"},
    {"event", R"({"stat_t":"s","val_tpl":"{{ value }}"})", {{"s", "7"}}, "the state is not a JSON object"},
    {"alarm_control_panel",
     R"({"stat_t":"s","cmd_t":"c","sup_feat":["arm_away"],"cod_arm_req":true})",
     {{"s", "armed_away"}},
     R"({"mode":"away","value":"armed_away"})",
     "alarm.set",
     R"({"mode":"disarmed"})",
     {{"c", "DISARM"}}},
    {"alarm_control_panel",
     R"({"stat_t":"s","cmd_t":"c","cmd_tpl":"{\"do\":\"{{ action }}\"}","pl_arm_nite":"N","code":"1","cod_arm_req":false,
         "cod_dis_req":false})",
     {{"s", "triggered"}},
     R"({"value":"triggered"})",
     "alarm.set",
     R"({"mode":"night"})",
     {{"c", R"({"do":"N"})"}}},
    {"sensor", R"({"stat_t":"s"})", {{"s", "1e300"}}, R"({"value":1e+300})"},
    {"sensor", R"({"stat_t":"s"})", {{"s", "nan"}}, R"({"value":"nan"})"},
    {"sensor", R"({"stat_t":"s","unit_of_meas":"C"})", {{"s", "20"}, {"s", "nan"}}, "{}"},
    {"sensor", R"({"stat_t":"s","stat_cla":"total"})", {{"s", "20"}, {"s", "unavailable"}}, "{}"},
    {"sensor", R"({"stat_t":"s","unit_of_meas":"C"})", {{"s", "inf"}}, "`value` is not a number"},
    {"sensor", R"({"stat_t":"s","unit_of_meas":"C"})", {{"s", "1e999"}}, "`value` is not a number"},
    {"sensor",
     R"({"stat_t":"s","dev_cla":"timestamp"})",
     {{"s", "2999-01-01T00:00:00Z"}},
     R"({"value":"2999-01-01T00:00:00Z"})"},
    {"number",
     R"({"stat_t":"s","cmd_t":"c","min":1,"max":9})",
     {{"s", "10"}},
     "`value` is 10, and only 1 to 9 was announced",
     "number.set",
     R"({"value":2})",
     {{"c", "2"}}}};

TEST(Components, AreHeardOfAndAskedForInTheirOwnWords) {
    for (const Case& one : kCases) {
        const auto made = announce(one.component, one.config);
        ASSERT_EQ(made.entities.size(), 1U)
            << one.config << (made.left_out.empty() ? "" : made.left_out[0].why.detail);
        const Announced& announced = made.entities.front();
        EXPECT_EQ(state_after(announced, one.heard), one.state) << one.config;
        if (one.capability.empty()) {
            EXPECT_THAT(announced.entity.capabilities, IsEmpty()) << one.config;
            continue;
        }
        EXPECT_THAT(announced.entity.capabilities, testing::Contains(one.capability)) << one.config;
        const auto wanted = parse_wanted(announced, one.capability, one.input);
        ASSERT_TRUE(wanted) << one.input << wanted.error().detail;
        EXPECT_THAT(*messages_for(announced, *wanted), testing::ElementsAreArray(one.sent)) << one.input;
    }
}

TEST(Components, RefuseWhatTheyCannotDoAndSayWhatTheyCan) {
    const auto detail = [](const std::string& component, const std::string& config,
                           const std::string& capability, const std::string& input) {
        const auto made = announce(component, config);
        const auto wanted = parse_wanted(made.entities.at(0), capability, input);
        return wanted ? "taken" : wanted.error().detail;
    };
    EXPECT_EQ(detail("number", R"({"cmd_t":"c","min":1,"max":9})", "number.set", R"({"value":10})"),
              "`value` is a number from 1 to 9");
    EXPECT_EQ(detail("select", R"({"cmd_t":"c","ops":["a","b"]})", "select.set", R"({"option":"c"})"),
              R"(`option` is one of "a", "b")");
    EXPECT_EQ(detail("cover", R"({"cmd_t":"c"})", "cover.set", R"({"position_pct":5})"),
              "it takes `open`, and no `position_pct`");
    EXPECT_EQ(
        detail("climate", R"({"temp_cmd_t":"c","max_temp":30})", "climate.set", R"({"temperature_c":31})"),
        "`temperature_c` is a number from 7 to 30");
    EXPECT_EQ(detail("switch", R"({"cmd_t":"c"})", "switch.set", "{}"),
              "nothing is asked for: it takes `on`");
    EXPECT_EQ(
        detail("light", R"({"cmd_t":"c","rgb_cmd_t":"r"})", "light.set", R"({"on":true,"color_rgb":[1,2]})"),
        "`color_rgb` is red, green and blue, each from 0 to 255");
}

TEST(Components, AnAlarmThatWantsACodeIsOnlyHeard) {
    for (const char* more : {R"("code":"REMOTE_CODE")", R"("code":"1","cod_arm_req":false)",
                             R"("cmd_tpl":"{{ action }} {{ code }}")"}) {
        const auto made =
            announce("alarm_control_panel", R"({"stat_t":"s","cmd_t":"c",)" + std::string(more) + "}");
        ASSERT_EQ(made.entities.size(), 1U) << more;
        EXPECT_THAT(made.entities[0].entity.capabilities, IsEmpty()) << more;
        EXPECT_EQ(state_after(made.entities[0], {{"s", "triggered"}}), R"({"value":"triggered"})");
        ASSERT_EQ(made.left_out.size(), 1U) << "and people see why";
        EXPECT_FALSE(made.left_out[0].wrong);
    }
}

TEST(Components, AnEventWhoseTemplateIsTooMuchIsNobodysMistake) {
    const auto made = announce("event", R"({"stat_t":"s","val_tpl":"{% set x = 1 %}{{ x }}"})");
    ASSERT_EQ(made.left_out.size(), 1U);
    EXPECT_FALSE(made.left_out[0].wrong);
}

TEST(Components, WhatOpensTheHouseNeedsAYes) {
    for (const char* is : {"garage", "gate", "door"}) {
        const auto made = announce(
            "cover", R"({"cmd_t":"c","set_pos_t":"p","stat_t":"s","dev_cla":")" + std::string(is) + "\"}");
        ASSERT_EQ(made.entities.size(), 1U);
        EXPECT_THAT(made.entities[0].entity.capabilities, ElementsAre("garage.set"));
        EXPECT_FALSE(parse_wanted(made.entities[0], "garage.set", R"({"position_pct":5})"));
    }
}

TEST(Components, AreThereToWithinOnePercent) {
    const auto made = announce("cover", R"({"cmd_t":"c","stat_t":"s","pos_t":"p","set_pos_t":"sp"})");
    const Announced& blind = made.entities.at(0);
    const auto wanted = parse_wanted(blind, "cover.set", R"({"position_pct":60})");
    EntityState state;
    ASSERT_TRUE(apply_message(blind, "p", Payload("10"), state));
    EXPECT_FALSE(wanted->met_by(blind, state));
    ASSERT_TRUE(apply_message(blind, "p", Payload("61"), state));
    EXPECT_TRUE(wanted->met_by(blind, state));
}

TEST(Components, LeaveOutWhatMakesNoSense) {
    for (const auto& [component, config] : std::vector<std::pair<std::string, std::string>>{
             {"cover", "{}"},
             {"cover", R"({"cmd_t":"c","pos_t":"p","pos_open":5,"pos_clsd":5})"},
             {"climate", "{}"},
             {"climate", R"({"temp_cmd_t":"c","min_temp":40,"max_temp":30})"},
             {"climate", R"({"temp_cmd_t":"c","temp_step":0})"},
             {"climate", R"({"temp_cmd_t":"c","min_temp":"warm"})"},
             {"number", R"({"cmd_t":"c","min":5,"max":1})"},
             {"number", R"({"cmd_t":"c","step":-1})"},
             {"select", R"({"cmd_t":"c"})"},
             {"select", R"({"cmd_t":"c","ops":7})"},
             {"scene", "{}"},
             {"lawn_mower", "{}"},
             {"fan", R"({"cmd_t":"c","spd_rng_min":1,"spd_rng_max":0,"pct_cmd_t":"p"})"}}) {
        const auto made = announce(component, config);
        EXPECT_THAT(made.entities, IsEmpty()) << component << config;
        EXPECT_EQ(made.left_out.size(), 1U) << component << config;
    }
}

}  // namespace
}  // namespace ambit::mqtt
