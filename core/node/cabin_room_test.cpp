#include "node/cabin_room.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "node/car_testing.h"
#include "node/why_agents.h"

namespace ambit::node {
namespace {

using std::chrono::minutes;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kStart = R"({"on":true,"target_c":21.0})";
constexpr const char* kStop = R"({"on":false})";

class CabinRoomTest : public testing::Test, public CarAlone {
  protected:
    void SetUp() override {
        open();
        state(4, 4, false);
    }

    void open() {
        room.reset();
        acts = std::make_unique<AgentActs>(*node_);
        room = std::make_unique<CabinRoom>(*node_, *acts, CabinThings{""});
        tick();
    }

    void tick() {
        room->tick(now_);
        for (const std::string& input : done()) {
            inputs.push_back(input);
            state(cabin_c, 4, input != kStop);
            room->tick(now_);
        }
    }

    // A fact as it comes from `source`.
    void tell(const std::string& json, const DeviceId& source, const PersonId& whose) {
        facts::Fact fact;
        fact.key = {privacy::ThisDevice{node_->parts().self}, "person:" + whose.hex(), "departure"};
        fact.value = facts::Json{json};
        fact.time = now_.wall;
        fact.source = source;
        room->on_fact(facts::LabelledFact(fact, fact.label()), false);
        tick();
    }

    void leaves_in(minutes time) {
        pass(seconds(1));
        leaves = now_.wall + time;
        const auto ms = std::chrono::duration_cast<milliseconds>(leaves.time_since_epoch()).count();
        tell("{\"leaves\":" + std::to_string(ms) + ",\"comfort_c\":21}", phone_, anna_);
    }

    // Minutes until the cabin is told something, at most a day.
    int minutes_until_told() {
        inputs.clear();
        for (int i = 0; i < 24 * 60; ++i) {
            if (!inputs.empty()) {
                return i;
            }
            pass(minutes(1));
            tick();
        }
        return -1;
    }

    std::string why_not() {
        const auto why = explain_not(node_->parts(), "cabin", sees_all, now_);
        std::string all;
        for (std::size_t i = 0; why && i < why->chain.size(); ++i) {
            all += why->chain[i].what + "|";
        }
        return all;
    }

