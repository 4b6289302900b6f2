// What the gate costs: its check alone, and a whole clear() with its ledger row in memory, beside what they
// are made of: one AND of two reader sets, and one copy of the message.
#include <algorithm>
#include <chrono>
#include <cstdio>

#include "privacy/home_testing.h"
#include "privacy/ledger.h"
#include "storage/memory_storage.h"

namespace {

using namespace ambit;

constexpr int kRounds = 7;  // interleaved; the best of each counts
constexpr int kChecks = 1'000'000;
constexpr int kClears = 10'000;
constexpr std::size_t kMessageBytes = 256;

template <typename F>
double ns_each(int times, const F& once) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < times; ++i) {
        once(i);
    }
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
    return took.count() / times;
}

}  // namespace

int main() {
    const testing::Home home;
    storage::MemoryStorage storage;
    privacy::Ledger ledger(storage, home.key(home.phone));
    privacy::Gate gate(home.phone, ledger);
    gate.set_roster(home.view());
    const privacy::Label label{privacy::Audience(privacy::OnePerson{home.ada})};
    const privacy::Recipient watch = home.watch;
    const privacy::Labelled<Bytes> message(Bytes(kMessageBytes, 1), label);
    const privacy::Egress why{"light.set", "command"};
    const auto readers = privacy::resolve(label.audience, home.roster).value();
    privacy::ReaderSet one = readers;
    volatile std::size_t sink = 0;

    double check = 1e9;
    double check_floor = 1e9;
    double clear = 1e9;
    double clear_floor = 1e9;
    for (int round = 0; round < kRounds; ++round) {
        check =
            std::min(check, ns_each(kChecks, [&](int) { sink = sink + (gate.check(label, watch) ? 1 : 0); }));
        check_floor = std::min(check_floor, ns_each(kChecks, [&](int i) {
                                   one.flip(static_cast<std::size_t>(i) % one.size());
                                   sink = sink + ((one & ~readers).any() ? 1 : 0);
                               }));
        clear = std::min(clear, ns_each(kClears, [&](int) {
                             sink =
                                 sink + gate.clear(message, watch, why, testing::now_at(0))->value().size();
                         }));
        clear_floor = std::min(clear_floor, ns_each(kClears, [&](int) {
                                   const Bytes copy = message.read(privacy::Here("bench"));
                                   sink = sink + copy.size();
                               }));
        storage.settle();
    }
    std::printf("gate: household of 5 devices, best of %d interleaved rounds of %d checks\n", kRounds,
                kChecks);
    std::printf(
        "gate-ledgered: messages of %zu bytes, best of %d rounds of %d; rows in memory, not on disk\n",
        kMessageBytes, kRounds, kClears);
    std::printf("BENCH gate ns=%.1f floor_ns=%.1f\n", check, check_floor);
    std::printf("BENCH gate-ledgered us_memory=%.2f floor_us=%.2f\n", clear / 1e3, clear_floor / 1e3);
    return 0;
}
