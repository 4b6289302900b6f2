#include "node/dashboard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "node/car_testing.h"

namespace ambit::node {
namespace {

using capability::Shown;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr const char* kThing = "thing_cabin_made_up_1";

// Keeps what it is told, as another system would.
struct Wall final : capability::Screen {
    std::map<std::string, Shown> shown;
    std::size_t told = 0;
    std::vector<std::string> hidden;

    privacy::Service service() const override { return {MadeUpCabin::kSource, privacy::Household{}}; }

    void show(const std::string& shown_json) override {
        ++told;
        auto one = capability::decode_shown(shown_json);
        ASSERT_TRUE(one) << shown_json;
        shown[one->id] = *one;
    }

    void hide(const std::string& id) override {
        hidden.push_back(id);
        shown.erase(id);
    }
};

class DashboardTest : public testing::Test, public CarAlone {
  protected:
    void SetUp() override {
        open();
        state(4.0, -2.0, false, R"(,"target_c":21)");
        tick();
    }

    void open() {
        dashboard = std::make_unique<Dashboard>(*node_);
        dashboard->set_screen(&wall);
        dashboard->on_screen_ready();
        tick();
    }

    void tick() {
        pass(seconds(1));
        storage_.settle();
        node_->settle();
        dashboard->tick(now_);
        storage_.settle();
        node_->settle();
    }

    nlohmann::json shown(const std::string& id) const {
        const auto at = wall.shown.find(id);
        return at == wall.shown.end() ? nlohmann::json() : nlohmann::json::parse(at->second.state_json);
    }

    std::string person_id(const char* what) const {
        return "person_" + anna_.hex().substr(0, 12) + "_" + what;
    }

    std::string device_id(const DeviceId& id, const char* what) const {
        return "device_" + id.hex().substr(0, 12) + "_" + what;
    }

    // What `source` tells about Anna.
    void tell(const char* attribute,
              const std::string& json,
              const privacy::NamedAudience& audience,
              std::optional<DeviceId> source = std::nullopt,
              milliseconds life = std::chrono::minutes(30)) {
        pass(seconds(1));
        Parts& parts = node_->parts();
        facts::Fleeting there(source.value_or(phone_));
        there.set_roster(parts.roster);
        ASSERT_TRUE(there.put({audience, "person:" + anna_.hex(), attribute}, facts::Json{json}, now_.wall,
                              life, now_));
        for (const auto& body : there.messages_for(parts.self, false, now_)) {
            const auto heard = parts.fleeting.on_message(source.value_or(phone_), body.read(kHere), now_);
            ASSERT_TRUE(heard);
            for (const auto& fact : *heard) {
                dashboard->on_fact(fact, false);
            }
        }
        tick();
    }