    double cabin_c = 4;
    WallTime leaves;
    std::vector<std::string> inputs;
    std::unique_ptr<AgentActs> acts;
    std::unique_ptr<CabinRoom> room;
};

TEST_F(CabinRoomTest, StartsAsLongBeforeAsItTakesAndStopsAfter) {
    leaves_in(minutes(180));
    EXPECT_THAT(inputs, IsEmpty());
    const auto planned = explain_not(node_->parts(), "cabin", sees_all, now_);
    ASSERT_TRUE(planned);
    ASSERT_TRUE(planned->chain.at(1).until) << "it knows when";
    const auto starts = *planned->chain[1].until;
    const int waited = minutes_until_told();
    EXPECT_THAT(inputs, ElementsAre(kStart));
    EXPECT_LT(now_.wall - starts, minutes(1));
    EXPECT_GE(now_.wall, starts) << "not sooner";
    EXPECT_GT(waited, 180 - 60);
    cabin_c = 21;
    state(21, 4, true);
    minutes_until_told();
    EXPECT_THAT(inputs, ElementsAre(kStop));
    EXPECT_GE(now_.wall, leaves + agents::kKeptFor);
    EXPECT_LT(now_.wall, leaves + agents::kKeptFor + minutes(3));
}

TEST_F(CabinRoomTest, DoubtsAThermometerThatStandsStill) {
    cabin_c = 21;
    state(21, 4, false);
    leaves_in(minutes(12 * 60));
    const int waited = minutes_until_told();
    EXPECT_THAT(inputs, ElementsAre(kStart)) << "that it is warm enough already was not believed";
    EXPECT_GE(waited, 12 * 60 - 60);
    const auto& items = node_->parts().health.items();
    EXPECT_FALSE(items.at("cabin.temperature").ok);
    state(20.5, 4, false);
    tick();
    EXPECT_TRUE(items.at("cabin.temperature").ok);
}

TEST_F(CabinRoomTest, StartsBetweenTwoRoundMinutes) {
    leaves_in(minutes(180));
    const auto until = explain_not(node_->parts(), "cabin", sees_all, now_)->chain.at(1).until.value();
    pass(std::chrono::duration_cast<seconds>(until - now_.wall) - seconds(20));
    tick();
    EXPECT_THAT(inputs, IsEmpty());
    EXPECT_LE(room->next_deadline(), now_.mono + seconds(21)) << "it wakes when it is time";
    pass(seconds(21));
    tick();
    EXPECT_THAT(inputs, ElementsAre(kStart));
}

TEST_F(CabinRoomTest, KeepsOnWhatItBeganTooEarly) {
    leaves_in(minutes(25));
    EXPECT_THAT(inputs, ElementsAre(kStart)) << "a car that knows nothing of itself is careful";
    for (int i = 0; i < 8; ++i) {
        pass(minutes(1));
        cabin_c += 2;
        state(cabin_c, 4, true);
        tick();
    }
    EXPECT_THAT(inputs, ElementsAre(kStart)) << "it warms fast, and would not be begun again for the same";
}

TEST_F(CabinRoomTest, LooksAgainWhenTheClockWasSet) {
    leaves_in(minutes(180));
    now_.wall += minutes(175);
    tick();
    EXPECT_THAT(inputs, ElementsAre(kStart)) << "it slept through the moment";
    leaves_in(minutes(400));
    inputs.clear();
    now_.wall -= minutes(175);
    tick();
    leaves_in(minutes(5));
    EXPECT_THAT(inputs, ElementsAre(kStart)) << "and a clock that is set back holds nothing up";
}

TEST_F(CabinRoomTest, AMovedAppointmentMovesItAndACancelledOneStopsIt) {
    leaves_in(minutes(5));
    EXPECT_THAT(inputs, ElementsAre(kStart)) << "late, and at once";
    leaves_in(minutes(400));
    EXPECT_THAT(inputs, ElementsAre(kStart, kStop));
    leaves_in(minutes(6));
    EXPECT_THAT(inputs, ElementsAre(kStart, kStop, kStart));
    pass(seconds(1));
    tell(R"({"leaves":0,"comfort_c":21})", phone_, anna_);
    EXPECT_THAT(inputs, ElementsAre(kStart, kStop, kStart, kStop));
    EXPECT_THAT(why_not(), HasSubstr("nobody is about to leave"));
}

TEST_F(CabinRoomTest, BelievesOnlyADeviceOfThatPerson) {
    const auto ms =
        std::chrono::duration_cast<milliseconds>((now_.wall + minutes(5)).time_since_epoch()).count();
    const std::string json = "{\"leaves\":" + std::to_string(ms) + ",\"comfort_c\":21}";
    tell(json, random_.id<DeviceId>(), anna_);
    tell(json, phone_, random_.id<PersonId>());
    tell(json, node_->parts().self, anna_);
    EXPECT_THAT(inputs, IsEmpty());
    EXPECT_THAT(why_not(), HasSubstr("nobody lets this car know when they leave"));
    for (const char* bad : {"", "[]", R"({"leaves":"soon","comfort_c":21})",
                            R"({"leaves":1.5,"comfort_c":21})", R"({"leaves":5})", R"({"comfort_c":21})"}) {
        tell(bad, phone_, anna_);
    }
    EXPECT_THAT(why_not(), HasSubstr("nobody lets this car know when they leave"));
    tell(json, phone_, anna_);
    EXPECT_THAT(inputs, ElementsAre(kStart));
}

TEST_F(CabinRoomTest, KnowsItStillAfterARestartOutOfReach) {
    leaves_in(minutes(120));
    pass(minutes(3));
    storage_.settle();
    room.reset();
    start(false);
    state(4, 4, false);
    open();
    EXPECT_GT(minutes_until_told(), 50);
    EXPECT_THAT(inputs, ElementsAre(kStart));
    EXPECT_LT(now_.wall, leaves);
}

TEST_F(CabinRoomTest, EndsOnlyWhatItBegan) {
    command(R"({"on":true,"target_c":24})");
    state(20, 4, true);
    leaves_in(minutes(300));
    for (int i = 0; i < 90; ++i) {
        pass(minutes(1));
        tick();
    }
    EXPECT_THAT(inputs, IsEmpty());
}

TEST_F(CabinRoomTest, SaysWhyNot) {
    EXPECT_THAT(why_not(), HasSubstr("nobody lets this car know when they leave"));
    leaves_in(minutes(5));
    state(4, 4, true);
    command(kStop);
    state(4, 4, false);
    leaves_in(minutes(6));
    EXPECT_THAT(why_not(), HasSubstr("somebody said otherwise less than an hour ago"));
    EXPECT_THAT(why_not(), HasSubstr("comfort 21 °C"));
    EXPECT_FALSE(explain_not(node_->parts(), "kitchen light", sees_all, now_));
    const auto nothing = [](const privacy::Label& /*label*/) { return false; };
    EXPECT_FALSE(explain_not(node_->parts(), "cabin", nothing, now_));
}

TEST_F(CabinRoomTest, AMovingCarAndALowBatteryAreLeftAlone) {
    leaves_in(minutes(5));
    inputs.clear();
    pass(std::chrono::hours(30));
    state(4, 4, false, R"(,"moving":true)");
    leaves_in(minutes(5));
    EXPECT_THAT(inputs, IsEmpty());
    EXPECT_THAT(why_not(), HasSubstr("the car is moving"));
    state(4, 4, false, R"(,"charge_pct":12,"plugged":false)");
    tick();
    EXPECT_THAT(inputs, IsEmpty());
    EXPECT_THAT(why_not(), HasSubstr("below 20 %"));
    state(4, 4, false, R"(,"charge_pct":12,"plugged":true)");
    tick();
    EXPECT_THAT(inputs, ElementsAre(kStart));
}

TEST_F(CabinRoomTest, AMissingThingIsAHealthItem) {
    room.reset();
    room = std::make_unique<CabinRoom>(*node_, *acts, CabinThings{"mqtt:home/heater"});
    room->tick(now_);
    EXPECT_EQ(node_->parts().health.items().at("cabin").error.code, ErrorCode::CabinUnknown);
}

class OtherCabinTest : public CabinRoomTest {
  protected:
    // The cabin is another kind of thing, whose state the test tells.
    void bind(const std::string& domain, const std::string& capability, const std::string& first_state) {
        offer(domain, capability);
        raw_state(first_state);
        CabinThings things{MadeUpCabin::kId};
        things.temperature = temperature;
        things.outside = outside;
        room.reset();
        room = std::make_unique<CabinRoom>(*node_, *acts, things);
        run();
    }

