#include "agents/bedroom.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ambit::agents {
namespace {

using std::chrono::minutes;
using testing::HasSubstr;

const WallTime kNight = WallTime(std::chrono::hours(24 * 20'000 + 23));

RoomBody room(Body body, WallTime since = kNight) {
    return {body, since, {{"body_state", {}, since, "{}", true}}};
}

RoomThing lamp(bool on, std::optional<double> brightness, std::string last_step = "") {
    return {"h/lamp", "light.set", on, true, brightness, std::nullopt, std::move(last_step)};
}

RoomThing heating(double target, std::string last_step = "") {
    return {"h/heat", "climate.set", true, false, std::nullopt, target, std::move(last_step)};
}

std::string input(const RoomThing& thing, const RoomBody& body, WallTime now) {
    const auto plan = settle(thing, body, {}, now);
    return plan.proposal ? plan.proposal->input_json : "";
}

TEST(RoomBodyTest, FollowsWhoeverIsMostAwake) {
    EXPECT_FALSE(room_body({}));
    BodyTold ada{Body::Asleep, {"body_state", {}, kNight, "ada", true}};
    BodyTold bob{Body::Asleep, {"body_state", {}, kNight + minutes(20), "bob", true}};
    const auto both = room_body(std::vector{ada, bob});
    EXPECT_EQ(both->body, Body::Asleep);
    EXPECT_EQ(both->since, kNight + minutes(20)) << "since the last of them fell asleep";
    EXPECT_EQ(both->told.size(), 2U);
    bob.body = Body::Active;
    const auto one = room_body(std::vector{ada, bob});
    EXPECT_EQ(one->body, Body::Active);
    ASSERT_EQ(one->told.size(), 1U);
    EXPECT_EQ(one->told[0].value_json, "bob") << "the other's sleep is no reason";
    EXPECT_EQ(body_of("exertion"), Body::Exertion);
    EXPECT_FALSE(body_of("unknown"));
    EXPECT_FALSE(body_of(""));
}

TEST(BedroomTest, TheLightGoesDownInSmallStepsAndThenOff) {
    double brightness = 100;
    std::vector<double> seen;
    for (int minute = 0; minute < 4; ++minute) {
        const WallTime now = kNight + minutes(minute);
        const auto plan = settle(lamp(true, brightness), room(Body::Asleep), {}, now);
        ASSERT_TRUE(plan.proposal);
        EXPECT_EQ(plan.next, now + minutes(1));
        EXPECT_TRUE(plan.proposal->continues);
        brightness = kDimmed[static_cast<std::size_t>(minute)];
        EXPECT_EQ(plan.proposal->step, "dim " + std::to_string(static_cast<int>(brightness)));
        const auto again = settle(lamp(true, brightness), room(Body::Asleep), {}, now);
        EXPECT_FALSE(again.proposal) << "once";
        EXPECT_EQ(again.why, "it is dim enough for now");
    }
    EXPECT_EQ(input(lamp(true, 10), room(Body::Asleep), kNight + minutes(4)), R"({"on":false})");
    EXPECT_EQ(input(lamp(true, 10), room(Body::Asleep), kNight + minutes(400)), R"({"on":false})");
    EXPECT_EQ(input(lamp(false, {}), room(Body::Asleep), kNight + minutes(4)), "");
    EXPECT_EQ(input(lamp(true, 72), room(Body::Asleep), kNight), "") << "near enough";
    EXPECT_EQ(input(lamp(true, 100), room(Body::Asleep, kNight + minutes(9)), kNight),
              R"({"brightness_pct":70,"on":true})")
        << "a clock that is ahead hurries nothing";
}

TEST(BedroomTest, ALampThatCannotBeDimmedWaitsUntilSleepHasLasted) {
    RoomThing plain = lamp(true, {});
    plain.dims = false;
    const auto plan = settle(plain, room(Body::Asleep), {}, kNight);
    EXPECT_FALSE(plan.proposal);
    EXPECT_EQ(plan.next, kNight + minutes(4));
    EXPECT_EQ(input(plain, room(Body::Asleep), kNight + minutes(4)), R"({"on":false})");
    plain.on = false;
    plain.last_step = "off";
    EXPECT_EQ(input(plain, room(Body::Active), kNight + minutes(5)), "") << "it would be no night light";
}

TEST(BedroomTest, WhoGetsUpFindsTheWayAndNothingElseChanges) {
    EXPECT_EQ(input(lamp(false, {}, "off"), room(Body::Active), kNight),
              R"({"brightness_pct":10,"on":true})");
    EXPECT_EQ(input(lamp(false, {}, ""), room(Body::Active), kNight), "") << "somebody else turned it off";
    EXPECT_EQ(input(lamp(true, 10, "night light"), room(Body::Exertion), kNight), "");
    EXPECT_EQ(input(lamp(true, 100), room(Body::Active), kNight), "");
    for (const auto& thing :
         {lamp(true, 100), lamp(false, {}, "off"), heating(20), heating(18, "cooler 1")}) {
        EXPECT_EQ(input(thing, room(Body::Resting), kNight), "") << "between the two everything stays";
    }
}

TEST(BedroomTest, TheHeatingGoesDownAndUpSlowlyAndWithinBounds) {
    EXPECT_EQ(input(heating(20), room(Body::Asleep), kNight), R"({"temperature_c":19.5})");
    EXPECT_EQ(input(heating(19.5, "cooler 1"), room(Body::Asleep), kNight + minutes(9)), "");
    EXPECT_EQ(input(heating(19.5, "cooler 1"), room(Body::Asleep), kNight + minutes(10)),
              R"({"temperature_c":19.0})");
    EXPECT_EQ(input(heating(18.2, "cooler 3"), room(Body::Asleep), kNight + minutes(30)),
              R"({"temperature_c":18.0})");
    EXPECT_EQ(input(heating(18), room(Body::Asleep), kNight + minutes(90)), "");
    EXPECT_EQ(input(heating(15), room(Body::Active), kNight), "") << "somebody wanted it so cool";
    EXPECT_EQ(input(heating(18, "cooler 4"), room(Body::Active), kNight), R"({"temperature_c":18.5})");
    EXPECT_EQ(input(heating(20, "warmer 4"), room(Body::Active), kNight + minutes(90)), "");
    RoomThing off = heating(20);
    off.on = false;
    EXPECT_EQ(input(off, room(Body::Asleep), kNight), "");
    const auto plan = settle(heating(16), room(Body::Asleep), {20, 2}, kNight);
    ASSERT_TRUE(plan.proposal);
    EXPECT_THAT(plan.proposal->input_json, HasSubstr("15.5"));
    EXPECT_FALSE(settle(heating(15), room(Body::Asleep), {20, 2}, kNight).proposal) << "not below the bound";
}

}  // namespace
}  // namespace ambit::agents
