#include "node/bedroom_room.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "node/car_testing.h"
#include "node/undoing.h"
#include "node/why_agents.h"

namespace ambit::node {
namespace {

using std::chrono::minutes;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr privacy::Here kHere{"test"};
const std::string kLamp = std::string(MadeUpCabin::kSource) + "/lamp";
const std::string kHeating = std::string(MadeUpCabin::kSource) + "/heating";

// The device called "car" stands for the home's own here: it acts for a lamp and the heating of the bedroom.
class BedroomRoomTest : public testing::Test, public CarAlone {
  protected:
    void SetUp() override {
        node_->on_entity(
            {kLamp, MadeUpCabin::kSource, "Bedside Lamp", "Bedroom", "light", {}, {"light.set"}});
        node_->on_entity({MadeUpCabin::kSource + std::string("/ceiling"),
                          MadeUpCabin::kSource,
                          "Ceiling",
                          "Hall",
                          "light",
                          {},
                          {"light.set"}});
        lamp(R"({"on":true,"brightness_pct":100})");
        open("bedroom");
    }

    void open(const std::string& area) {
        room.reset();
        acts = std::make_unique<AgentActs>(*node_);
        room = std::make_unique<BedroomRoom>(*node_, *acts, area, agents::RoomWishes{});
        tick();
    }

    void lamp(const std::string& json) { node_->on_state(kLamp, json, true); }

    void heat() {
        node_->on_entity(
            {kHeating, MadeUpCabin::kSource, "Heating", "Bedroom", "climate", {}, {"climate.set"}});
        node_->on_state(kHeating, R"({"mode":"heat","temperature_c":20})", true);
        tick();
    }

    // Lets what is wanted be done; the lamp then says that it was.
    void tick() {
        room->tick(now_);
        for (std::string& input : done()) {
            if (input.find("temperature_c") == std::string::npos) {
                lamp(input);
            }
            inputs.push_back(std::move(input));
            room->tick(now_);
        }
    }

    void pass(seconds time) {
        for (; time > seconds(0); time -= BedroomRoom::kEvery) {
            CarAlone::pass(BedroomRoom::kEvery);
            tick();
        }
    }

    std::vector<std::string> asked() { return std::exchange(inputs, {}); }

    // What a rule of `whose` lets out on `source`.
    void tell(const std::string& json,
              std::optional<privacy::NamedAudience> audience = std::nullopt,
              std::optional<PersonId> whose = std::nullopt) {
        CarAlone::pass(seconds(1));
        Parts& parts = node_->parts();
        facts::Fleeting at_phone(phone_);
        at_phone.set_roster(parts.roster);
        const facts::Key key{audience.value_or(privacy::ThisDevice{parts.self}),
                             "person:" + whose.value_or(anna_).hex(), "body_state"};
        ASSERT_TRUE(at_phone.put(key, facts::Json{json}, now_.wall, minutes(30), now_));
        for (const auto& body : at_phone.messages_for(parts.self, false, now_)) {
            const auto heard = parts.fleeting.on_message(phone_, body.read(kHere), now_);
            ASSERT_TRUE(heard);
            for (const auto& fact : *heard) {
                room->on_fact(fact, false);
            }
        }
        tick();
    }

    void say_at_home(const std::string& input) {
        const privacy::Label label{privacy::Audience(privacy::Household{}), privacy::Trust::Trusted};
        node_->actions().invoke({.id = random_.id<RequestId>(),
                                 .capability = "light.set",
                                 .entity = kLamp,
                                 .input = {to_bytes(input), label},
                                 .person = node_->parts().person(),
                                 .deadline = now_.mono + seconds(5),
                                 .command = true},
                                {}, {}, now_);
        done();
        lamp(input);
        tick();
    }

    nlohmann::json last_action() {
        const auto fact = node_->parts().facts.get(
            {privacy::Household{}, entity_subject(kLamp), std::string(kLastActionAttribute)});
        return nlohmann::json::parse(fact ? std::get<facts::Json>(fact->read(kHere).value).text : "null");
    }

