// sim-schedules: random schedules, and how many flows - frames to peers and commands to services - passed the
// checks.
#include <cstdio>
#include <cstdlib>

#include "sim/schedule.h"

int main(int argc, char** argv) {
    using namespace ambit::sim;
    const std::uint64_t seeds = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 5000;
    std::uint64_t flows = 0;
    std::uint64_t violations = 0;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        const Report report = run(random_script(seed), configuration_for(seed), seed, false);
        flows += report.flows;
        violations += report.violation_count;
        if (report.trouble) {
            std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), report.trouble->c_str());
        }
    }
    std::printf("BENCH sim-schedules schedules=%llu flows=%llu violations=%llu\n",
                static_cast<unsigned long long>(seeds), static_cast<unsigned long long>(flows),
                static_cast<unsigned long long>(violations));
    return violations == 0 ? 0 : 1;
}
