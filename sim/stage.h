// Stage: performs a script in a household, and checks the invariants while it does.
//
// Ownership: a test or the program `sim` owns it.  Threads: one.
// Failure: a sentence that can't be performed, or an expectation that is not met, is an Outcome with its
// line; a violation of an invariant is in violations().  Spec: sim/README.md, which lists the sentences.
#pragma once

#include "sim/invariants.h"
#include "sim/sentence.h"

namespace ambit::sim {

// How a run is set up, beside what its script says.
struct Configuration {
    std::string name = "plain";
    microseconds sync_time{300};
    microseconds latency{500};
    microseconds jitter{0};
    std::uint64_t bytes_per_second = 20'000'000;
    std::size_t buffer_bytes = 1024UL * 1024;
    int patience = 1;  // "within" means so many times as long
    bool extensions = true;
    bool mixed_versions = false;  // devices of the first wire version beside those of a later one
};

const std::vector<Configuration>& configurations();

// Nothing: it went as the script says.
using Trouble = std::optional<std::string>;

class Stage {
  public:
    // How long a household may take to agree once everything is well again.
    static constexpr std::chrono::minutes kAgreementMax{4};

    Stage(const Configuration& configuration, std::uint64_t seed);
    ~Stage();

    // Performs every line, then "everybody agrees".  With `strict`, what can't be done is trouble; a random
    // schedule goes on.
    Trouble perform(const Script& script, bool strict);
    Trouble perform(const std::string& sentence);
    // Makes everything well, waits until the devices agree, and checks every invariant.
    Trouble settle();

    const Violations& violations() const { return violations_; }

    Records& records() { return records_; }

    Household& household() { return *household_; }

    // Before the first sentence: an invariant of a test's own, or an observer.
    using Extra = std::function<void(Household&)>;

    void set_extra(Extra extra) { extra_ = std::move(extra); }

    // What was written so far about the run: for a person who replays it.
    using Narrator = std::function<void(const std::string&)>;

    void set_narrator(Narrator narrator) { narrator_ = std::move(narrator); }

    // --- For the sentences.
    Household* find_household() { return household_.get(); }

    bool has_extensions() const { return configuration_.extensions; }

    Device* find(const std::string& name) { return household_ ? household_->find(name) : nullptr; }

    // The first device; or a shared one that joins.
    Trouble add_shared(const std::string& name, const std::string& kind);
    Trouble add_personal(const std::string& name, const std::string& kind, const std::string& person);
    Trouble write(Device& device, const Audience& audience, const facts::Key& key, const std::string& value);
    Trouble command(Device& device,
                    const std::string& thing,
                    const std::string& capability,
                    const std::string& input);
    Trouble say(Device& device, const std::string& text);
    // Waits until the last command has its answer.
    Result<Told> answer();
    // In the configuration's patience.
    Trouble wait_until(microseconds within, const std::function<bool()>& done, const std::string& what);

    std::map<std::string, Disk::Image> backups;
    bool people_confirm = true;

  private:
    class Confirmer;  // people who say yes, after a moment

    bool is_well();
    void make_well();

    const Configuration configuration_;
    const std::uint64_t seed_;
    std::unique_ptr<Household> household_;
    Records records_;
    Violations violations_;
    std::vector<std::unique_ptr<Invariant>> invariants_;
    Convergence* convergence_ = nullptr;
    std::unique_ptr<Confirmer> confirmer_;
    Extra extra_;
    Narrator narrator_;
};

struct Sentence {
    const char* pattern;
    Trouble (*perform)(Stage& stage, const Blanks& blanks);
};

// What happens by people's will, by misfortune, and what is expected.
const std::vector<Sentence>& acts();
const std::vector<Sentence>& faults();
const std::vector<Sentence>& expectations();

}  // namespace ambit::sim