    std::string why_not() {
        const auto why = explain_not(
            node_->parts(), "bedside", [](const auto&) { return true; }, now_);
        std::string all;
        for (std::size_t i = 0; why && i < why->chain.size(); ++i) {
            all += why->chain[i].what + "|";
        }
        return all;
    }

    std::unique_ptr<AgentActs> acts;
    std::unique_ptr<BedroomRoom> room;
    std::vector<std::string> inputs;
};

TEST_F(BedroomRoomTest, WhoFallsAsleepHasTheLightGoDown) {
    tell(R"({"state":"resting"})");
    EXPECT_THAT(asked(), IsEmpty());
    tell(R"({"state":"asleep"})");
    EXPECT_THAT(asked(), ElementsAre(R"({"brightness_pct":70,"on":true})")) << "at once, and the hall not";
    EXPECT_LE(room->next_deadline(), now_.mono + BedroomRoom::kEvery);
    pass(minutes(5));
    EXPECT_THAT(asked(),
                ElementsAre(R"({"brightness_pct":45,"on":true})", R"({"brightness_pct":25,"on":true})",
                            R"({"brightness_pct":10,"on":true})", R"({"on":false})"));
    EXPECT_EQ(last_action()["before"], nlohmann::json({{"on", true}, {"brightness_pct", 100}}))
        << "taken back, it is as it was before all of that";
    EXPECT_FALSE(last_action().dump().find("asleep") != std::string::npos)
        << "why is not for the whole household";
    tell(R"({"state":"active"})");
    EXPECT_THAT(asked(), ElementsAre(R"({"brightness_pct":10,"on":true})"));
}

TEST_F(BedroomRoomTest, APersonsWordWinsForAnHour) {
    tell(R"({"state":"asleep"})");
    asked();
    say_at_home(R"({"brightness_pct":80,"on":true})");
    pass(minutes(20));
    EXPECT_THAT(asked(), IsEmpty());
    EXPECT_THAT(why_not(), HasSubstr("somebody said otherwise"));
    tell(R"({"state":"asleep"})");
    pass(minutes(25));
    tell(R"({"state":"asleep"})");
    pass(minutes(16));
    EXPECT_THAT(asked(), ElementsAre(R"({"on":false})")) << "then it follows again";
}

TEST_F(BedroomRoomTest, TheHeatingGoesDownSlowly) {
    heat();
    lamp(R"({"on":false})");
    tell(R"({"state":"asleep"})");
    EXPECT_THAT(asked(), ElementsAre(R"({"temperature_c":19.5})"));
    node_->on_state(kHeating, R"({"mode":"heat","temperature_c":19.5})", true);
    pass(minutes(9));
    EXPECT_THAT(asked(), IsEmpty());
    pass(minutes(2));
    EXPECT_THAT(asked(), ElementsAre(R"({"temperature_c":19.0})"));
}

TEST_F(BedroomRoomTest, BelievesOnlyThePersonsOwnDevicesAndWhatIsForTheHome) {
    tell(R"({"state":"asleep"})", std::nullopt, random_.id<PersonId>());
    EXPECT_THAT(asked(), IsEmpty()) << "somebody else's sleep";
    for (const char* nonsense :
         {"[]", "{}", R"({"state":5})", R"({"state":"dancing"})", R"({"state":"unknown"})"}) {
        tell(nonsense);
        EXPECT_THAT(asked(), IsEmpty()) << nonsense;
    }
    EXPECT_THAT(why_not(), HasSubstr("is not known"));
    tell(R"({"state":"asleep"})", privacy::Household{});
    EXPECT_THAT(asked(), Not(IsEmpty()));
    EXPECT_NE(last_action().dump().find("asleep"), std::string::npos) << "that was told to all";
}

TEST_F(BedroomRoomTest, WhatIsNotSaidAgainIsOver) {
    lamp(R"({"on":false})");
    tell(R"({"state":"asleep"})");
    pass(minutes(31));
    lamp(R"({"brightness_pct":100,"on":true})");
    pass(minutes(5));
    EXPECT_THAT(asked(), IsEmpty());
    EXPECT_THAT(why_not(), HasSubstr("nobody lets this room know how they are"));
}

TEST_F(BedroomRoomTest, WhatIsTakenBackIsOverAtOnce) {
    tell(R"({"state":"asleep"})");
    asked();
    tell("{}");
    pass(minutes(5));
    EXPECT_THAT(asked(), IsEmpty());
}

TEST_F(BedroomRoomTest, TellsWhyToThoseWhoMayKnow) {
    tell(R"({"state":"asleep"})");
    const auto why = explain(node_->parts(), "bedside lamp", [](const auto&) { return true; });
    ASSERT_TRUE(why);
    ASSERT_EQ(why->chain.size(), 2U);
    EXPECT_EQ(why->chain[0].rule, "agent bedroom");
    EXPECT_EQ(why->chain[1].what, "Anna is asleep");
    EXPECT_THAT(why->withheld, ElementsAre(HasSubstr("Heartbeats")));
    const auto others = explain(node_->parts(), "bedside lamp", [](const privacy::Label& label) {
        return label.audience == privacy::Audience(privacy::Household{});
    });
    ASSERT_TRUE(others);
    EXPECT_EQ(others->chain[1].what, "how Anna is");
}

TEST_F(BedroomRoomTest, AWordStandsAfterARestartAndWhatWasDoneCanBeTakenBack) {
    tell(R"({"state":"asleep"})");
    asked();
    const auto back = undo_input("light.set", last_action()["input"].dump(), last_action()["before"].dump());
    ASSERT_TRUE(back) << back.error().message();
    EXPECT_EQ(*back, R"({"brightness_pct":100,"on":true})");
    say_at_home(*back);
    storage_.settle();
    room.reset();
    start(false);
    SetUp();
    tell(R"({"state":"asleep"})");
    pass(minutes(20));
    EXPECT_THAT(asked(), IsEmpty()) << "although it begins anew to count the minutes of sleep";
    EXPECT_THAT(why_not(), HasSubstr("somebody said otherwise"));
}

TEST_F(BedroomRoomTest, AFlutteringWatchMakesNoFlutteringRoom) {
    std::size_t acts_in_all = 0;
    for (int i = 0; i < 3600; ++i) {
        tell(i % 2 == 0 ? R"({"state":"asleep"})" : R"({"state":"active"})");
        lamp(R"({"on":true,"brightness_pct":100})");  // somebody's hand at the switch, each time
        acts_in_all += asked().size();
    }
    EXPECT_LE(acts_in_all, agents::kActsPerHourMax + 1) << "in an hour";
}

TEST_F(BedroomRoomTest, AfterARestartNothingIsDoneTwice) {
    tell(R"({"state":"asleep"})");
    asked();
    open("Bedroom");
    pass(seconds(30));
    EXPECT_THAT(asked(), IsEmpty());
    pass(minutes(1));
    EXPECT_THAT(asked(), ElementsAre(R"({"brightness_pct":45,"on":true})"));
}

TEST_F(BedroomRoomTest, ARoomWithoutAnythingIsAMistake) {
    open("Cellar");
    const auto& health = node_->parts().health.items();
    EXPECT_FALSE(health.contains("bedroom") && !health.at("bedroom").ok) << "things may still come";
    pass(minutes(3));
    ASSERT_TRUE(health.contains("bedroom"));
    EXPECT_EQ(health.at("bedroom").error.code, ErrorCode::NoSuchThing);
    open("Bedroom");
    EXPECT_TRUE(health.at("bedroom").ok);
}

}  // namespace
}  // namespace ambit::node
