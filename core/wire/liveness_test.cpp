#include "wire/liveness.h"

#include <gtest/gtest.h>

namespace ambit::wire {
namespace {

using Verdict = Liveness::Verdict;

MonoTime at(std::int64_t ms) {
    return MonoTime(milliseconds(1'000'000 + ms));
}

TEST(Liveness, PingsAfterSilenceAndGivesUpInTime) {
    Liveness live(at(0));
    live.set_eager(true, at(0));
    EXPECT_EQ(live.next_deadline(), at(300));
    EXPECT_EQ(live.check(at(300)), Verdict::PingNow);
    live.pinged(at(300));
    EXPECT_EQ(live.next_deadline(), at(600));
    EXPECT_EQ(live.check(at(600)), Verdict::PingNow);
    live.pinged(at(600));
    EXPECT_EQ(live.check(at(950)), Verdict::Silent);
}

TEST(Liveness, LeavesThePingingToThePeerThatPings) {
    Liveness live(at(0));
    live.set_eager(true, at(0));
    live.heard(at(10));
    live.asked();
    EXPECT_EQ(live.next_deadline(), at(360));
    EXPECT_EQ(live.check(at(305)), Verdict::Fine);
    // The peer stopped: this side pings as often as before, and gives up no later.
    EXPECT_EQ(live.check(at(360)), Verdict::PingNow);
    const std::uint64_t nonce = live.pinged(at(360));
    EXPECT_EQ(live.next_deadline(), at(660));
    EXPECT_EQ(live.check(at(960)), Verdict::Silent);
    live.heard(at(361));
    live.answered(nonce, at(361));
    EXPECT_EQ(live.next_deadline(), at(661)) << "its own turn again";
}

TEST(Liveness, PingsALittleEarlyWhenSomethingElseWakesThisDevice) {
    Liveness live(at(0));
    live.set_eager(true, at(0));
    EXPECT_EQ(live.check(at(255)), Verdict::Fine);
    EXPECT_EQ(live.check(at(260)), Verdict::PingNow);
    Liveness calm(at(0));
    EXPECT_EQ(calm.check(at(44'970)), Verdict::Fine) << "a battery is not woken for it";
}

}  // namespace
}  // namespace ambit::wire
