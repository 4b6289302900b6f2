#include "mqtt/discovery.h"

#include <gmock/gmock.h>

#include "mqtt/json_text.h"
#include "mqtt/state.h"

namespace ambit::mqtt {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Announcement announce(const std::string& payload, const std::string& topic = "homeassistant/light/x/config") {
    return parse_announcement("homeassistant", "mqtt:home", topic, payload);
}

std::string state_after(const Announced& announced, const std::string& topic, const std::string& payload) {
    EntityState state;
    const auto applied = apply_message(announced, topic, Payload(payload), state);
    return applied ? state.json(announced) : applied.error().detail;
}

TEST(Discovery, KnowsItsTopics) {
    for (const char* topic : {"homeassistant/light/a/config", "homeassistant/light/n/a/config"}) {
        EXPECT_TRUE(is_discovery_topic("homeassistant", topic)) << topic;
    }
    for (const char* topic :
         {"homeassistant/status", "homeassistant/light/config", "homeassistant//a/config", "config",
          "homeassistant/light/a/b/c/config", "other/light/a/config", "homeassistant/config"}) {
        EXPECT_FALSE(is_discovery_topic("homeassistant", topic)) << topic;
    }
}

TEST(Discovery, ReadsAJsonLight) {
    const auto made = announce(R"({"schema":"json","~":"z/lamp","state_topic":"~","command_topic":"~/set",
        "brightness":true,"brightness_scale":254,"unique_id":"0x1_light","name":null,
        "device":{"name":"Desk","suggested_area":"Office","identifiers":["a"]}})");
    ASSERT_EQ(made.entities.size(), 1U);
    const Announced& light = made.entities[0];
    EXPECT_EQ(light.entity.id, "mqtt:home/0x1_light");
    EXPECT_EQ(light.entity.name, "Desk");
    EXPECT_EQ(light.entity.area, "Office");
    EXPECT_THAT(light.entity.capabilities, ElementsAre("light.set"));
    EXPECT_EQ(light.members.front().command_topic, "z/lamp/set");
    EXPECT_EQ(state_after(light, "z/lamp", R"({"state":"ON","brightness":127})"),
              R"({"brightness_pct":50,"on":true})");
    EXPECT_EQ(state_after(light, "z/lamp", R"({"state":"OFF","brightness":127})"), R"({"on":false})");
    EXPECT_EQ(state_after(light, "z/lamp", "gibberish"), "the state is not a JSON object");
}

TEST(Discovery, ReadsAButton) {
    const auto made =
        announce(R"({"cmd_t":"bell/set","pl_prs":"RING","uniq_id":"b","name":"Doorbell","ret":true,
        "stat_t":"bell"})",
                 "homeassistant/button/b/config");
    ASSERT_EQ(made.entities.size(), 1U);
    const Announced& bell = made.entities[0];
    EXPECT_EQ(bell.entity.domain, "button");
    EXPECT_THAT(bell.entity.capabilities, ElementsAre("button.press"));
    const auto wanted = parse_wanted(bell, "button.press", "{}");
    ASSERT_TRUE(wanted);
    EXPECT_THAT(*messages_for(bell, *wanted), ElementsAre(Publish{"bell/set", "RING"}));
    EXPECT_FALSE(parse_wanted(bell, "button.press", R"({"on":true})"));
    EXPECT_EQ(announce(R"({"uniq_id":"b"})", "homeassistant/button/b/config").left_out.size(), 1U);
}

TEST(Discovery, ReadsAPlainLightWithTemplates) {
    const auto made = announce(R"({"stat_t":"s","cmd_t":"c","bri_cmd_t":"bc","bri_stat_t":"bs","bri_scl":100,
        "stat_val_tpl":"{{ value_json.power | upper }}","uniq_id":"p","name":"Hall","pl_on":"ON","pl_off":"OFF"})");
    ASSERT_EQ(made.entities.size(), 1U);
    const Announced& light = made.entities[0];
    EXPECT_EQ(state_after(light, "s", R"({"power":"on"})"), R"({"on":true})");
    EXPECT_EQ(state_after(light, "bs", "40"), R"({"brightness_pct":40})");
    const auto wanted = parse_wanted(light, "light.set", R"({"on":true,"brightness_pct":40})");
    ASSERT_TRUE(wanted);
    EXPECT_THAT(*messages_for(light, *wanted), ElementsAre(Publish{"bc", "40"}, Publish{"c", "ON"}));
}

