// sim-speed: how many simulated seconds pass in one real one, on one core: 20 nodes with idle liveness, 10
// kept facts/s.
//
// Half of the devices are mains-powered and ping each other every 300 ms; the others are phones and watches.
// The facts are written by all devices in turn, one every 100 ms, each durable on its own disk and fetched by
// the other 19.
#include <chrono>
#include <cstdio>
#include <ctime>

#include "sim/household.h"
#include "sim/memory.h"

namespace {

using namespace ambit;

constexpr int kNodes = 20;
constexpr int kFacts = 600;
constexpr milliseconds kEvery{100};

// What this process, which has one thread, took of one core: on a busy machine more time than that passes.
double core_seconds() {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

}  // namespace

int main() {
    sim::keep_freed_memory();
    sim::Household home(1, "hub", "hub");
    std::vector<sim::Device*> devices{&home.device("hub")};
    for (int i = 1; i < kNodes; ++i) {
        const bool mains = i < kNodes / 2;
        devices.push_back(
            &home.add_shared("device-" + std::to_string(i), mains ? "speaker" : "watch", mains));
    }
    if (!home.run_until([&] { return home.connected(); }, seconds{60})) {
        std::fputs("the devices did not find each other\n", stderr);
        return 1;
    }
    home.world.run_for(seconds{5});
    const auto started = std::chrono::steady_clock::now();
    const double core_from = core_seconds();
    const MonoTime from = home.world.now().mono;
    const std::uint64_t frames = home.network.frames_arrived();
    for (int i = 0; i < kFacts; ++i) {
        sim::Device& writer = *devices[static_cast<std::size_t>(i % kNodes)];
        facts::Draft draft;
        draft.key = {privacy::Household{}, "bench", "fact" + std::to_string(i % 100)};
        draft.value = std::int64_t{i};
        draft.time = writer.now().wall;
        if (!writer.node().parts().facts.put(draft, writer.node().now())) {
            return 1;
        }
        writer.wake();
        home.world.run_for(kEvery);
    }
    const std::chrono::duration<double> real = std::chrono::steady_clock::now() - started;
    const double core = core_seconds() - core_from;
    const std::chrono::duration<double> simulated = home.world.now().mono - from;
    home.world.run_for(seconds{2});
    for (sim::Device* device : devices) {
        if (device->node().parts().facts.state_hash(privacy::Household{}) !=
            devices.front()->node().parts().facts.state_hash(privacy::Household{})) {
            std::fputs("the devices do not agree\n", stderr);
            return 1;
        }
    }
    std::printf(
        "%d nodes, %.0f simulated s in %.2f s of one core (%.2f s passed), %.0f frames per simulated s\n",
        kNodes, simulated.count(), core, real.count(),
        static_cast<double>(home.network.frames_arrived() - frames) / simulated.count());
    std::printf("BENCH sim-speed speedup=%.1f\n", simulated.count() / core);
    return 0;
}
