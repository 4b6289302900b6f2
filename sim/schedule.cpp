#include "sim/schedule.h"

#include <algorithm>
#include <array>

namespace ambit::sim {
namespace {

crypto::Seed seed_of(std::uint64_t value) {
    crypto::Seed seed{};
    for (std::size_t i = 0; i < 8; ++i) {
        seed[i] = static_cast<std::uint8_t>(value >> (8 * i));
    }
    seed[8] = 's';
    return seed;
}

constexpr std::uint64_t kLongOneIn = 32;

// Writes lines, with names of what is there.
class Author {
  public:
    explicit Author(std::uint64_t seed) : random_(seed_of(seed)) {}

    Script write(const std::string& name) {
        set_up();
        const bool is_long = random_.below(kLongOneIn) == 0;
        const std::uint64_t acts = is_long ? 60 + random_.below(60) : 6 + random_.below(14);
        for (std::uint64_t i = 0; i < acts; ++i) {
            act();
        }
        return {name, std::move(lines_)};
    }

  private:
    void say(std::string text) { lines_.push_back({static_cast<int>(lines_.size()) + 1, std::move(text)}); }

    bool one_in(std::uint64_t n) { return random_.below(n) == 0; }

    const std::string& any() { return names_[random_.below(names_.size())]; }

    const std::string& other_than(const std::string& name) {
        for (;;) {
            const std::string& other = any();
            if (other != name) {
                return other;
            }
        }
    }

    void add(const std::string& name, const std::string& as) {
        say(name + " is " + as);
        names_.push_back(name);
    }

    void set_up() {
        add("hub", "a hub");
        say("there is a lamp kitchen");
        say("there is a garage door garage");
        say("hub reaches the things");
        add("phone", "the phone of Anna");
        if (one_in(2)) {
            add("spare", "a hub");
            say("spare reaches the things");
        }
        if (one_in(3)) {
            add("watch", "the watch of Anna");
        }
        if (one_in(3)) {
            add("pad", "the tablet of Ben");
        }
    }

    std::string number() { return std::to_string(++counter_); }

    // One of a few keys, so that devices write over each other, or one of its own.
    std::string key() { return one_in(3) ? "shared" + std::to_string(random_.below(3)) : "own" + number(); }

    std::string short_time() {
        constexpr std::array times{"1ms", "20ms", "400ms", "2s", "7s"};
        return times[random_.below(times.size())];
    }

    void act() {
        switch (random_.below(10)) {
            case 0:
            case 1:
            case 2:
                return write_fact();
            case 3:
                return command();
            case 4:
                return power();
            case 5:
                return network();
            case 6:
                return one_in(2) ? disk() : clock();
            case 7:
                return one_in(3) ? membership() : write_fact();
            default:
                return say("wait " + short_time());
        }
    }

    void write_fact() {
        const std::string who = any();
        switch (random_.below(4)) {
            case 0:
                return say(who + " tells everybody e-" + key() + " v" + number());
            case 1:
                return say(who + " keeps k-" + who + "-" + key() + " v" + number() + " to itself");
            default:
                return say(who + " notes n-" + key() + " v" + number());
        }
    }

    void command() {
        switch (random_.below(4)) {
            case 0:
                return say("phone pulses garage");
            case 1:
                return say(any() + " turns kitchen off");
            default:
                return say(any() + " turns kitchen on");
        }
    }

    void power() {
        const std::string who = any();
        switch (random_.below(8)) {
            case 0:
                return say(who + " loses power");
            case 1:
                return say(who + " loses power at write " + std::to_string(1 + random_.below(12)));
            case 2:
                return say(who + " is killed");
            case 3:
                return say(who + " stops");
            case 4:
                return say(who + " freezes");
            case 5:
                return say(who + " thaws");
            default:
                return say(who + " starts");
        }
    }

    void network() {
        const std::string who = any();
        const std::string other = other_than(who);
        switch (random_.below(7)) {
            case 0:
                return say(who + " and " + other + " lose each other");
            case 1:
                return say("nothing from " + who + " reaches " + other);
            case 2:
                return say(who + " leaves home");
            case 3:
                return say(who + " comes home");
            case 4:
                return say("the connection of " + who + " and " + other + " breaks");
            default:
                return say("the network heals");
        }
    }

