#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulated/heart_rate.h"

namespace ambit::simulated {
namespace {

class Told final : public capability::ProviderEvents {
  public:
    void on_entity(const capability::Entity& entity) override { entities.push_back(entity); }

    void on_entity_gone(const std::string& /*entity_id*/) override {}

    void on_state(const std::string& entity_id, const std::string& /*json*/, bool /*available*/) override {
        states.push_back(entity_id);
    }

    void on_result(const capability::InvocationResult& /*result*/) override {}

    void on_available(const std::string& /*source*/, bool /*available*/) override {}

    void on_health(const capability::HealthItem& /*item*/) override {}

    std::vector<capability::Entity> entities;
    std::vector<std::string> states;
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

}  // namespace
}  // namespace ambit::simulated
