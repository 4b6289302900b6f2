#include "node/agent_acts.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "node/car_testing.h"
#include "node/why_agents.h"

namespace ambit::node {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class AgentActsTest : public testing::Test, public CarAlone {
  protected:
    void SetUp() override {
        told.attribute = "departure";
        told.told_by = phone_;
        told.time = now_.wall;
        told.value_json = R"({"leaves":1800003600000,"comfort_c":21})";
        state(4, 4, false);
    }

    agents::Proposal proposal(const std::string& step) const {
        return {.agent = "precondition",
                .capability = "cabin.precondition",
                .entity = MadeUpCabin::kId,
                .input_json = step == "start" ? R"({"on":true,"target_c":21.0})" : R"({"on":false})",
                .motive = agents::Motive::Comfort,
                .step = step,
                .causes = {told}};
    }

    std::vector<std::string> propose(const std::string& step,
                                     const std::optional<agents::Veto>& veto = std::nullopt) {
        acts.propose({proposal(step)}, veto, to_car);
        return done();
    }

    std::string last_action() {
        constexpr privacy::Here here{"test"};
        const auto fact = node_->parts().facts.get(
            {privacy::Household{}, entity_subject(MadeUpCabin::kId), std::string(kLastActionAttribute)});
        return fact ? std::get<facts::Json>(fact->read(here).value).text : "";
    }

