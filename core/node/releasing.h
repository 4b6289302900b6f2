// Releasing: applies the release rules of this device's person to what this device itself observes.
//
// A rule is a kept fact of its owner ("release:<id>"), so that it takes effect on all of their devices.  When
// a reading of this device matches one, the rule's extractor runs, and only if what it yields differs from
// last time is the rule used (a row in the ledger, one use of its rate) and the narrow result put as a
// fleeting fact for the rule's audience. Ownership: the daemon owns it; borrows Node, which it watches.
// Threads: the loop's.  Failure: a health item that names the rule.  Spec: docs/spec/privacy.md section
// "Release rules".
#pragma once

#include "node/node.h"

namespace ambit::node {

inline constexpr std::string_view kReleasePrefix = "release:";
inline constexpr std::string_view kRuleAttribute = "rule";

// The attribute an extractor is made for: "heart_rate" for "sleep-state".
std::string_view usual_source(std::string_view extractor);

// What this person's rules told last, for `ambit why` on their own devices: facts of the person, subject
// "told:<device>:<slot>".  The oldest of a device makes room for its next.
inline constexpr std::string_view kToldPrefix = "told:";
inline constexpr std::string_view kToldAttribute = "told";
inline constexpr std::size_t kToldMax = 128;    // of one device
inline constexpr std::size_t kTellersMax = 16;  // of a person's devices

Result<facts::WriteId> put_rule(Parts& parts, const privacy::SignedRule& rule, Now now);
Result<facts::WriteId> erase_rule(Parts& parts, const privacy::ReleaseRule& rule, Now now);

class Releasing final : public Watcher {
  public:
    // How long a released value stands, and how long after it is said again although it is the same.  Who was
    // told when somebody leaves must know it when the phone has long been out of reach.
    static constexpr milliseconds kLife = std::chrono::minutes(30);
    static constexpr milliseconds kLifeOfPlans = std::chrono::hours(24);
    static constexpr milliseconds kSayAgain = std::chrono::minutes(10);
    // What a revoked rule told is replaced by nothing for so long, and then gone.
    static constexpr milliseconds kTakenBackLife = std::chrono::minutes(1);

    // Reads the rules that are kept already.
    explicit Releasing(Node& node);
    ~Releasing() override;
    Releasing(const Releasing&) = delete;
    Releasing& operator=(const Releasing&) = delete;

    void on_fact(const facts::LabelledFact& fact, bool gone) override;

    void on_peer(const DeviceId& /*peer*/, bool /*up*/) override {}

    void on_health(const capability::HealthItem& /*item*/) override {}

    void on_pending_changed() override {}

    void on_roster_changed() override { load(); }

  private:
    struct Said {
        privacy::Output output;
        MonoTime at;
    };

    void load();
    void find_oldest_told();
    bool is_about(const privacy::ReleaseRule& rule, const facts::Fact& fact) const;
    // A rule counts from when it is given, and not only from when something changes next.
    void apply_to_what_is_known(const privacy::ReleaseRule& rule);
    void take(const facts::Fact& fact, bool gone);
    // What the rule told stands no more; a plan that was made known does.
    void take_back(const privacy::ReleaseRule& rule);
    void remember(const privacy::ReleaseRule& rule,
                  const facts::Key& told,
                  const std::string& json,
                  WallTime time);
    void apply(const privacy::ReleaseRule& rule, const facts::LabelledFact& reading);

    Node& node_;
    std::map<privacy::RuleId, Said> said_;
    std::size_t next_told_ = 0;  // slot
};

}  // namespace ambit::node
