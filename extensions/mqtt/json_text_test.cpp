#include "mqtt/json_text.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "mqtt/bridge_testing.h"
#include "mqtt/showing.h"

namespace ambit::mqtt {
namespace {

std::string nested(std::size_t levels) {
    return std::string(levels, '[') + std::string(levels, ']');
}

// As large as one message may be.
const std::string kDeep = nested(400'000);
const std::string kDeepObject =
    R"({"x":)" + kDeep + R"(,"state":"ON","cmd_t":"c","stat_t":"s","ambit_device":"d1"})";

TEST(JsonText, HasLimits) {
    EXPECT_TRUE(parsed(nested(kJsonDepthMax)).is_array());
    EXPECT_TRUE(parsed(nested(kJsonDepthMax + 1)).is_discarded());
    EXPECT_TRUE(parsed(kDeepObject).is_discarded());
    EXPECT_TRUE(parsed("[1]", 2).is_discarded());
    EXPECT_TRUE(parsed("[1").is_discarded());
    std::string many = "[0";
    for (int i = 0; i < 100'000; ++i) {
        many += ",0";
    }
    EXPECT_TRUE(parsed(many + "]").is_discarded()) << "too many values";
}

// JSON is copied and printed by recursion: each of these would overflow the stack.
TEST(JsonText, NoMessageIsDeepEnoughToHarm) {
    Recorder out;
    Bridge bridge("mqtt:home", "homeassistant", "z2m", out, out);
    Showing off({"mqtt:home", "homeassistant", "h1", "d1"}, out, out, nullptr);
    bridge.on_connected({});
    off.on_connected({});
    bridge.on_message("homeassistant/light/a/config", kDeepObject, true);
    bridge.on_message("homeassistant/device/a/config", R"({"cmps":{"a":)" + kDeepObject + "}}", true);
    bridge.on_message("z2m/bridge/devices", R"([{"ieee_address":"0x1","definition":)" + kDeepObject + "}]",
                      true);
    off.on_message("homeassistant/button/ambit_h1/undo/config", kDeepObject, true);
    EXPECT_EQ(out.health.size(), 4U) << "what is there, and that three can't be read";
    EXPECT_THAT(out.published, testing::IsEmpty());

    bridge.on_message("homeassistant/sensor/s/config",
                      R"({"uniq_id":"s","stat_t":"s","val_tpl":"{{ value_json.x | default(value_json) }}"})",
                      true);
    bridge.on_message("homeassistant/light/l/config",
                      R"({"uniq_id":"l","schema":"json","stat_t":"s","cmd_t":"c"})", true);
    bridge.on_message("s", kDeepObject, false);
    EXPECT_EQ(out.health.size(), 6U) << "neither says anything";
    bridge.act({RequestId(), "light.set", "mqtt:home/l", R"({"on":)" + kDeep + "}", MonoTime(seconds(5))});
    EXPECT_EQ(out.results.back().outcome, capability::Outcome::NotDone);
}

}  // namespace
}  // namespace ambit::mqtt
