// BedroomRoom: on the home's device, runs the agent that lets one room follow how the people in it are.
//
// Hears the one word that a person's rule lets out to this device, from a device of that person and of nobody
// else; finds the room's lights and heating by their area; and hands what the agent wants to AgentActs.
// What is not said again is over with its life (core/facts/fleeting.h): then the room is left as it is.
// Ownership: the daemon owns it; borrows Node and AgentActs.  Threads: the loop's.  Use: tick() at
// next_deadline() and after events.  Failure: NoSuchThing (6005) as a health item.
// Spec: docs/spec/agents.md section "The bedroom".
#pragma once

#include "agents/bedroom.h"
#include "node/agent_acts.h"
#include "node/civil_alarm.h"

namespace ambit::node {

inline constexpr std::string_view kBodyAttribute = "body_state";

class BedroomRoom final : public Watcher {
  public:
    static constexpr seconds kEvery{15};
    static constexpr std::size_t kPeopleMax = 64;
    static constexpr std::size_t kThingsMax = 32;
    // So long after the start a room without anything in it is a mistake.
    static constexpr std::chrono::minutes kEmptyAfter{2};

    BedroomRoom(Node& node, AgentActs& acts, std::string area, const agents::RoomWishes& wishes);
    ~BedroomRoom() override;
    BedroomRoom(const BedroomRoom&) = delete;
    BedroomRoom& operator=(const BedroomRoom&) = delete;

    void tick(Now now);

    MonoTime next_deadline() const { return look_.next_deadline(); }

    void on_fact(const facts::LabelledFact& fact, bool gone) override;

    void on_peer(const DeviceId& /*peer*/, bool /*up*/) override {}

    void on_health(const capability::HealthItem& /*item*/) override {}

    void on_pending_changed() override {}

    void on_roster_changed() override { dirty_ = true; }

  private:
    // What is known of the people now, and who may read it.
    struct People {
        std::vector<agents::BodyTold> told;
        privacy::NamedAudience audience = privacy::Household{};
        bool any = false;  // somebody lets this device know, be it that nothing is known
    };

    People people(Now now);
    // Keeps what was told for this device, for `ambit why`.
    void keep(const PersonId& person, const facts::Fact& fact, const agents::Cause& cause);
    // Those it acts for; copies, because to act may change what there is.
    std::vector<capability::Entity> things() const;
    agents::RoomThing thing(const capability::Entity& entity, Now now) const;
    void follow(const agents::RoomThing& thing, const People& people, Now now);
    void say_whether_empty(bool empty, Now now);

    Node& node_;
    AgentActs& acts_;
    std::string area_;
    agents::RoomWishes wishes_;
    std::map<PersonId, agents::Cause> kept_;
    std::set<std::string> subjects_;  // of the things
    std::optional<MonoTime> empty_since_;
    bool dirty_ = true;
    CivilAlarm look_;
};

}  // namespace ambit::node
