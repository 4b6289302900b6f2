// CabinRoom: on a car, runs the agent that has the cabin warm when somebody leaves.
//
// Hears departures that a person's rule lets out to this device, keeps them over restarts for this device
// alone, learns from its cabin's temperature once a minute, and hands what it wants to AgentActs.
// Ownership: the daemon owns it; borrows Node and AgentActs.  Threads: the loop's.  Use: tick() at
// next_deadline() and after events.  Failure: CabinUnknown (5501) as a health item.
// Spec: docs/spec/agents.md section "The cabin".
#pragma once

#include "agents/precondition.h"
#include "node/agent_acts.h"
#include "node/civil_alarm.h"

namespace ambit::node {

struct CabinThings {
    // What acts for the cabin; empty: the first thing in the home with cabin.precondition that this device
    // announces.
    std::string entity;
    // Sensors, for what that thing's own state does not tell; empty: none.
    std::string temperature = {};
    std::string outside = {};
    agents::minutes usual_lead{20};  // where it is not known how warm it is
};

class CabinRoom final : public Watcher {
  public:
    static constexpr seconds kEvery{60};
    static constexpr std::size_t kPeopleMax = 64;

    CabinRoom(Node& node, AgentActs& acts, CabinThings things);
    ~CabinRoom() override;
    CabinRoom(const CabinRoom&) = delete;
    CabinRoom& operator=(const CabinRoom&) = delete;

    void tick(Now now);

    MonoTime next_deadline() const { return look_.next_deadline(); }

    void on_fact(const facts::LabelledFact& fact, bool gone) override;

    void on_peer(const DeviceId& /*peer*/, bool /*up*/) override {}

    void on_health(const capability::HealthItem& /*item*/) override {}

    void on_pending_changed() override {}

    void on_roster_changed() override { look_.set_due(); }

  private:
    // What one person's rule said last.
    struct Told {
        WallTime leaves;  // the epoch: nothing planned
        double comfort_c = 21;
        agents::Cause cause;
        privacy::NamedAudience audience = privacy::Household{};
    };

    void load();
    void hear(const PersonId& person, const facts::Fact& fact);
    const Told* next(Now now) const;
    std::optional<agents::CabinBinding> binding() const;

    // What is known of the cabin and its next departure.
    struct Known {
        agents::CabinFacts facts;
        bool able = false;              // what acts can
        bool heated_otherwise = false;  // it is on, and not by this agent
    };

    Known gather(const agents::CabinBinding& binding, Now now);
    void gather_temperatures(agents::CabinFacts& facts, const std::string& state_json, Now now) const;
    std::optional<double> sensor(const std::string& entity, Now now) const;
    // A thermometer that stands still far from how warm it is outside is broken: then nothing is known.
    void doubt_temperature(agents::CabinFacts& facts, bool on, Now now);
    void look_for_things();
    void learn(const agents::CabinFacts& facts, bool heated_otherwise, Now now);
    // Acts on the plan, or says why there is nothing to do.
    void follow(const agents::CabinPlan& plan,
                const Known& known,
                const agents::CabinBinding& binding,
                Now now);
    void keep_model(Now now);

    Node& node_;
    AgentActs& acts_;
    CabinThings things_;
    agents::CabinModel model_;
    std::optional<double> resting_c_;  // how warm the cabin was while nothing warmed it
    std::optional<double> read_c_;     // what the cabin's thermometer said last, and since when
    MonoTime read_since_{};
    bool stuck_ = false;
    std::map<PersonId, Told> told_;
    unsigned kept_mornings_ = 0;
    bool begun_ = false;
    bool dirty_ = true;
    CivilAlarm look_;
    CivilAlarm sample_;
};

}  // namespace ambit::node
