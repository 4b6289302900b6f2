#include "node/household_clock.h"

#include <gtest/gtest.h>

namespace ambit::node {
namespace {

using std::chrono::minutes;

constexpr int kAdmin = 2;
constexpr int kOther = 1;

DeviceId device(std::uint8_t number) {
    std::array<std::uint8_t, DeviceId::kSize> bytes{};
    bytes[0] = number;
    return DeviceId(bytes);
}

class HouseholdClockTest : public testing::Test {
  protected:
    // A peer whose clock is `ahead` of this device's.
    void meet(std::uint8_t number, microseconds ahead, int weight = kOther) {
        clock.on_peer(device(number), now.wall + ahead, weight, now);
    }

    void pass(microseconds span) {
        now.wall += span;
        now.mono += span;
    }

    microseconds judged(int own_weight = kOther) {
        clock.judge(own_weight, now);
        return clock.adjusted(now).wall - now.wall;
    }

    Now now{WallTime(std::chrono::hours(24 * 365 * 56)), MonoTime(seconds(1000))};
    HouseholdClock clock;
};

TEST_F(HouseholdClockTest, KeepsItsOwnTimeWhileNobodyDisagreesMuch) {
    EXPECT_EQ(judged(), microseconds{0});
    meet(1, minutes(4), kAdmin);
    meet(2, -minutes(5));
    EXPECT_EQ(judged(), microseconds{0});
    EXPECT_FALSE(clock.trouble());
}

TEST_F(HouseholdClockTest, AnOffsetIsNotForAClockThatWasSetSince) {
    meet(1, minutes(120), kAdmin);
    ASSERT_EQ(judged(), minutes(120));
    now.wall += minutes(120);  // somebody put it right, and it is written before it is judged again
    EXPECT_EQ(clock.adjusted(now).wall, now.wall);
    pass(seconds(5));
    EXPECT_EQ(clock.adjusted(now).wall, now.wall);
    EXPECT_TRUE(clock.judge(kOther, now));
    EXPECT_EQ(clock.adjusted(now).wall, now.wall);
}

TEST_F(HouseholdClockTest, OnePeerIsNotEnoughTwoThatAgreeAre) {
    meet(1, minutes(30));
    EXPECT_EQ(judged(), microseconds{0});
    meet(2, minutes(32));
    EXPECT_EQ(judged(), minutes(31));
    ASSERT_TRUE(clock.trouble());
    EXPECT_EQ(clock.trouble()->code, ErrorCode::ClockOff);
    EXPECT_NE(clock.trouble()->detail.find("31 minutes behind"), std::string::npos)
        << clock.trouble()->detail;
}

TEST_F(HouseholdClockTest, TwoThatDoNotAgreeWithEachOtherSayNothing) {
    meet(1, minutes(30));
    meet(2, -minutes(30));
    EXPECT_EQ(judged(), microseconds{0});
}

TEST_F(HouseholdClockTest, AnAdminsDeviceIsEnough) {
    meet(1, -minutes(90), kAdmin);
    EXPECT_EQ(judged(), -minutes(90));
}

TEST_F(HouseholdClockTest, EquallyManyOnBothSidesChangeNothingButAreSaid) {
    meet(1, minutes(60), kAdmin);
    EXPECT_EQ(judged(kAdmin), microseconds{0});
    EXPECT_TRUE(clock.trouble());
    meet(2, microseconds{0});
    EXPECT_EQ(judged(kAdmin), microseconds{0});
    EXPECT_FALSE(clock.trouble());
}

TEST_F(HouseholdClockTest, AnAdminsDeviceFollowsThreeOthers) {
    meet(1, minutes(60));
    meet(2, minutes(60));
    EXPECT_EQ(judged(kAdmin), microseconds{0});
    meet(3, minutes(61));
    EXPECT_GT(judged(kAdmin), minutes(59));
}

TEST_F(HouseholdClockTest, WhatWasAdoptedStaysWhenThePeersGo) {
    meet(1, minutes(60), kAdmin);
    EXPECT_EQ(judged(), minutes(60));
    clock.on_peer_down(device(1));
    pass(minutes(10));
    EXPECT_EQ(judged(), minutes(60));
}

TEST_F(HouseholdClockTest, WhenTheSystemClockIsSetTheOffsetGoes) {
    meet(1, minutes(60), kAdmin);
    EXPECT_EQ(judged(), minutes(60));
    now.wall += minutes(60);
    EXPECT_EQ(judged(), microseconds{0});
    EXPECT_FALSE(clock.trouble());
}

TEST_F(HouseholdClockTest, NeverFallsBehindWhatWasWritten) {
    clock.restore(now.wall + minutes(20), now);
    EXPECT_EQ(judged(), minutes(20));
    EXPECT_TRUE(clock.trouble());
    pass(minutes(30));
    EXPECT_EQ(judged(), microseconds{0});
    EXPECT_FALSE(clock.trouble());
}

TEST_F(HouseholdClockTest, ABoxWithoutABatteryGoesOnFromWhatItWrote) {
    const microseconds years = std::chrono::hours(24 * 365 * 50);
    clock.restore(now.wall + years, now);
    EXPECT_EQ(judged(), years);
    EXPECT_TRUE(clock.trouble());
    pass(minutes(30));
    EXPECT_EQ(judged(), years);
    // Another one like it, and an admin's device that knows the time.
    meet(1, microseconds{0});
    EXPECT_EQ(judged(), years);
    meet(2, years + minutes(1), kAdmin);
    EXPECT_EQ(judged(), years);
    // Somebody sets its clock.
    now.wall += years + minutes(1);
    EXPECT_EQ(judged(), microseconds{0});
    EXPECT_FALSE(clock.trouble());
}

TEST_F(HouseholdClockTest, WhatWasWrittenYearsAheadDoesNotBindForEver) {
    const microseconds years = std::chrono::hours(24 * 365 * 5);
    clock.restore(now.wall + years, now);
    EXPECT_EQ(judged(kAdmin), years);
    meet(1, microseconds{0});
    EXPECT_EQ(judged(kAdmin), years) << "one is not enough";
    meet(2, minutes(1));
    EXPECT_LT(judged(kAdmin), minutes(2));
    EXPECT_LT(judged(kAdmin), minutes(2));
    EXPECT_FALSE(clock.trouble()) << clock.trouble()->detail;
}

TEST_F(HouseholdClockTest, WhatWasWrittenAnHourAheadDoesNotBindEither) {
    clock.restore(now.wall + minutes(60), now);
    EXPECT_EQ(judged(), minutes(60));
    meet(1, microseconds{0}, kAdmin);
    EXPECT_EQ(judged(), microseconds{0});
}

TEST_F(HouseholdClockTest, SaysWhenTheSystemClockWasSet) {
    EXPECT_FALSE(clock.judge(kOther, now));
    pass(minutes(10));
    EXPECT_FALSE(clock.judge(kOther, now));
    now.wall -= minutes(10);
    EXPECT_TRUE(clock.judge(kOther, now));
    EXPECT_FALSE(clock.judge(kOther, now));
}

TEST_F(HouseholdClockTest, TimesThatAreNoTimesAreIgnored) {
    clock.on_peer(device(1), WallTime::max(), kAdmin, now);
    clock.on_peer(device(2), WallTime::min(), kAdmin, now);
    EXPECT_EQ(judged(), microseconds{0});
}

}  // namespace
}  // namespace ambit::node