    static constexpr privacy::Here kHere{"test"};
    Wall wall;
    std::unique_ptr<Dashboard> dashboard;
};

TEST_F(DashboardTest, ShowsDevicesAndTheCabin) {
    EXPECT_EQ(shown(device_id(node_->parts().self, "connected"))["on"], true);
    EXPECT_EQ(shown(device_id(phone_, "connected"))["on"], false);
    EXPECT_EQ(wall.shown.at(device_id(phone_, "connected")).of.name, "phone");
    EXPECT_EQ(shown(kThing),
              nlohmann::json({{"on", false}, {"temperature_c", 21}, {"current_temperature_c", 4.0}}));
    EXPECT_EQ(wall.shown.at(kThing).of.name, "car");
    EXPECT_TRUE(wall.shown.at(kThing).available);
    EXPECT_EQ(shown("last_action"), nlohmann::json::object());
    EXPECT_FALSE(wall.shown.at("undo").available) << "nothing was done yet";
}

TEST_F(DashboardTest, WhatDoesNotChangeIsNotToldAgain) {
    const std::size_t told = wall.told;
    tick();
    dashboard->on_peer(phone_, false);
    tick();
    EXPECT_EQ(wall.told, told);
    state(5.0, -2.0, false, R"(,"target_c":21)");
    tick();
    EXPECT_EQ(wall.told, told + 1);
    dashboard->on_screen_ready();
    tick();
    EXPECT_GT(wall.told, told + 2) << "a screen that is new gets everything";
}

TEST_F(DashboardTest, TellsSeldomHoweverFastThingsChange) {
    const std::size_t told = wall.told;
    for (int i = 0; i < 100; ++i) {
        state(4.1 + i / 100.0, -2.0, false);
        now_.mono += milliseconds(1);
        dashboard->tick(now_);
        storage_.settle();
        node_->settle();
    }
    EXPECT_LE(wall.told, told + 1);
    tick();
    EXPECT_NEAR(shown(kThing)["current_temperature_c"].get<double>(), 5.09, 0.001)
        << "and ends with the last";
}

TEST_F(DashboardTest, ShowsWhatAPersonLetsTheHouseholdKnowAndNothingElse) {
    tell("sleep_state", R"({"state":"asleep"})", privacy::Household{});
    EXPECT_EQ(shown(person_id("sleep_state"))["value"], "asleep");
    EXPECT_EQ(wall.shown.at(person_id("sleep_state")).name, "Anna sleep state");
    tell("body_state", R"({"state":"active"})", privacy::ThisDevice{node_->parts().self});
    EXPECT_FALSE(wall.shown.contains(person_id("body_state"))) << "that was for the car alone";
    for (const auto& [id, one] : wall.shown) {
        EXPECT_THAT(one.state_json, Not(HasSubstr("active"))) << id;
    }
}

TEST_F(DashboardTest, NobodySpeaksForSomebodyElse) {
    // The car is nobody's.
    const facts::Key key{privacy::Household{}, "person:" + anna_.hex(), "sleep_state"};
    ASSERT_TRUE(
        node_->put_fleeting(key, facts::Json{R"({"state":"asleep"})"}, now_.wall, std::chrono::minutes(1)));
    dashboard->on_peer(phone_, false);
    tick();
    EXPECT_FALSE(wall.shown.contains(person_id("sleep_state")));
}

TEST_F(DashboardTest, WhatIsNotKnownAnyMoreStaysAsUnknown) {
    tell("sleep_state", R"({"state":"asleep"})", privacy::Household{}, std::nullopt, seconds(5));
    pass(seconds(120));
    node_->tick();
    tick();
    EXPECT_EQ(shown(person_id("sleep_state")), nlohmann::json::object());
    EXPECT_THAT(wall.hidden, IsEmpty()) << "or who gave it a place on a dashboard would lose that";
}

TEST_F(DashboardTest, AfterARestartWhatWasShownOfAPersonStays) {
    EXPECT_TRUE(dashboard->on_screen_left(person_id("departure")));
    tick();
    EXPECT_EQ(wall.shown.at(person_id("departure")).device_class, "timestamp");
    EXPECT_TRUE(dashboard->on_screen_left(device_id(watch_, "battery")));
    EXPECT_FALSE(dashboard->on_screen_left("person_00000000aaaa_departure")) << "nobody of this household";
    EXPECT_FALSE(dashboard->on_screen_left("thing_old_cabin"));
}

TEST_F(DashboardTest, ADepartureIsATime) {
    tell("departure", R"({"leaves":1800003600000,"comfort_c":21})", privacy::Household{});
    EXPECT_EQ(shown(person_id("departure"))["value"], "2027-01-15T09:00:00.000Z");
    tell("departure", R"({"leaves":0,"comfort_c":21})", privacy::Household{});
    EXPECT_EQ(shown(person_id("departure")), nlohmann::json::object());
}

TEST_F(DashboardTest, ACommandFromADashboardIsTheHouseholds) {
    dashboard->on_screen_asked(kThing, R"({"temperature_c":22.5})");
    EXPECT_THAT(done(), ElementsAre(R"({"on":true,"target_c":22.5})"));
    tick();
    EXPECT_THAT(shown("last_action")["value"].get<std::string>(), HasSubstr("Cabin"));
    EXPECT_TRUE(wall.shown.at("undo").available);
    const auto asked = node_->parts().facts.query(
        {.audience = privacy::Household{}, .subject_prefix = "request:", .attribute = "asked"});
    ASSERT_THAT(asked, SizeIs(1));
    EXPECT_THAT(std::get<facts::Json>(asked[0].read(kHere).value).text, HasSubstr("dashboard"));
}

TEST_F(DashboardTest, UndoTakesBackWhatIsShown) {
    dashboard->on_screen_asked(kThing, R"({"on":true})");
    done();
    tick();
    dashboard->on_screen_asked("undo", "{}");
    EXPECT_THAT(done(), ElementsAre(R"({"on":false})"));
}

TEST_F(DashboardTest, APressThatDoesNothingSaysWhy) {
    dashboard->on_screen_asked("undo", "{}");
    tick();
    EXPECT_THAT(shown("last_action")["value"].get<std::string>(), HasSubstr("taken back"));
    dashboard->on_screen_asked(kThing, R"({"on":true})");
    done();
    tick();
    EXPECT_THAT(shown("last_action")["value"].get<std::string>(), HasSubstr("Cabin"));
}

TEST_F(DashboardTest, AStormOfPressesIsBounded) {
    for (int i = 0; i < 1000; ++i) {
        dashboard->on_screen_asked(kThing, R"({"on":true})");
    }
    EXPECT_LE(done().size(), Dashboard::kUnderWayMax);
    dashboard->on_screen_asked("nobody", "{}");
    dashboard->on_screen_asked(kThing, "not json");
    EXPECT_LE(done().size(), 1U);
}

TEST_F(DashboardTest, AScreenMayLeaveMeanwhile) {
    state(9.0, -2.0, true);
    pass(seconds(1));
    dashboard->tick(now_);
    dashboard->set_screen(nullptr);
    storage_.settle();
    node_->settle();
    dashboard->on_screen_asked(kThing, R"({"on":true})");
    dashboard.reset();
    done();
}

}  // namespace
}  // namespace ambit::node