TEST(Discovery, ReadsALock) {
    const auto made =
        announce(R"({"stat_t":"s","cmd_t":"c","uniq_id":"d","name":"Front Door","pl_unlk":"open"})",
                 "homeassistant/lock/d/config");
    ASSERT_EQ(made.entities.size(), 1U);
    const Announced& lock = made.entities[0];
    EXPECT_THAT(lock.entity.capabilities, ElementsAre("lock.set"));
    EXPECT_EQ(state_after(lock, "s", "LOCKED"), R"({"locked":true})");
    EXPECT_EQ(state_after(lock, "s", "UNLOCKED"), R"({"locked":false})");
    EXPECT_EQ(state_after(lock, "s", "JAMMED"), "{}");
    const auto wanted = parse_wanted(lock, "lock.set", R"({"locked":false})");
    ASSERT_TRUE(wanted);
    EXPECT_THAT(*messages_for(lock, *wanted), ElementsAre(Publish{"c", "open"}));
    EXPECT_FALSE(parse_wanted(lock, "lock.set", R"({"on":false})"))
        << "what turns a switch off must not unlock a door";
    EXPECT_FALSE(parse_wanted(lock, "lock.set", R"({"locked":true,"brightness_pct":5})"));

    const auto coded =
        announce(R"({"stat_t":"s","cmd_t":"c","code_format":"^\\d{4}$"})", "homeassistant/lock/d/config");
    EXPECT_THAT(coded.entities, IsEmpty());
    EXPECT_EQ(coded.left_out.size(), 1U);
}

TEST(Discovery, ReadsADeviceWithSeveralComponents) {
    const auto made = announce(R"({"dev":{"name":"Weather"},"o":{"name":"x"},"stat_t":"w/state",
        "cmps":{"t":{"p":"sensor","unit_of_meas":"°C","val_tpl":"{{ value_json.t | round(1) }}","uniq_id":"w_t","name":"Temp"},
                "m":{"p":"binary_sensor","val_tpl":"{{ 'ON' if value_json.m > 0 else 'OFF' }}","uniq_id":"w_m"},
                "gone":{"p":"sensor"},"other":{"p":"camera","uniq_id":"w_c"}}})",
                               "homeassistant/device/weather/config");
    ASSERT_EQ(made.entities.size(), 2U);
    ASSERT_EQ(made.left_out.size(), 1U);
    EXPECT_FALSE(made.left_out[0].wrong) << "nobody can mend a camera";
    EXPECT_EQ(made.entities[1].entity.name, "Weather Temp");
    EXPECT_EQ(state_after(made.entities[1], "w/state", R"({"t":21.46,"m":1})"),
              R"({"unit":"°C","value":21.5})");
    EXPECT_EQ(state_after(made.entities[0], "w/state", R"({"t":21.46,"m":1})"), R"({"on":true})");
}