    void disk() {
        const std::string who = any();
        switch (random_.below(5)) {
            case 0:
                return say("the disk of " + who + " fills up");
            case 1:
                return say("the disk of " + who + " is slow");
            case 2:
                return say(who + " is backed up");
            case 3:
                return say(who + " is restored");
            default:
                return say("the disk of " + who + " is fine again");
        }
    }

    void clock() {
        constexpr std::array times{"1s", "100s", "2h"};
        const std::string of = "the clock of " + any() + " is ";
        switch (random_.below(3)) {
            case 0:
                return say(of + times[random_.below(2)] + " ahead");
            case 1:
                return say(of + times[random_.below(times.size())] + " behind");
            default:
                return say(of + "right");
        }
    }

    void membership() {
        const std::string who = any();
        switch (random_.below(4)) {
            case 0:
                return say("phone removes " + other_than("phone"));
            case 1:
                return say(who + " removes " + other_than(who));
            case 2:
                return say("phone makes " + other_than("phone") + " an admin");
            default:
                return say("phone takes admin from " + other_than("phone"));
        }
    }

    crypto::SeededRandom random_;
    std::vector<Line> lines_;
    std::vector<std::string> names_;
    int counter_ = 0;
};

class Counter final : public Observer {
  public:
    explicit Counter(std::uint64_t& flows) : flows_(flows) {}

    void on_sent(const FrameSeen& /*frame*/) override { ++flows_; }

    void on_invoked(Device& /*device*/, const capability::Invocation& /*invocation*/) override { ++flows_; }

  private:
    std::uint64_t& flows_;
};

// What a failure is about, so that a shorter script that fails otherwise is not taken for the same.
std::string about(const Report& report) {
    if (!report.violations.empty()) {
        return report.violations.front().invariant;
    }
    return report.trouble ? "trouble" : "";
}

}  // namespace

Report run(const Script& script, const Configuration& configuration, std::uint64_t seed, bool strict) {
    Report report;
    report.script = script.name;
    report.configuration = configuration.name;
    report.seed = seed;
    Counter counter(report.flows);
    Stage stage(configuration, seed);
    stage.set_extra([&](Household& household) { household.observe(counter); });
    report.trouble = stage.perform(script, strict);
    report.violations = stage.violations().all();
    report.violation_count = stage.violations().count();
    report.checks = stage.violations().checks;
    if (const Household* household = stage.find_household()) {
        report.simulated = household->world.now().mono - World().now().mono;
    }
    return report;
}

Script random_script(std::uint64_t seed) {
    return Author(seed).write("seed " + std::to_string(seed));
}

const Configuration& configuration_for(std::uint64_t seed) {
    // Mostly the plain one; "no-extensions" has no place here, where things are half of the story.
    constexpr std::array<std::size_t, 8> kTurns{0, 0, 0, 0, 5, 1, 2, 3};
    return configurations()[kTurns[seed % kTurns.size()]];
}

Script shrink(const Script& script,
              const Configuration& configuration,
              std::uint64_t seed,
              std::size_t runs_max) {
    const std::string wanted = about(run(script, configuration, seed, false));
    Script best = script;
    std::size_t runs = 0;
    for (std::size_t chunk = std::max<std::size_t>(best.lines.size() / 2, 1); chunk > 0; chunk /= 2) {
        for (std::size_t at = 0; at < best.lines.size() && runs < runs_max;) {
            Script shorter = best;
            const auto first = shorter.lines.begin() + static_cast<std::ptrdiff_t>(at);
            shorter.lines.erase(first,
                                first + static_cast<std::ptrdiff_t>(std::min(chunk, best.lines.size() - at)));
            ++runs;
            if (about(run(shorter, configuration, seed, false)) == wanted) {
                best = std::move(shorter);
            } else {
                at += chunk;
            }
        }
    }
    return best;
}

}  // namespace ambit::sim
