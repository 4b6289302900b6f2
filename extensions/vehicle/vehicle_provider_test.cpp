#include <gmock/gmock.h>

#include "vehicle/vehicle.h"

namespace ambit::vehicle {
namespace {

// Ends the loop at the first word about how it goes.
struct FirstWord final : capability::ProviderEvents {
    explicit FirstWord(Loop& on) : loop(on) {}

    void on_entity(const capability::Entity& /*entity*/) override {}

    void on_entity_gone(const std::string& /*entity_id*/) override {}

    void on_state(const std::string& /*id*/, const std::string& /*state*/, bool /*available*/) override {}

    void on_available(const std::string& /*source*/, bool /*available*/) override {}

    void on_result(const capability::InvocationResult& /*result*/) override {}

    void on_health(const capability::HealthItem& item) override {
        said = item;
        loop.stop();
    }

    Loop& loop;
    std::optional<capability::HealthItem> said;
};

TEST(VehicleProvider, RefusesATokenThatIsNone) {
    for (const char* token : {"\xEF\xBB\xBFtoken", "to\tken", "to ken", "t\xC3\xB6ken"}) {
        Loop loop;
        FirstWord events(loop);
        Settings settings;
        settings.source = "vehicle:test";
        settings.token = [token] { return Result<std::string>(std::string(token)); };
        const auto provider = VehicleProvider::create(std::move(settings), loop, events);
        ASSERT_TRUE(provider) << provider.error().message();
        loop.run([] {});
        ASSERT_TRUE(events.said) << token;
        EXPECT_FALSE(events.said->ok) << token;
        EXPECT_EQ(events.said->error.code, ErrorCode::VehicleRefused) << token;
    }
}

}  // namespace
}  // namespace ambit::vehicle