    void run() {
        room->tick(now_);
        for (const std::string& input : done()) {
            inputs.push_back(input);
        }
        room->tick(now_);
    }

    void leaves(minutes time) {
        pass(seconds(1));
        CabinRoomTest::leaves = now_.wall + time;
        const auto ms =
            std::chrono::duration_cast<milliseconds>(CabinRoomTest::leaves.time_since_epoch()).count();
        facts::Fact fact;
        fact.key = {privacy::ThisDevice{node_->parts().self}, "person:" + anna_.hex(), "departure"};
        fact.value = facts::Json{"{\"leaves\":" + std::to_string(ms) + ",\"comfort_c\":21}"};
        fact.time = now_.wall;
        fact.source = phone_;
        room->on_fact(facts::LabelledFact(fact, fact.label()), false);
        run();
    }

    // Minutes until it is told something, at most `most`.
    int minutes_until(int most) {
        inputs.clear();
        for (int i = 0; i < most; ++i) {
            if (!inputs.empty()) {
                return i;
            }
            pass(minutes(1));
            run();
        }
        return -1;
    }

    std::string temperature;
    std::string outside;
};

TEST_F(OtherCabinTest, AClimateHeatsAndStops) {
    bind("climate", "climate.set",
         R"({"on":false,"mode":"off","temperature_c":18,"current_temperature_c":4})");
    leaves(minutes(180));
    EXPECT_THAT(inputs, IsEmpty());
    EXPECT_GT(minutes_until(180), 120);
    EXPECT_THAT(inputs, ElementsAre(R"({"mode":"heat_cool","temperature_c":21.0})"));
    raw_state(R"({"on":true,"mode":"heat_cool","temperature_c":21,"current_temperature_c":12})");
    EXPECT_EQ(minutes_until(5), -1) << "it goes on heating";
    leaves(minutes(600));
    EXPECT_THAT(inputs, ElementsAre(R"({"mode":"off"})"));
}

TEST_F(OtherCabinTest, AClimateThatDoesNotChooseHeatsOrCools) {
    cabin_.refused = {R"({"mode":"heat_cool","temperature_c":21.0})"};
    bind("climate", "climate.set", R"({"on":false,"mode":"off","current_temperature_c":4})");
    leaves(minutes(3));
    EXPECT_THAT(inputs, ElementsAre(R"({"mode":"heat_cool","temperature_c":21.0})",
                                    R"({"mode":"heat","temperature_c":21.0})"));
    EXPECT_FALSE(node_->parts().health.items().contains("agent.precondition") &&
                 !node_->parts().health.items().at("agent.precondition").ok);
}

TEST_F(OtherCabinTest, ASwitchGoesByThermometersElsewhere) {
    temperature = thermometer("cabin", R"({"value":39.2,"unit":"°F"})");
    outside = thermometer("outside", R"({"value":4,"unit":"°C"})");
    bind("switch", "switch.set", R"({"on":false})");
    leaves(minutes(180));
    const agents::CabinModel fresh;
    EXPECT_NEAR(minutes_until(180), 180 - static_cast<double>(fresh.lead(4, 4, 21).count()), 2);
    EXPECT_THAT(inputs, ElementsAre(R"({"on":true})"));
    raw_state(R"({"on":true})");
    leaves(minutes(400));
    EXPECT_THAT(inputs, ElementsAre(R"({"on":true})", R"({"on":false})"));
}

TEST_F(OtherCabinTest, ASwitchWithoutAThermometerGoesByTheClock) {
    bind("switch", "switch.set", R"({"on":false})");
    leaves(minutes(60));
    EXPECT_NEAR(minutes_until(60), 40, 1);
    EXPECT_THAT(inputs, ElementsAre(R"({"on":true})"));
    raw_state(R"({"on":true})");
    EXPECT_NEAR(minutes_until(60), 30, 2) << "until ten minutes after";
    EXPECT_THAT(inputs, ElementsAre(R"({"on":false})"));
}

TEST_F(OtherCabinTest, ASwitchThatIsAwayIsLeftAlone) {
    bind("switch", "switch.set", R"({"on":false})");
    raw_state(R"({"on":false})", false);
    leaves(minutes(5));
    EXPECT_THAT(inputs, IsEmpty());
    EXPECT_THAT(why_not(), HasSubstr("what acts for the cabin cannot act now"));
    raw_state(R"({"on":false})");
    run();
    EXPECT_THAT(inputs, ElementsAre(R"({"on":true})"));
}

TEST_F(OtherCabinTest, AButtonIsPressedOnceForADeparture) {
    bind("button", "button.press", "{}");
    leaves(minutes(60));
    EXPECT_NEAR(minutes_until(60), 40, 1);
    EXPECT_THAT(inputs, ElementsAre("{}"));
    EXPECT_EQ(minutes_until(5), -1);
    EXPECT_THAT(why_not(), HasSubstr("its button was pressed for this departure"));
    leaves(minutes(30));
    EXPECT_EQ(minutes_until(60), -1) << "the meeting moved a little: the same departure";
    leaves(minutes(120));
    EXPECT_NEAR(minutes_until(120), 100, 1) << "another one";
    EXPECT_THAT(inputs, ElementsAre("{}"));
}

TEST_F(OtherCabinTest, AButtonIsNotPressedAgainAfterARestart) {
    bind("button", "button.press", "{}");
    leaves(minutes(19));
    EXPECT_THAT(inputs, ElementsAre("{}"));
    inputs.clear();
    storage_.settle();
    room.reset();
    acts.reset();
    start(false);
    acts = std::make_unique<AgentActs>(*node_);
    bind("button", "button.press", "{}");
    EXPECT_EQ(minutes_until(20), -1);
}

TEST_F(OtherCabinTest, AButtonThatMayHaveBeenPressedIsLeftAlone) {
    cabin_.silent = true;
    bind("button", "button.press", "{}");
    leaves(minutes(19));
    EXPECT_THAT(inputs, ElementsAre("{}"));
    EXPECT_EQ(minutes_until(20), -1);
    EXPECT_FALSE(node_->parts().health.items().at("agent.precondition").ok);
}

TEST_F(OtherCabinTest, AButtonThatWasNotPressedIsPressedLater) {
    cabin_.works = false;
    bind("button", "button.press", "{}");
    leaves(minutes(19));
    EXPECT_THAT(inputs, ElementsAre("{}"));
    cabin_.works = true;
    EXPECT_EQ(minutes_until(10), 5);
    EXPECT_EQ(minutes_until(10), -1);
}

TEST_F(CabinRoomTest, WhyTellsItInSentences) {
    leaves_in(minutes(5));
    const auto why = explain(node_->parts(), "cabin", sees_all);
    ASSERT_TRUE(why);
    ASSERT_EQ(why->chain.size(), 3U);
    EXPECT_THAT(why->chain[0].what, HasSubstr("21"));
    EXPECT_EQ(why->chain[0].rule, "agent precondition");
    EXPECT_EQ(why->chain[1].what, "comfort 21 °C");
    EXPECT_EQ(why->chain[1].leaves, std::chrono::floor<milliseconds>(leaves));
    EXPECT_EQ(why->chain[1].told_by, "phone");
    EXPECT_THAT(why->chain[2].what, HasSubstr("as cars usually do"));
    const auto for_household = [](const privacy::Label& label) {
        return label.audience == privacy::Audience(privacy::Household{});
    };
    const auto from_outside = explain(node_->parts(), "cabin", for_household);
    ASSERT_TRUE(from_outside);
    EXPECT_EQ(from_outside->chain.at(1).what, "when Anna leaves");
    EXPECT_FALSE(from_outside->chain[1].leaves);
    EXPECT_THAT(why->withheld, testing::Contains(HasSubstr("The calendar itself stayed on phone")));
}

}  // namespace
}  // namespace ambit::node
