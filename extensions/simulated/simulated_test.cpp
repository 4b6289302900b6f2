#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulated/cabin.h"
#include "simulated/heart_rate.h"

namespace ambit::simulated {
namespace {

class Told final : public capability::ProviderEvents {
  public:
    void on_entity(const capability::Entity& entity) override { entities.push_back(entity); }

    void on_entity_gone(const std::string& /*entity_id*/) override {}

    void on_state(const std::string& entity_id, const std::string& json, bool /*available*/) override {
        states.push_back(entity_id);
        last_state = json;
    }

    void on_result(const capability::InvocationResult& /*result*/) override {}

    void on_available(const std::string& /*source*/, bool /*available*/) override {}

    void on_health(const capability::HealthItem& /*item*/) override {}

    std::vector<capability::Entity> entities;
    std::vector<std::string> states;
    std::string last_state;
};

TEST(SimulatedHeartRateTest, SaysInItsNameThatItIsSimulated) {
    Told told;
    SimulatedHeartRate sensor(PersonId(), DeviceId(), told, [](const std::string& /*json*/) {});
    sensor.start();
    ASSERT_EQ(told.entities.size(), 1U);
    EXPECT_THAT(told.entities[0].name, testing::HasSubstr("simulated"));
    EXPECT_THAT(told.entities[0].capabilities, testing::ElementsAre("health.heart_rate.read"));
}

TEST(SimulatedHeartRateTest, ReadsAtItsPaceAndOnlyThroughItsCallback) {
    Told told;
    std::vector<std::string> readings;
    SimulatedHeartRate sensor(PersonId(), DeviceId(), told,
                              [&](const std::string& json) { readings.push_back(json); });
    MonoTime now{seconds(1000)};
    sensor.tick(now);
    sensor.tick(now);
    EXPECT_THAT(readings, testing::ElementsAre(testing::HasSubstr("\"beats_per_min\":50")));
    sensor.tick(now + SimulatedHeartRate::kWave / 2);
    EXPECT_THAT(readings.back(), testing::HasSubstr("\"beats_per_min\":95"));
    EXPECT_TRUE(told.states.empty()) << "a state would be for the whole household";
}

TEST(SimulatedHeartRateTest, OnlyTheWearerIsItsAudience) {
    Told told;
    const PersonId wearer(std::array<std::uint8_t, 16>{7});
    const SimulatedHeartRate sensor(wearer, DeviceId(), told, [](const std::string& /*json*/) {});
    EXPECT_EQ(sensor.service().audience, privacy::Audience(privacy::OnePerson{wearer}));
}

TEST(CabinPhysicsTest, WarmsCoolsAndCostsEnergy) {
    CabinPhysics cabin({}, 0);
    cabin.step(std::chrono::minutes(30), 0, 0, 1);
    EXPECT_GT(cabin.air_c(), 20);
    EXPECT_NEAR(cabin.energy_j(), 5000.0 * 30 * 60, 1);
    cabin.step(std::chrono::minutes(60), 0, 0, 0);
    cabin.step(std::chrono::minutes(60), 0, 0, 0);
    EXPECT_LT(cabin.air_c(), 10);
    EXPECT_GT(cabin.air_c(), 0);
    CabinPhysics parked({}, 10);
    for (int hour = 0; hour < 4; ++hour) {
        parked.step(std::chrono::minutes(60), 10, 500, 0);
    }
    EXPECT_GT(parked.air_c(), 15) << "the sun shines in";
}

TEST(CabinPhysicsTest, TheThermostatKeepsUpHoweverMuchTimePassesAtOnce) {
    CabinPhysics at_once({}, 4);
    at_once.keep(std::chrono::minutes(40), 4, true, 21);
    EXPECT_NEAR(at_once.air_c(), 21, 0.5);
    CabinPhysics bit_by_bit({}, 4);
    for (int i = 0; i < 40 * 60 / 5; ++i) {
        bit_by_bit.keep(seconds(5), 4, true, 21);
    }
    EXPECT_NEAR(at_once.air_c(), bit_by_bit.air_c(), 1e-9);
    at_once.keep(std::chrono::hours(24 * 365), 4, false, 21);
    EXPECT_NEAR(at_once.air_c(), 4, 0.1);
}

TEST(CabinPhysicsTest, TheThermostatLooksLooksAtTheTemperatureOnly) {
    EXPECT_EQ(thermostat(true, 21, 4), 1);
    EXPECT_EQ(thermostat(true, 21, 40), -1);
    EXPECT_EQ(thermostat(true, 21, 21), 0);
    EXPECT_EQ(thermostat(false, 21, 4), 0);
}

Now at(seconds time) {
    return {WallTime{std::chrono::hours(500'000) + time}, MonoTime{time}};
}

TEST(SimulatedCabinTest, SaysThatItIsSimulatedAndHowWarmItIs) {
    Told told;
    SimulatedCabin cabin(DeviceId(), 3, told);
    cabin.start();
    ASSERT_EQ(told.entities.size(), 1U);
    EXPECT_THAT(told.entities[0].name, testing::HasSubstr("simulated"));
    EXPECT_THAT(told.entities[0].capabilities, testing::ElementsAre("cabin.precondition"));
    cabin.tick(at(seconds(100)));
    EXPECT_THAT(told.last_state, testing::HasSubstr("\"cabin_c\":3.0"));
    EXPECT_THAT(told.last_state, testing::HasSubstr("\"simulated\":true"));
    cabin.tick(at(seconds(200)));
    EXPECT_EQ(told.states.size(), 1U) << "nothing changed";
}

}  // namespace
}  // namespace ambit::simulated
