// ambit-sim: runs random schedules and scenarios in the simulated household.  `./dev sim` calls it.
//
// The last line of stdout counts what was checked; a failure prints the shortest script that still fails, and
// the one command that runs it again.  Exit status 0: nothing was violated.
#include <fstream>
#include <iostream>
#include <sstream>

#include <CLI/CLI.hpp>

#include "sim/memory.h"
#include "sim/schedule.h"

namespace {

using namespace ambit::sim;

constexpr std::size_t kShrinkRunsMax = 400;

struct Options {
    std::uint64_t from = 1;
    std::uint64_t seeds = 0;
    std::optional<std::uint64_t> seed;
    std::string scenario;
    std::string configuration;
    bool shrinks = true;
};

struct Totals {
    std::uint64_t runs = 0;
    std::uint64_t failures = 0;
    std::uint64_t flows = 0;
    std::uint64_t checks = 0;
    ambit::microseconds simulated{0};

    void add(const Report& report) {
        ++runs;
        failures += report.trouble ? 1 : 0;
        flows += report.flows;
        checks += report.checks;
        simulated += report.simulated;
    }
};

void tell(const Report& report) {
    std::cout << report.script << " (" << report.configuration << "): " << *report.trouble << '\n';
    for (const Violation& violation : report.violations) {
        std::cout << "  " << violation.invariant << ": " << violation.what << '\n';
    }
}

void run_seed(std::uint64_t seed, const Options& options, Totals& totals) {
    const Script script = random_script(seed);
    const Configuration& configuration = configuration_for(seed);
    const Report report = run(script, configuration, seed, false);
    totals.add(report);
    if (!report.trouble) {
        return;
    }
    tell(report);
    if (options.shrinks) {
        const Script shortest = shrink(script, configuration, seed, kShrinkRunsMax);
        std::cout << "The shortest script that fails so:\n\n" << shortest.text() << '\n';
    }
    std::cout << "Again: ./dev sim --seed " << seed << "\n\n";
}

bool run_scenario(const Options& options, Totals& totals) {
    std::ifstream file(options.scenario);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) {
        std::cerr << options.scenario << " can't be read\n";
        return false;
    }
    const Script script = parse_script(options.scenario, text.str());
    const bool has_things = text.str().find("reaches the things") != std::string::npos;
    for (const Configuration& configuration : configurations()) {
        const bool fits = configuration.extensions || !has_things;
        if (fits && (options.configuration.empty() || options.configuration == configuration.name)) {
            const Report report = run(script, configuration, options.seed.value_or(1), true);
            totals.add(report);
            if (report.trouble) {
                tell(report);
            }
        }
    }
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    ambit::sim::keep_freed_memory();
    CLI::App app{"Runs households on virtual time, and checks what must never break."};
    Options options;
    app.add_option("--seeds", options.seeds, "how many random schedules");
    app.add_option("--from", options.from, "the first seed");
    app.add_option("--seed", options.seed, "only this one; or the seed of a scenario");
    app.add_option("--scenario", options.scenario, "a file of tests/scenarios");
    app.add_option("--configuration", options.configuration, "only this one; else a scenario runs under all");
    app.add_flag("!--no-shrink", options.shrinks, "report a failing schedule as it is");
    CLI11_PARSE(app, argc, argv);
    Totals totals;
    if (!options.scenario.empty()) {
        if (!run_scenario(options, totals)) {
            return 2;
        }
    } else if (options.seed) {
        std::cout << random_script(*options.seed).text() << '\n';
        run_seed(*options.seed, options, totals);
    } else {
        for (std::uint64_t seed = options.from;
             seed < options.from + (options.seeds == 0 ? 100 : options.seeds); ++seed) {
            run_seed(seed, options, totals);
        }
    }
    std::cout << "runs=" << totals.runs << " failed=" << totals.failures << " flows=" << totals.flows
              << " checks=" << totals.checks << " simulated_s=" << totals.simulated.count() / 1'000'000
              << '\n';
    return totals.failures == 0 ? 0 : 1;
}
