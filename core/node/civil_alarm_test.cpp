#include "node/civil_alarm.h"

#include <gtest/gtest.h>

namespace ambit::node {
namespace {

constexpr Now kStart{WallTime(seconds(1'800'000'000)), MonoTime(seconds(1000))};

Now after(seconds mono, seconds wall) {
    return {kStart.wall + wall, kStart.mono + mono};
}

TEST(CivilAlarmTest, IsDueByWhicheverClockIsFirst) {
    CivilAlarm alarm;
    EXPECT_TRUE(alarm.is_due(kStart)) << "at first";
    alarm.set(kStart, seconds(60));
    EXPECT_FALSE(alarm.is_due(after(seconds(59), seconds(59))));
    EXPECT_TRUE(alarm.is_due(after(seconds(60), seconds(59)))) << "a clock that is slowed down";
    EXPECT_TRUE(alarm.is_due(after(seconds(1), seconds(60)))) << "a clock that was put right, or slept";
    EXPECT_TRUE(alarm.is_due(after(seconds(1), seconds(-1)))) << "one that was set back";
    EXPECT_EQ(alarm.next_deadline(), kStart.mono + seconds(60));
}

TEST(CivilAlarmTest, IsNeverPutOff) {
    CivilAlarm alarm;
    alarm.set(kStart, seconds(60));
    alarm.sooner(kStart, seconds(90));
    EXPECT_EQ(alarm.next_deadline(), kStart.mono + seconds(60));
    alarm.sooner(kStart, seconds(20));
    EXPECT_TRUE(alarm.is_due(after(seconds(1), seconds(20))));
    EXPECT_FALSE(alarm.is_due(after(seconds(1), seconds(19))));
    alarm.set_due();
    EXPECT_TRUE(alarm.is_due(kStart));
}

}  // namespace
}  // namespace ambit::node
