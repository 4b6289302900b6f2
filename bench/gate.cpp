// gate: what the gate's check costs, beside what it is made of (one AND of two reader sets); and a million
// random flows through it, each judged by an oracle written from the words of docs/spec/privacy.md.
#include <chrono>
#include <cstdio>

#include "no_storage.h"
#include "privacy/flows_testing.h"
#include "privacy/ledger.h"
#include "storage/memory_storage.h"

namespace {

using namespace ambit;

constexpr int kRounds = 7;  // interleaved; the best of each counts
constexpr int kChecks = 1'000'000;
constexpr std::size_t kFlows = 1'000'000;
constexpr std::uint64_t kFlowSeed = 1;

template <typename F>
double ns_each(int times, const F& once) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < times; ++i) {
        once(i);
    }
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
    return took.count() / times;
}

struct Cost {
    double check = 1e9;
    double floor = 1e9;
};

Cost measure() {
    const testing::Home home;
    storage::MemoryStorage storage;
    privacy::Ledger ledger(storage, home.key(home.phone));
    privacy::Gate gate(home.phone, ledger);
    gate.set_roster(home.view());
    const privacy::Label label{privacy::Audience(privacy::OnePerson{home.ada})};
    const privacy::Recipient watch = home.watch;
    const auto readers = privacy::resolve(label.audience, home.roster).value();
    privacy::ReaderSet one = readers;
    volatile std::size_t sink = 0;
    Cost best;
    for (int round = 0; round < kRounds; ++round) {
        best.check = std::min(
            best.check, ns_each(kChecks, [&](int) { sink = sink + (gate.check(label, watch) ? 1 : 0); }));
        best.floor = std::min(best.floor, ns_each(kChecks, [&](int i) {
                                  one.flip(static_cast<std::size_t>(i) % one.size());
                                  sink = sink + ((one & ~readers).any() ? 1 : 0);
                              }));
    }
    return best;
}

testing::FlowCounts flow() {
    testing::Flows flows(kFlowSeed);
    bench::NoStorage storage;
    privacy::Ledger ledger(storage, flows.home().key(flows.home().phone));
    privacy::Gate gate(flows.home().phone, ledger);
    return testing::run_flows(flows, gate, kFlows);
}

}  // namespace

int main() {
    const Cost cost = measure();
    const testing::FlowCounts flows = flow();
    std::printf("gate: household of 5 devices, best of %d interleaved rounds of %d\n", kRounds, kChecks);
    std::printf("%-48s %8s\n", "what", "ns");
    std::printf("%-48s %8.1f\n", "check: label against device, audience known", cost.check);
    std::printf("%-48s %8.1f\n", "floor: one AND of two reader sets", cost.floor);
    std::printf("random flows to devices and services while the household changes, seed %llu: %zu\n",
                static_cast<unsigned long long>(kFlowSeed), flows.flows);
    std::printf("    let out %zu, of these against the rules %zu; kept back wrongly %zu\n", flows.cleared,
                flows.violations, flows.wrongly_refused);
    std::printf("BENCH gate ns=%.1f\n", cost.check);
    return flows.violations + flows.wrongly_refused == 0 ? 0 : 1;
}
