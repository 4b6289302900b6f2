#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agents/arbitration.h"
#include "agents/departure.h"
#include "agents/precondition.h"

namespace ambit::agents {
namespace {

using std::chrono::hours;
using testing::ElementsAre;

const WallTime kMorning = WallTime(hours(24 * 20'000 + 6));

Appointment meeting(minutes after, minutes lasts = minutes(60)) {
    Appointment one;
    one.start = kMorning + after;
    one.end = one.start + lasts;
    one.elsewhere = true;
    return one;
}

TEST(DepartureTest, LeavesForTheFirstAppointmentElsewhere) {
    Appointment call = meeting(minutes(60));
    call.elsewhere = false;
    Appointment holiday = meeting(minutes(0), minutes(24 * 60));
    holiday.all_day = true;
    Appointment declined = meeting(minutes(90));
    declined.counts = false;
    const std::vector<Appointment> day{meeting(minutes(300)), meeting(minutes(180)), call, holiday, declined};
    const auto departure = next_departure(day, {}, kMorning);
    ASSERT_TRUE(departure);
    EXPECT_EQ(departure->leaves, kMorning + minutes(150));
    EXPECT_EQ(departure->appointment, kMorning + minutes(180));
}

TEST(DepartureTest, TheEntryItselfMayKnowTheWay) {
    Appointment far = meeting(minutes(180));
    far.travel = minutes(90);
    EXPECT_EQ(next_departure({&far, 1}, {}, kMorning)->leaves, kMorning + minutes(85));
}

TEST(DepartureTest, FromOneAppointmentToTheNextNobodyLeavesHome) {
    const std::vector<Appointment> day{meeting(minutes(30)), meeting(minutes(120)), meeting(minutes(600))};
    const auto departure = next_departure(day, {}, kMorning + minutes(45));
    ASSERT_TRUE(departure);
    EXPECT_EQ(departure->appointment, kMorning + minutes(600)) << "home in between";
}

TEST(DepartureTest, WhoIsLateStillLeaves) {
    const Appointment soon = meeting(minutes(10));
    EXPECT_EQ(next_departure({&soon, 1}, {}, kMorning)->leaves, kMorning - minutes(20));
    EXPECT_FALSE(next_departure({&soon, 1}, {}, kMorning + minutes(10)));
}

TEST(DepartureTest, TomorrowEveningIsNotLookedAtYet) {
    const Appointment late = meeting(minutes(60 * 20));
    EXPECT_FALSE(next_departure({&late, 1}, {}, kMorning));
}

Proposal proposal(Motive motive, const std::string& step = "start") {
    Proposal one;
    one.agent = "precondition";
    one.capability = "cabin.precondition";
    one.entity = "cabin";
    one.motive = motive;
    one.step = step;
    one.causes = {{"departure", DeviceId(), kMorning, "{}", true}};
    return one;
}

TEST(ProposalTest, TheKeyIsThatOfTheFactsThatTrigger) {
    const Proposal first = proposal(Motive::Comfort);
    Proposal weighed = first;
    weighed.causes.push_back({"cabin", DeviceId(), kMorning + minutes(1), R"({"cabin_c":4})", false});
    EXPECT_EQ(key_of(first), key_of(weighed));
    Proposal moved = first;
    moved.causes[0].value_json = R"({"leaves":1})";
    EXPECT_NE(key_of(first), key_of(moved));
    Proposal again = first;
    again.causes[0].time += minutes(1);
    EXPECT_NE(key_of(first), key_of(again)) << "said anew after it was taken back";
    EXPECT_NE(key_of(first), key_of(proposal(Motive::Comfort, "stop")));
}

TEST(ArbitrationTest, SafetyThenTheWordThenComfortThenEnergy) {
    const std::vector<Proposal> all{proposal(Motive::Energy), proposal(Motive::Comfort),
                                    proposal(Motive::Safety)};
    const auto rulings = [&](std::size_t count, const Standing& standing) {
        std::vector<Ruling> out;
        for (const auto& one : arbitrate({all.data(), count}, standing, kMorning)) {
            out.push_back(one.ruling);
        }
        return out;
    };
    using R = Ruling;
    EXPECT_THAT(rulings(3, {}), testing::ElementsAre(R::Outranked, R::Outranked, R::Act));
    EXPECT_THAT(rulings(2, {}), testing::ElementsAre(R::Outranked, R::Act));
    Standing spoken;
    spoken.person_spoke = kMorning - minutes(59);
    EXPECT_THAT(rulings(2, spoken), testing::ElementsAre(R::WordStands, R::WordStands));
    EXPECT_THAT(rulings(3, spoken), testing::ElementsAre(R::WordStands, R::WordStands, R::Act));
    spoken.person_spoke = kMorning - minutes(60);
    EXPECT_THAT(rulings(2, spoken), testing::ElementsAre(R::Outranked, R::Act));
    Standing vetoed;
    vetoed.veto = Veto{"the car is moving"};
    EXPECT_THAT(rulings(2, vetoed), testing::ElementsAre(R::Vetoed, R::Vetoed));
}

TEST(ArbitrationTest, AStormEnds) {
    Standing busy;
    busy.acts_last_hour = kActsPerHourMax;
    const Proposal one = proposal(Motive::Comfort);
    EXPECT_EQ(arbitrate({&one, 1}, busy, kMorning)[0].ruling, Ruling::TooOften);
}

// A cabin of the simplest kind: one heat store.
struct PlainCabin {
    double c;
    double outside_c;

    void minute(double power) { c += (outside_c - c) / 40 + (power > 0 ? 1.2 * power : 0.9 * power); }
};

// Mornings that all go alike; returns how long the last one took.
double live_through(CabinModel& model, int mornings, double outside_c, int& lead) {
    double took = 0;
    WallTime now = kMorning;
    for (int i = 0; i < mornings; ++i) {
        now += hours(20);
        PlainCabin cabin{outside_c, outside_c};
        lead = static_cast<int>(model.lead(cabin.c, cabin.outside_c, 21).count());
        model.began(now, cabin.c, cabin.outside_c, 21);
        took = 0;
        for (int minute = 0; minute < 60; ++minute) {
            const double power = cabin.c < 20.9 ? 1 : 0;
            model.learn({now, std::round(cabin.c * 10) / 10, cabin.outside_c, power, false});
            took = took == 0 && cabin.c >= 20.5 ? minute : took;
            cabin.minute(power);
            now += minutes(1);
        }
    }
    return took;
}

TEST(CabinModelTest, LearnsHowLongItsCabinTakes) {
    CabinModel model;
    int lead = 0;
    const double took = live_through(model, 20, 2, lead);
    EXPECT_NEAR(lead, took, 3);
    EXPECT_GE(model.mornings(), 18U);
    EXPECT_NEAR(model.rate(2, 2, 1), 1.2, 0.15);
}

TEST(CabinModelTest, KnowsWhatItCannotDo) {
    const CabinModel model;
    EXPECT_EQ(model.lead(20.8, 5, 21), minutes(0));
    EXPECT_EQ(model.lead(-40, -40, 25), CabinModel::kLeadMax);
}

TEST(CabinModelTest, ReadingsThatMakeNoSenseChangeNothing) {
    CabinModel model;
    int lead = 0;
    live_through(model, 8, 2, lead);
    const std::string before = model.encode();
    const double nan = std::nan("");
    for (const double odd : {nan, 1e9, -300.0, std::numeric_limits<double>::infinity()}) {
        model.learn({kMorning + hours(9000), odd, 2, 1, false});
        model.learn({kMorning + hours(9000), 2, odd, 1, false});
        model.learn({kMorning + hours(9000), 2, 2, odd, false});
    }
    EXPECT_EQ(model.encode(), before);
}

TEST(CabinModelTest, SurvivesARestart) {
    CabinModel model;
    int lead = 0;
    live_through(model, 12, -3, lead);
    const auto back = CabinModel::decode(model.encode());
    ASSERT_TRUE(back);
    EXPECT_EQ(back->encode(), model.encode());
    EXPECT_EQ(back->mornings(), model.mornings());
    for (const char* broken : {"", "{}", "[]", R"({"version":1,"fits":[],"mornings":1})", R"({"version":2})",
                               R"({"version":1,"fits":"x"})"}) {
        EXPECT_EQ(CabinModel::decode(broken).error().code, ErrorCode::BadEncoding) << broken;
    }
}

const CabinBinding kCabin{"cabin", "cabin.precondition"};

CabinFacts told(minutes leaves_in) {
    CabinFacts facts;
    facts.leaves = kMorning + leaves_in;
    facts.told = Cause{"departure", DeviceId(), kMorning - hours(3), R"({"comfort_c":21})", true};
    facts.cabin_c = 2;
    facts.outside_c = 2;
    return facts;
}

TEST(PreconditionTest, StartsAtItsMinuteAndNotBefore) {
    const CabinModel model;
    const minutes lead = model.lead(2, 2, 21);
    ASSERT_GT(lead, minutes(5));
    EXPECT_FALSE(precondition(told(lead + minutes(1)), model, kCabin, kMorning).proposal);
    EXPECT_EQ(precondition(told(lead + minutes(1)), model, kCabin, kMorning).starts, kMorning + minutes(1));
    const auto plan = precondition(told(lead), model, kCabin, kMorning);
    ASSERT_TRUE(plan.proposal);
    EXPECT_EQ(plan.proposal->step, "start");
    EXPECT_EQ(plan.proposal->input_json, R"({"on":true,"target_c":21.0})");
    ASSERT_EQ(plan.proposal->causes.size(), 2U);
    EXPECT_FALSE(plan.proposal->causes[1].triggers);
}

TEST(PreconditionTest, StopsWhenTheMeetingMovesAwayOrIsCancelled) {
    const CabinModel model;
    CabinFacts facts = told(minutes(20));
    facts.on = true;
    facts.cabin_c = 15;
    EXPECT_FALSE(precondition(facts, model, kCabin, kMorning).proposal);
    facts.leaves = kMorning + hours(5);
    EXPECT_EQ(precondition(facts, model, kCabin, kMorning).proposal->step, "stop");
    facts.for_told = true;
    EXPECT_FALSE(precondition(facts, model, kCabin, kMorning).proposal)
        << "it did not move: it was too early";
    facts.leaves.reset();
    EXPECT_EQ(precondition(facts, model, kCabin, kMorning).proposal->input_json, R"({"on":false})");
    EXPECT_EQ(precondition(facts, model, kCabin, kMorning).proposal->motive, Motive::Energy);
}

TEST(PreconditionTest, KeepsWarmForWhoIsLateAndNotForever) {
    const CabinModel model;
    CabinFacts facts = told(minutes(-5));
    facts.on = true;
    facts.cabin_c = 21;
    EXPECT_FALSE(precondition(facts, model, kCabin, kMorning).proposal);
    facts.leaves = kMorning - kKeptFor - minutes(1);
    EXPECT_EQ(precondition(facts, model, kCabin, kMorning).proposal->step, "stop");
    facts.moving = true;
    EXPECT_FALSE(precondition(facts, model, kCabin, kMorning).proposal) << "somebody drives: it is theirs";
}

TEST(PreconditionTest, WithoutAThermometerTheUsualTimeHasToDo) {
    CabinFacts facts = told(minutes(21));
    facts.cabin_c.reset();
    EXPECT_FALSE(precondition(facts, CabinModel(), kCabin, kMorning).proposal);
    EXPECT_EQ(precondition(facts, CabinModel(), kCabin, kMorning).starts, kMorning + minutes(1));
    const auto plan = precondition(facts, CabinModel(), kCabin, kMorning + minutes(1));
    ASSERT_TRUE(plan.proposal);
    EXPECT_EQ(plan.proposal->causes.size(), 1U) << "nothing was weighed";
    facts.on = true;
    EXPECT_FALSE(precondition(facts, CabinModel(), kCabin, kMorning).proposal);
    facts.leaves = kMorning + hours(2);
    EXPECT_EQ(precondition(facts, CabinModel(), kCabin, kMorning).proposal->step, "stop");
}

TEST(PreconditionTest, BindsToWhateverActsForTheCabin) {
    EXPECT_THAT(cabin_inputs("switch.set", true, 21, true), ElementsAre(R"({"on":true})"));
    EXPECT_THAT(cabin_inputs("climate.set", false, 21, true), ElementsAre(R"({"mode":"off"})"));
    EXPECT_THAT(
        cabin_inputs("climate.set", true, 21, false),
        ElementsAre(R"({"mode":"heat_cool","temperature_c":21.0})", R"({"mode":"cool","temperature_c":21.0})",
                    R"({"mode":"auto","temperature_c":21.0})", R"({"temperature_c":21.0})"));
    EXPECT_THAT(cabin_inputs("button.press", true, 21, true), ElementsAre("{}"));
    EXPECT_TRUE(cabin_inputs("button.press", false, 21, true).empty());
    EXPECT_TRUE(cabin_inputs("light.set", true, 21, true).empty());
}

TEST(PreconditionTest, AButtonIsPressedForOneDepartureAndForTheNext) {
    const CabinBinding button{"cabin", "button.press"};
    CabinFacts facts = told(minutes(20));
    facts.cabin_c.reset();
    ASSERT_TRUE(precondition(facts, CabinModel(), button, kMorning).proposal);
    EXPECT_EQ(precondition(facts, CabinModel(), button, kMorning).proposal->input_json, "{}");
    facts.pressed = kMorning - minutes(1);
    EXPECT_FALSE(precondition(facts, CabinModel(), button, kMorning).proposal);
    facts.leaves = kMorning + minutes(59);
    EXPECT_FALSE(precondition(facts, CabinModel(), button, kMorning + minutes(45)).proposal)
        << "a little later";
    facts.leaves = kMorning + hours(3);
    EXPECT_FALSE(precondition(facts, CabinModel(), button, kMorning + minutes(45)).proposal)
        << "no need to stop";
    EXPECT_TRUE(precondition(facts, CabinModel(), button, kMorning + minutes(161)).proposal);
    facts.pressed.reset();
    EXPECT_FALSE(precondition(facts, CabinModel(), button, kMorning + hours(3)).proposal) << "they leave now";
    facts.leaves.reset();
    EXPECT_FALSE(precondition(facts, CabinModel(), button, kMorning).proposal);
}

TEST(PreconditionTest, ABatteryThatIsLowIsForDriving) {
    CabinFacts facts = told(minutes(5));
    facts.charge_pct = 12;
    EXPECT_TRUE(cabin_veto(facts));
    facts.plugged = true;
    EXPECT_FALSE(cabin_veto(facts));
}

}  // namespace
}  // namespace ambit::agents
