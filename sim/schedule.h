// Schedule: a random script, and the shortest script that still fails as it does.
//
// Ownership: values.  Threads: any.  Failure: none.  The same seed makes the same script, and a script with a
// seed the same run.
#pragma once

#include "sim/stage.h"

namespace ambit::sim {

// What happened in one run.
struct Report {
    std::string script;  // its name
    std::string configuration;
    std::uint64_t seed = 0;
    Trouble trouble;
    std::vector<Violation> violations;
    std::size_t violation_count = 0;
    std::uint64_t checks = 0;
    std::uint64_t flows = 0;  // frames and commands that were looked at
    microseconds simulated{0};
};

Report run(const Script& script, const Configuration& configuration, std::uint64_t seed, bool strict);

// Two to five devices, and `acts` things that happen to them; one in eight is a long one.
Script random_script(std::uint64_t seed);
// Which configuration the seed is run under.
const Configuration& configuration_for(std::uint64_t seed);

// Leaves out lines while the run still violates the same invariant; at most `runs_max` runs.
Script shrink(const Script& script,
              const Configuration& configuration,
              std::uint64_t seed,
              std::size_t runs_max);

}  // namespace ambit::sim
