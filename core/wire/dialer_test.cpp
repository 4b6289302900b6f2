#include "wire/dialer.h"

#include <gtest/gtest.h>

#include "crypto/seeded_random.h"

namespace ambit::wire {
namespace {

const std::vector<Address> kTwo{{"10.0.0.1", 1}, {"10.0.0.2", 2}};

class DialerTest : public testing::Test {
  protected:
    // Dials what is due, without success.
    void fail_one() {
        const auto address = dialer.due(kTwo, now);
        ASSERT_TRUE(address);
        dialer.started(++id, *address, now);
        dialer.failed(now, random);
    }

    // How long it waits after a whole round has failed.
    microseconds fail_round() {
        fail_one();
        fail_one();
        const MonoTime next = *dialer.next_deadline();
        const microseconds wait = next - now;
        now = next;
        return wait;
    }

    Dialer dialer;
    crypto::SeededRandom random{crypto::Seed{3}};
    MonoTime now{seconds(100)};
    DialId id = 0;
};

TEST_F(DialerTest, DialsOnlyWhenWantedAndDue) {
    EXPECT_FALSE(dialer.due(kTwo, now));
    EXPECT_FALSE(dialer.next_deadline());
    dialer.want(now + seconds(1));
    EXPECT_FALSE(dialer.due(kTwo, now));
    EXPECT_EQ(dialer.next_deadline(), now + seconds(1));
    EXPECT_EQ(dialer.due(kTwo, now + seconds(1)), kTwo[0]);
    dialer.rest();
    EXPECT_FALSE(dialer.due(kTwo, now + seconds(1)));
}

TEST_F(DialerTest, OneDialAtATimeAndItTimesOut) {
    dialer.want(now);
    dialer.started(1, *dialer.due(kTwo, now), now);
    EXPECT_EQ(dialer.under_way(), 1U);
    EXPECT_EQ(dialer.address(), kTwo[0]);
    EXPECT_FALSE(dialer.due(kTwo, now + seconds(1)));
    EXPECT_FALSE(dialer.timed_out(now + kDialTimeout - milliseconds(1)));
    EXPECT_TRUE(dialer.timed_out(now + kDialTimeout));
    EXPECT_EQ(dialer.next_deadline(), now + kDialTimeout);
}

TEST_F(DialerTest, GoesThroughTheAddressesWithoutAWaitBetween) {
    dialer.want(now);
    fail_one();
    EXPECT_EQ(dialer.due(kTwo, now), kTwo[1]);
}

TEST_F(DialerTest, WaitsLongerAfterEachRoundUpToALimitWithJitter) {
    dialer.want(now);
    microseconds whole = kBackoffMin;
    for (int round = 0; round < 12; ++round) {
        const microseconds wait = fail_round();
        EXPECT_GE(wait, whole / 2) << round;
        EXPECT_LT(wait, whole * 3 / 2) << round;
        whole = std::min<microseconds>(whole * 2, kBackoffMax);
    }
    EXPECT_EQ(whole, microseconds(kBackoffMax));
}

TEST_F(DialerTest, TwoDevicesThatLostEachOtherDoNotWaitEquallyLong) {
    Dialer other;
    crypto::SeededRandom other_random{crypto::Seed{4}};
    dialer.want(now);
    other.want(now);
    for (const Address& address : kTwo) {
        other.due(kTwo, now);
        other.started(1, address, now);
        other.failed(now, other_random);
        fail_one();
    }
    EXPECT_NE(dialer.next_deadline(), other.next_deadline());
}

TEST_F(DialerTest, AnythingBetterEndsTheWaitAndStartsTheBackOffAnew) {
    dialer.want(now);
    for (int round = 0; round < 5; ++round) {
        fail_round();
    }
    fail_one();
    fail_one();
    EXPECT_FALSE(dialer.due(kTwo, now));
    dialer.hurry(now);
    EXPECT_EQ(dialer.due(kTwo, now), kTwo[0]);
    EXPECT_LT(fail_round(), microseconds(kBackoffMin) * 3 / 2);
}

TEST_F(DialerTest, WithoutAnAddressItSleepsUntilThereIsOne) {
    dialer.want(now);
    EXPECT_FALSE(dialer.due({}, now));
    EXPECT_FALSE(dialer.next_deadline());
    dialer.hurry(now);
    EXPECT_EQ(dialer.due(kTwo, now), kTwo[0]);
}

TEST_F(DialerTest, AListThatGotShorterIsBegunAgain) {
    dialer.want(now);
    fail_one();
    EXPECT_EQ(dialer.due({kTwo[1]}, now), kTwo[1]);
}

}  // namespace
}  // namespace ambit::wire
