#include "mesh/door.h"

#include <gtest/gtest.h>

#include "mesh/limits.h"

namespace ambit::mesh {
namespace {

class DoorTest : public testing::Test {
  protected:
    Door::Answer come(const std::string& address) { return door_.come(next_++, address, now_); }

    static std::string address(std::size_t number) {
        return "10.0." + std::to_string(number / 200) + "." + std::to_string(number % 200);
    }

    Door door_;
    wire::LinkId next_ = 1;
    MonoTime now_{};
};

TEST_F(DoorTest, OnePlaceHasFewHandshakesAndItsOldestEnds) {
    for (std::size_t i = 0; i < kHandshakesPerAddressMax; ++i) {
        EXPECT_FALSE(come("10.0.0.1").instead_of);
    }
    EXPECT_FALSE(come("10.0.0.2").instead_of);
    EXPECT_EQ(come("10.0.0.1").instead_of, wire::LinkId{1});
    EXPECT_EQ(door_.under_way(), kHandshakesPerAddressMax + 1);
}

TEST_F(DoorTest, WhenItIsFullTheMostCrowdedPlaceGivesWay) {
    come("10.9.9.9");
    for (std::size_t i = 1; i < kHandshakesMax - 1; ++i) {
        come(address(i));
    }
    come("10.0.0.1");  // two from there now
    const auto answer = come("10.8.8.8");
    EXPECT_TRUE(answer.welcome);
    EXPECT_EQ(answer.instead_of, wire::LinkId{2});
    EXPECT_EQ(door_.under_way(), kHandshakesMax);
}

TEST_F(DoorTest, AWholeNetworkOfIpv6IsOnePlace) {
    for (std::size_t i = 0; i < kHandshakesPerAddressMax; ++i) {
        EXPECT_FALSE(come("2001:db8::" + std::to_string(i)).instead_of);
    }
    EXPECT_TRUE(come("2001:db8::ffff").instead_of);
    EXPECT_FALSE(come("2001:db8:0:1::1").instead_of);
}

TEST_F(DoorTest, StrangersGetOnlySoMuchWorkDoneForThem) {
    std::size_t welcome = 0;
    for (std::size_t i = 0; i < 10 * kHandshakesPerSecondMax; ++i) {
        welcome += come(address(i)).welcome ? 1 : 0;
    }
    EXPECT_EQ(welcome, kHandshakesPerSecondMax);
    now_ += milliseconds(500);
    for (std::size_t i = 0; i < 10 * kHandshakesPerSecondMax; ++i) {
        welcome += come(address(i)).welcome ? 1 : 0;
    }
    EXPECT_EQ(welcome, kHandshakesPerSecondMax * 3 / 2);
}

TEST_F(DoorTest, NoCrowdElsewhereTakesTheTurnOfAMembersPlace) {
    door_.member_at("10.7.7.7");
    EXPECT_TRUE(come("10.7.7.7").welcome);
    const wire::LinkId member = next_ - 1;
    for (std::size_t i = 0; i < 10 * kHandshakesPerSecondMax; ++i) {
        EXPECT_NE(come(address(i)).instead_of, member);
    }
    EXPECT_TRUE(come("10.7.7.7").welcome);
    EXPECT_EQ(door_.under_way(), kHandshakesMax + 2);
    door_.gone(member);
    EXPECT_EQ(door_.under_way(), kHandshakesMax + 1);
}

TEST_F(DoorTest, RemembersOnlySoManyPlaces) {
    door_.member_at("10.7.7.7");
    for (std::size_t i = 0; i < kMemberPlacesMax; ++i) {
        door_.member_at(address(i));
    }
    while (come("10.6.6.6").welcome) {
    }
    EXPECT_FALSE(come("10.7.7.7").welcome) << "the one that came longest ago is forgotten";
    EXPECT_TRUE(come(address(0)).welcome);
}

}  // namespace
}  // namespace ambit::mesh
