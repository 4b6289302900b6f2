// AgentActs: what agents propose, arbitrated and carried out by the device that acts for the entity.
//
// A proposal's key is the id of its request, so that the journal lets it happen once, whoever proposes it.
// What is done is written with its reasons; what is not is said with the reason why not.
// Ownership: the daemon owns it; borrows Node.  Threads: the loop's.  Failure: health items; what is vetoed,
// outranked or told otherwise by a person is no failure.  Spec: docs/spec/agents.md section "Arbitration".
#pragma once

#include <set>

#include "agents/arbitration.h"
#include "node/node.h"

namespace ambit::node {

// Of an entity: {"agent","capability","step","why","until_ms"?,"because"}, what was proposed or might have
// been expected, and is not done.  An empty "why": nothing any more.
inline constexpr std::string_view kHeldAttribute = "held_back";

// Something that an agent does not do now.
struct Held {
    std::string entity;
    std::string agent;
    std::string capability;
    std::string step = {};
    std::string why = {};                // a sentence part for people; empty: there is nothing to say
    std::optional<WallTime> until = {};  // when it may be otherwise
    std::vector<agents::Cause> causes = {};
};

class AgentActs {
  public:
    static constexpr std::size_t kThingsMax = 256;  // remembered, before those that are gone are forgotten
    static constexpr std::size_t kKeysMax = 512;    // remembered, so that nothing is asked for twice
    // What did not work is tried again so long after, and so often.
    static constexpr std::chrono::minutes kAgain{5};
    static constexpr unsigned kTriesMax = 5;

    explicit AgentActs(Node& node) : node_(node) {}

    // Is this the device that acts for the entity, as things are?
    bool acts_for(const std::string& entity_id) const;
    // All that is proposed for one entity now.  `audience`: who may read the reasons of these proposals; what
    // the household may not is left out of what it gets to read.
    void propose(const std::vector<agents::Proposal>& proposals,
                 const std::optional<agents::Veto>& veto,
                 const privacy::NamedAudience& audience);
    // Says why something is not done, once for as long as it stays so: to the household if `audience` is,
    // else here and to all devices of each person one of whose told a cause.
    void hold_back(const Held& held, const privacy::NamedAudience& audience);
    // The agent's own last act for the entity, if that was the last thing anybody did to it.
    std::optional<std::string> last_step(const std::string& entity, const std::string& agent) const;
    // How the entity was before that act, or before all of them if they were steps of one, as JSON; "" if
    // that is not known.
    std::string before(const std::string& entity, const std::string& agent) const;
    // That act was for this, among other causes.
    bool was_for(const std::string& entity, const std::string& agent, const agents::Cause& cause) const;
    // When agents changed it last, or may have, if that was within the last hour; now if one is at it.
    std::optional<WallTime> acted(const std::string& entity, Now now);

  private:
    struct Asked {
        MonoTime again;  // until then it is not asked for
        unsigned tries = 0;
    };

    struct Said {
        std::string text;
        std::vector<privacy::NamedAudience> readers;
    };

    agents::Standing standing(const std::string& entity, Now now);
    // When agents changed it within the last hour, in this life and before.
    std::vector<MonoTime>& acts_of(const std::string& entity, Now now);
    void count_act(const std::string& entity, Now now);
    void carry_out(const agents::Proposal& proposal, const privacy::NamedAudience& audience, Now now);
    void finished(const RequestId& key,
                  const agents::Proposal& proposal,
                  const privacy::NamedAudience& audience,
                  const request::RequestResult& result,
                  Now now);
    std::vector<privacy::NamedAudience> readers_of(const Held& held,
                                                   const privacy::NamedAudience& audience) const;
    void say_held(const Held& held, const privacy::NamedAudience& reader);

    Node& node_;
    std::map<RequestId, Asked> asked_;
    std::set<std::string> under_way_;                    // entities
    std::map<std::string, std::vector<MonoTime>> acts_;  // by entity
    std::map<std::string, Said> held_;                   // by entity: what was said last
    std::shared_ptr<int> alive_ = std::make_shared<int>();
};

}  // namespace ambit::node
