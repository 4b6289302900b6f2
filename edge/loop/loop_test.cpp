#include "loop/loop.h"

#include <thread>

#include <gtest/gtest.h>

#include "loop/alarm.h"

namespace ambit {
namespace {

TEST(Loop, RunsPostedTasksOnItsOwnThreadInOrder) {
    Loop loop;
    std::vector<int> order;
    const auto loop_thread = std::this_thread::get_id();
    std::thread other([&] {
        loop.post([&] {
            EXPECT_EQ(std::this_thread::get_id(), loop_thread);
            order.push_back(1);
        });
        loop.post([&] { order.push_back(2); });
        loop.post([&] { loop.stop(); });
    });
    loop.run([] {});
    other.join();
    EXPECT_EQ(order, (std::vector<int>{1, 2}));
}

TEST(Loop, OnlyTheLastWakeUpCounts) {
    Loop loop;
    int woken = 0;
    loop.wake_at(Loop::now().mono, [&] { woken += 1; });
    loop.wake_at(Loop::now().mono, [&] {
        woken += 10;
        loop.stop();
    });
    loop.run([] {});
    EXPECT_EQ(woken, 10);
}

TEST(Alarm, RingsOnceForTheLastTimeThatWasSet) {
    Loop loop;
    int rung = 0;
    Alarm alarm(loop, [&] {
        rung += 1;
        loop.stop();
    });
    alarm.set(Loop::now().mono + std::chrono::hours(1));
    alarm.set(Loop::now().mono);
    EXPECT_EQ(rung, 0) << "never inside set()";
    loop.run([] {});
    EXPECT_EQ(rung, 1);
}

TEST(Alarm, MayBeSetAgainForTheSameMomentOnceItHasRung) {
    Loop loop;
    const MonoTime at = Loop::now().mono;
    int rung = 0;
    std::unique_ptr<Alarm> alarm;
    alarm = std::make_unique<Alarm>(loop, [&] {
        if (++rung == 2) {
            loop.stop();
        }
        alarm->set(at);
    });
    alarm->set(at);
    alarm->set(at);
    loop.run([] {});
    EXPECT_EQ(rung, 2);
}

TEST(Alarm, IsSilentWhenTakenBackOrGone) {
    Loop loop;
    int rung = 0;
    Alarm taken_back(loop, [&] { rung += 1; });
    taken_back.set(Loop::now().mono);
    taken_back.set(std::nullopt);
    {
        Alarm gone(loop, [&] { rung += 10; });
        gone.set(Loop::now().mono);
    }
    loop.wake_at(Loop::now().mono, [&] { loop.stop(); });
    loop.run([] {});
    EXPECT_EQ(rung, 0);
}

TEST(SystemRandom, DoesNotRepeat) {
    EXPECT_NE(Loop::system_random().bytes<32>(), Loop::system_random().bytes<32>());
}

}  // namespace
}  // namespace ambit
