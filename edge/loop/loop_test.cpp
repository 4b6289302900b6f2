#include "loop/loop.h"

#include <thread>

#include <gtest/gtest.h>

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

TEST(SystemRandom, DoesNotRepeat) {
    EXPECT_NE(Loop::system_random().bytes<32>(), Loop::system_random().bytes<32>());
}

}  // namespace
}  // namespace ambit
