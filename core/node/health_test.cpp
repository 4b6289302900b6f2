#include "node/health.h"

#include <gtest/gtest.h>

namespace ambit::node {
namespace {

const Error kWrong{ErrorCode::InvalidArgument, "wrong"};

TEST(Health, ForgetsWhatIsWellForWhatIsNot) {
    Health health;
    health.bad("a broken thing", kWrong);
    for (std::size_t i = 0; i < Health::kItemsMax; ++i) {
        health.ok("well " + std::to_string(i));
    }
    health.bad("z broken thing", kWrong);
    EXPECT_EQ(health.items().size(), Health::kItemsMax);
    EXPECT_FALSE(health.items().at("a broken thing").ok);
    EXPECT_FALSE(health.items().at("z broken thing").ok);
}

TEST(Health, SaysThatMoreIsWrongThanIsListed) {
    Health health;
    std::size_t told = 0;
    health.set_on_change([&](const capability::HealthItem&) { ++told; });
    for (std::size_t i = 0; i < 2 * Health::kItemsMax; ++i) {
        health.bad("wrong " + std::to_string(i), kWrong);
    }
    EXPECT_EQ(health.items().size(), Health::kItemsMax + 1);
    EXPECT_EQ(health.items().at(Health::kMore).error.code, ErrorCode::LimitExceeded);
    EXPECT_EQ(told, Health::kItemsMax + 1);
    health.ok("wrong 7");
    EXPECT_TRUE(health.items().at(Health::kMore).ok);
    health.bad("broker", kWrong);
    EXPECT_FALSE(health.items().at("broker").ok);
}

}  // namespace
}  // namespace ambit::node