    AgentActs acts{*node_};
    agents::Cause told;
    privacy::NamedAudience to_car = privacy::ThisDevice{node_->parts().self};
};

TEST_F(AgentActsTest, DoesOnceWhatIsProposedTwice) {
    EXPECT_THAT(propose("start"), ElementsAre(R"({"on":true,"target_c":21.0})"));
    EXPECT_THAT(propose("start"), IsEmpty());
    EXPECT_EQ(acts.last_step(MadeUpCabin::kId, "precondition"), "start");
    AgentActs after_restart(*node_);
    after_restart.propose({proposal("start")}, std::nullopt, to_car);
    EXPECT_THAT(done(), IsEmpty()) << "the journal knows it";
    EXPECT_THAT(propose("stop"), ElementsAre(R"({"on":false})"));
}

TEST_F(AgentActsTest, WritesItsReasonsWithoutWhatOnlyTheCarMayKnow) {
    propose("start");
    EXPECT_THAT(last_action(), HasSubstr(R"("agent":"precondition")"));
    EXPECT_THAT(last_action(), HasSubstr(phone_.hex()));
    EXPECT_THAT(last_action(), Not(HasSubstr("1800003600000")));
    told.time += seconds(1);
    acts.propose({proposal("stop")}, std::nullopt, privacy::Household{});
    done();
    EXPECT_THAT(last_action(), HasSubstr("1800003600000")) << "that was told to the whole household";
}

TEST_F(AgentActsTest, WhatAnotherDeviceWritesOddlyIsNobodysActAndNoState) {
    for (const char* odd : {"[]", "7", "{\"agent\":7}", "{\"agent\":\"precondition\",\"step\":{}}",
                            "{\"state\":{},\"available\":\"yes\"}"}) {
        facts::Draft draft;
        draft.key = {privacy::Household{}, entity_subject(MadeUpCabin::kId),
                     std::string(kLastActionAttribute)};
        draft.value = facts::Json{odd};
        draft.time = now_.wall;
        ASSERT_TRUE(node_->parts().facts.put(draft, now_));
        storage_.settle();
        EXPECT_EQ(acts.last_step(MadeUpCabin::kId, "precondition").value_or(""), "") << odd;
        pass(seconds(1));
        ASSERT_TRUE(node_->put_fleeting({privacy::Household{}, entity_subject(MadeUpCabin::kId), "state"},
                                        facts::Json{odd}, now_.wall, std::chrono::minutes(1)));
        const auto state = node_->home().state(MadeUpCabin::kId, now_);
        EXPECT_FALSE(state && state->available) << odd;
        (void)explain_not(
            node_->parts(), "", [](const privacy::Label&) { return true; }, now_);
    }
}

TEST_F(AgentActsTest, APersonsWordStandsForAnHour) {
    command(R"({"on":false})");
    EXPECT_THAT(propose("start"), IsEmpty());
    const auto held = nlohmann::json::parse(held_for(to_car));
    EXPECT_EQ(held["why"], "somebody said otherwise less than an hour ago");
    EXPECT_EQ(held["because"][0]["value"]["comfort_c"], 21);
    EXPECT_EQ(held_for(privacy::ThisDevice{phone_}), held_for(to_car)) << "whoever told it may know";
    EXPECT_EQ(held_for(privacy::Household{}), "") << "and nobody else";
    pass(std::chrono::hours(1) + seconds(1));
    EXPECT_THAT(propose("start"), ElementsAre(R"({"on":true,"target_c":21.0})"));
    EXPECT_EQ(nlohmann::json::parse(held_for(to_car))["why"], "");
}

TEST_F(AgentActsTest, APersonsWordStandsWhileItIsBeingDone) {
    propose("start");
    begin_command(R"({"on":false})");
    storage_.settle();
    state(4, 4, false);  // it is off, and no fact says by whom
    EXPECT_EQ(acts.last_step(MadeUpCabin::kId, "precondition"), std::nullopt);
    told.time += seconds(1);  // said again, so that its key is another
    EXPECT_THAT(propose("start"), ElementsAre(R"({"on":false})"));
    EXPECT_THAT(held_for(to_car), HasSubstr("somebody said otherwise"));
}

TEST_F(AgentActsTest, WhyNotIsAboutTheThingThatTheWordsFitBest) {
    Held held{
        .entity = "made-up/window-lamp", .agent = "a", .capability = "c", .step = "dim", .why = "it is day"};
    acts.hold_back(held, privacy::Household{});
    pass(seconds(1));
    held.entity = "made-up/bedside-lamp";
    held.why = "it is dim enough";
    acts.hold_back(held, privacy::Household{});
    const auto said = [&](const std::string& words) {
        const auto why = explain_not(
            node_->parts(), words, [](const privacy::Label&) { return true; }, now_);
        return why ? why->chain.at(1).what : why.error().message();
    };
    EXPECT_EQ(said("the window lamp"), "it is day");
    EXPECT_EQ(said("the lamp"), "it is dim enough") << "of several, the last";
}

TEST_F(AgentActsTest, OfSeveralReasonsEachTellerLearnsItsOwn) {
    const DeviceId other = random_.id<DeviceId>();
    Held held{.entity = MadeUpCabin::kId, .agent = "a", .capability = "c", .step = "start", .why = "so"};
    held.causes = {told, told};
    held.causes[1].told_by = other;
    held.causes[1].value_json = R"({"leaves":5})";
    acts.hold_back(held, to_car);
    const auto here = nlohmann::json::parse(held_for(to_car));
    EXPECT_EQ(here["because"][1]["value"]["leaves"], 5);
    const auto there = nlohmann::json::parse(held_for(privacy::ThisDevice{phone_}));
    EXPECT_TRUE(there["because"][0].contains("value"));
    EXPECT_FALSE(there["because"][1].contains("value"));
    EXPECT_EQ(nlohmann::json::parse(held_for(privacy::ThisDevice{watch_})), there) << "hers, too";
    held.why.clear();
    acts.hold_back(held, to_car);
    EXPECT_EQ(nlohmann::json::parse(held_for(privacy::ThisDevice{phone_}))["why"], "");
}

TEST_F(AgentActsTest, AVetoHoldsItBack) {
    EXPECT_THAT(propose("start", agents::Veto{"the car is moving"}), IsEmpty());
    EXPECT_THAT(held_for(to_car), HasSubstr("the car is moving"));
    EXPECT_THAT(propose("start"), Not(IsEmpty()));
}

TEST_F(AgentActsTest, TriesAgainLaterWhatDidNotWorkAndNotForEver) {
    cabin_.works = false;
    std::size_t tries = 0;
    for (int minute = 0; minute < 120; ++minute) {
        tries += propose("start").size();
        pass(seconds(60));
    }
    EXPECT_EQ(tries, AgentActs::kTriesMax);
    const auto& health = node_->parts().health.items();
    ASSERT_TRUE(health.contains("agent.precondition"));
    EXPECT_FALSE(health.at("agent.precondition").ok);
}

TEST_F(AgentActsTest, WorksAtTheSecondTry) {
    cabin_.works = false;
    EXPECT_THAT(propose("start"), Not(IsEmpty()));
    cabin_.works = true;
    pass(seconds(60));
    EXPECT_THAT(propose("start"), IsEmpty());
    pass(AgentActs::kAgain);
    EXPECT_THAT(propose("start"), Not(IsEmpty()));
    EXPECT_EQ(acts.last_step(MadeUpCabin::kId, "precondition"), "start");
    EXPECT_TRUE(node_->parts().health.items().at("agent.precondition").ok);
}

TEST_F(AgentActsTest, ARestartDoesNotMakeRoomForMoreWithinAnHour) {
    for (std::size_t i = 0; i < agents::kActsPerHourMax; ++i) {
        EXPECT_THAT(propose("step " + std::to_string(i)), Not(IsEmpty()));
        pass(seconds(60));
    }
    EXPECT_THAT(propose("one more"), IsEmpty());
    storage_.settle();
    start(false);
    AgentActs again(*node_);
    again.propose({proposal("after the restart")}, std::nullopt, to_car);
    EXPECT_THAT(done(), IsEmpty());
    EXPECT_THAT(held_for(to_car), HasSubstr("20 times within an hour"));
    pass(seconds(3600 - 20 * 60));
    again.propose({proposal("an hour after the first")}, std::nullopt, to_car);
    EXPECT_THAT(done(), Not(IsEmpty()));
    again.propose({proposal("but not after the second")}, std::nullopt, to_car);
    EXPECT_THAT(done(), IsEmpty());
}

TEST_F(AgentActsTest, ActsOnlyWhereItActsForTheThing) {
    EXPECT_TRUE(acts.acts_for(MadeUpCabin::kId));
    EXPECT_FALSE(acts.acts_for("mqtt:home/lamp"));
    node_->on_available(MadeUpCabin::kSource, false);
    EXPECT_FALSE(acts.acts_for(MadeUpCabin::kId));
    EXPECT_THAT(propose("start"), IsEmpty());
}

}  // namespace
}  // namespace ambit::node