TEST(Discovery, LeavesOutWhatItCannotUse) {
    for (const char* payload :
         {"{", "[]", "7", R"({"cmd_t":"a/+/b"})", R"({"cmd_t":"a#"})", R"({"stat_t":"x"})",
          R"({"schema":"template","cmd_t":"c"})", R"({"cmd_t":"c","stat_t":"s","stat_val_tpl":"{% if x %}"})",
          R"({"cmd_t":"c","brightness_scale":0})", R"({"cmd_t":"c","cmd_tpl":"{{ value.x() }}"})",
          R"({"cmd_t":"c","avty":[7]})", "{\"cmd_t\":\"a\\u0000b\"}"}) {
        const auto made = announce(payload);
        EXPECT_THAT(made.entities, IsEmpty()) << payload;
        EXPECT_EQ(made.left_out.size(), 1U) << payload;
    }
    EXPECT_THAT(announce(std::string(500'000, '[')).entities, IsEmpty());
    EXPECT_THAT(announce("").left_out, IsEmpty());
}

TEST(Discovery, KeepsHostileNamesAsData) {
    const auto made =
        announce(R"({"cmd_t":"c","uniq_id":"../../etc; rm -rf","name":"{{ 7*7 }}<b>\n\u202e"})");
    ASSERT_EQ(made.entities.size(), 1U);
    EXPECT_EQ(made.entities[0].entity.id, "mqtt:home/../../etc; rm -rf");
    EXPECT_THAT(made.entities[0].entity.name, testing::StartsWith("{{ 7*7 }}<b>"));
    EXPECT_LE(
        announce(R"({"cmd_t":"c","name":")" + std::string(5000, 'n') + "\"}").entities[0].entity.name.size(),
        kNameBytesMax);
}

TEST(ValueTemplate, RendersTheSubset) {
    const auto render = [](const std::string& text, const std::string& payload) {
        const auto made = ValueTemplate::parse(text);
        if (!made) {
            return "unsupported: " + made.error().detail;
        }
        const auto out = made->render(Payload(payload));
        return out ? *out : "error: " + out.error().detail;
    };
    EXPECT_EQ(render("", "raw"), "raw");
    EXPECT_EQ(render("{{ value }}", "raw"), "raw");
    EXPECT_EQ(render("{{value_json.a.b}}", R"({"a":{"b":3}})"), "3");
    EXPECT_EQ(render("{{ value_json['a b'][1] }}", R"({"a b":[1,2]})"), "2");
    EXPECT_EQ(render("{{ value_json.x | default('none') }}", "{}"), "none");
    EXPECT_EQ(render("{{ value | float | round(1) }} C", "21.46"), "21.5 C");
    EXPECT_EQ(render("{{ (value | int) }}", "21.9"), "21");
    EXPECT_EQ(
        render("{{ 'ON' if value_json.on and not value_json.off else 'OFF' }}", R"({"on":true,"off":false})"),
        "ON");
    EXPECT_EQ(
        render("{{ 'hot' if value | float >= 30 else 'mild' if value | float > 10 else 'cold' }}", "12"),
        "mild");
    EXPECT_EQ(render("{{ value == 'x' }}", "x"), "True");
    EXPECT_EQ(render("{{ value_json.deep }}", R"({"deep":[1]})"), "error: the value is not a single one");
    EXPECT_EQ(render("{{ value_json.gone }}", "{}"), "error: the payload lacks the value asked for");
    EXPECT_EQ(render("{{ value | int }}", "text"), "error: not a number");
    EXPECT_EQ(render("{{ value_json.on | int }} {{ 2.5 | round(1 < 2) }}", R"({"on":true})"), "1 2.5");
    for (const char* hostile :
         {"{{ states('x') }}", "{% for x in y %}", "{{ value.__class__ }}", "{{ 1 + 1 }}", "{{", "{{ }}",
          "{{ value | map }}", "{{ value if 1 }}", "{{ value_json[value] }}"}) {
        EXPECT_THAT(render(hostile, "1"), testing::StartsWith("unsupported")) << hostile;
    }
    EXPECT_THAT(render("{{ " + std::string(2000, '(') + "1", "1"), testing::StartsWith("unsupported"));
}

TEST(ValueTemplate, MakesNoMoreThanIsGood) {
    const auto render = [](const std::string& text, const std::string& payload) {
        return ValueTemplate::parse(text).value().render(Payload(payload));
    };
    std::string often;
    while (often.size() + 9 <= kTemplateBytesMax) {
        often += "{{value}}";
    }
    const std::string large(kPayloadBytesMax, 'x');
    const std::string half(kRenderedBytesMax / 2, 'x');
    for (const auto& [text, payload] :
         {std::pair(often, large), std::pair(often, half),
          std::pair(std::string("{{ value | upper }}"), large),
          std::pair(std::string("{{ value_json.a }}"), R"({"a":")" + large + "\"}"),
          std::pair(std::string(), large)}) {
        const auto out = render(text, payload);
        ASSERT_FALSE(out) << text.substr(0, 20);
        EXPECT_EQ(out.error().code, ErrorCode::MqttAnnouncementInvalid);
    }
    EXPECT_EQ(render("{{ value }}", half).value(), half);
    EXPECT_EQ(render("{{ value_json.b }}", R"({"a":")" + half + half + half + R"(","b":7})").value(), "7")
        << "the payload itself may be large";
}

}  // namespace
}  // namespace ambit::mqtt
