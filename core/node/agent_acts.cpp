#include "node/agent_acts.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "node/json_members.h"

namespace ambit::node {
namespace {

constexpr privacy::Here kHere{"agent acts"};
constexpr seconds kDeadline{15};
constexpr milliseconds kHeldLife = std::chrono::hours(12);
constexpr milliseconds kEndedLife = std::chrono::minutes(1);

bool is_for_household(const privacy::NamedAudience& audience) {
    return std::holds_alternative<privacy::Household>(audience) ||
           std::holds_alternative<privacy::Anyone>(audience);
}

struct LastAction {
    nlohmann::json value;  // null if there is none
    WallTime time;
};

LastAction last_action(const Parts& parts, const std::string& entity) {
    const auto kept =
        parts.facts.get({privacy::Household{}, entity_subject(entity), std::string(kLastActionAttribute)});
    if (!kept) {
        return {};
    }
    const facts::Fact& fact = kept->read(kHere);
    const auto* json = std::get_if<facts::Json>(&fact.value);
    return {nlohmann::json::parse(json == nullptr ? "" : json->text, nullptr, false), fact.time};
}

nlohmann::json reasons(const std::vector<agents::Cause>& causes,
                       const std::function<bool(const DeviceId& told_by)>& may_know) {
    nlohmann::json list = nlohmann::json::array();
    for (const agents::Cause& cause : causes) {
        nlohmann::json one = {{"attribute", cause.attribute}, {"time_ms", ms_of(cause.time)}};
        if (!cause.told_by.is_zero()) {
            one["told_by"] = cause.told_by.hex();
        }
        // What was weighed is this device's own; what triggered came from somebody, for whoever they said.
        if (!cause.triggers || may_know(cause.told_by)) {
            one["value"] = nlohmann::json::parse(cause.value_json, nullptr, false);
        }
        list.push_back(std::move(one));
    }
    return list;
}

// The id of one try: the same on every device that runs the agent.
RequestId id_of_try(agents::Proposal proposal, unsigned tries) {
    if (tries > 0) {
        proposal.step += "\nagain " + std::to_string(tries);
    }
    return agents::key_of(proposal);
}

}  // namespace

bool AgentActs::acts_for(const std::string& entity_id) const {
    const Parts& parts = node_.parts();
    const capability::Entity* entity = parts.directory.entity(entity_id);
    if (entity == nullptr || !parts.roster) {
        return false;
    }
    for (const DeviceId& device : parts.directory.acting_order(*entity, *parts.roster)) {
        if (device == parts.self) {
            return parts.directory.available(parts.self, entity->source);
        }
        if (parts.links.is_up(device) && parts.directory.available(device, entity->source)) {
            return false;
        }
    }
    return false;
}

std::optional<std::string> AgentActs::last_step(const std::string& entity, const std::string& agent) const {
    const auto last = last_action(node_.parts(), entity).value;
    if (text_at(last, "agent") != agent || node_.actions().commanded(entity)) {
        return std::nullopt;
    }
    return text_at(last, "step");
}

std::string AgentActs::before(const std::string& entity, const std::string& agent) const {
    const auto last = last_action(node_.parts(), entity).value;
    return last_step(entity, agent) && last.contains("before") ? last["before"].dump() : "";
}

agents::Standing AgentActs::standing(const std::string& entity, Now now) const {
    agents::Standing standing;
    const auto last = last_action(node_.parts(), entity);
    if (last.value.is_object() && !last.value.contains("agent")) {
        standing.person_spoke = last.time;
    }
    // A command that is under way is not in a fact yet.
    if (const auto commanded = node_.actions().commanded(entity)) {
        standing.person_spoke = std::max(standing.person_spoke.value_or(*commanded), *commanded);
    }
    const auto acts = acts_.find(entity);
    if (acts != acts_.end()) {
        standing.acts_last_hour = static_cast<std::size_t>(
            std::count_if(acts->second.begin(), acts->second.end(),
                          [&](MonoTime at) { return at + std::chrono::hours(1) > now.mono; }));
    }
    return standing;
}

void AgentActs::propose(const std::vector<agents::Proposal>& proposals,
                        const std::optional<agents::Veto>& veto,
                        const privacy::NamedAudience& audience) {
    if (proposals.empty() || !acts_for(proposals.front().entity)) {
        return;
    }
    const Now now = node_.now();
    agents::Standing known = standing(proposals.front().entity, now);
    known.veto = veto;
    for (const agents::Judged& judged : agents::arbitrate(proposals, known, now.wall)) {
        const agents::Proposal& proposal = proposals[judged.proposal];
        Held held{proposal.entity, proposal.agent, proposal.capability, proposal.step,
                  judged.why,      judged.until,   proposal.causes};
        if (judged.ruling == agents::Ruling::Act) {
            held.why.clear();
            carry_out(proposal, audience, now);
        }
        hold_back(held, audience);
    }
}

void AgentActs::carry_out(const agents::Proposal& proposal, const privacy::NamedAudience& audience, Now now) {
    const RequestId key = agents::key_of(proposal);
    const auto known = asked_.find(key);
    if (known != asked_.end() && (known->second.again > now.mono || known->second.tries >= kTriesMax)) {
        return;
    }
    if (asked_.size() >= kKeysMax) {
        asked_.erase(std::min_element(asked_.begin(), asked_.end(), [](const auto& a, const auto& b) {
            return a.second.again < b.second.again;
        }));
    }
    Asked& asked = asked_[key];
    asked.again = MonoTime::max();
    const RequestId id = id_of_try(proposal, asked.tries++);
    const bool for_household = is_for_household(audience);
    const auto because = reasons(proposal.causes, [&](const DeviceId& /*told_by*/) { return for_household; });
    nlohmann::json said = {{"agent", proposal.agent},
                           {"rule", "agent " + proposal.agent},
                           {"step", proposal.step},
                           {"because", because}};
    const auto last = last_action(node_.parts(), proposal.entity).value;
    if (proposal.continues && last_step(proposal.entity, proposal.agent) && last.contains("before") &&
        last.value("because", nlohmann::json()) == because) {
        said["before"] = last["before"];  // to take it back is to take back every step
    }
    node_.actions().explain(id, said.dump());
    request::Intent intent{
        .id = id,
        .capability = proposal.capability,
        .entity = proposal.entity,
        .input = privacy::Labelled<Bytes>(
            to_bytes(proposal.input_json),
            {privacy::Audience(privacy::ThisDevice{node_.parts().self}), privacy::Trust::Trusted}),
        .person = std::nullopt,
        .deadline = now.mono + kDeadline,
        .command = true};
    node_.actions().invoke(
        std::move(intent),
        [this, weak = std::weak_ptr(alive_), key, proposal](const request::RequestResult& result, Now then) {
            if (!weak.expired()) {
                finished(key, proposal, result, then);
            }
        },
        {}, now);
}

void AgentActs::finished(const RequestId& key,
                         const agents::Proposal& proposal,
                         const request::RequestResult& result,
                         Now now) {
    const std::string health_key = "agent." + proposal.agent;
    if (result.outcome != request::Outcome::Done) {
        asked_[key].again = now.mono + kAgain;
        return node_.parts().health.bad(health_key, result.error);
    }
    auto& acts = acts_[proposal.entity];
    std::erase_if(acts, [&](MonoTime at) { return at + std::chrono::hours(1) <= now.mono; });
    acts.push_back(now.mono);
    node_.parts().health.ok(health_key);
}

std::vector<privacy::NamedAudience> AgentActs::readers_of(const Held& held,
                                                          const privacy::NamedAudience& audience) const {
    if (is_for_household(audience)) {
        return {privacy::Household{}};
    }
    std::vector<privacy::NamedAudience> readers{privacy::ThisDevice{node_.parts().self}};
    for (const agents::Cause& cause : held.causes) {
        const privacy::NamedAudience teller = privacy::ThisDevice{cause.told_by};
        if (!cause.told_by.is_zero() && std::find(readers.begin(), readers.end(), teller) == readers.end()) {
            readers.push_back(teller);
        }
    }
    return readers;
}

void AgentActs::hold_back(const Held& held, const privacy::NamedAudience& audience) {
    // What was weighed changes all the time, and alone is not worth saying it again.
    std::string text = held.why + '\n' + (held.until ? std::to_string(ms_of(*held.until)) : "") + '\n' +
                       agents::key_of({.agent = held.agent,
                                       .capability = held.capability,
                                       .entity = held.entity,
                                       .input_json = "",
                                       .step = held.step,
                                       .causes = held.causes})
                           .hex();
    Said& said = held_[held.entity];
    if (held.why.empty() ? said.readers.empty() : said.text == text) {
        return;
    }
    const Said before =
        std::exchange(said, held.why.empty() ? Said{} : Said{std::move(text), readers_of(held, audience)});
    for (const privacy::NamedAudience& reader : before.readers) {
        if (std::find(said.readers.begin(), said.readers.end(), reader) == said.readers.end()) {
            say_held({.entity = held.entity, .agent = held.agent, .capability = held.capability}, reader);
        }
    }
    const std::vector<privacy::NamedAudience> readers = said.readers;
    for (const privacy::NamedAudience& reader : readers) {
        say_held(held, reader);
    }
}

void AgentActs::say_held(const Held& held, const privacy::NamedAudience& reader) {
    const auto* device = std::get_if<privacy::ThisDevice>(&reader);
    const auto may_know = [&](const DeviceId& told_by) {
        return device == nullptr || device->device == node_.parts().self || device->device == told_by;
    };
    nlohmann::json value = {{"agent", held.agent},
                            {"capability", held.capability},
                            {"step", held.step},
                            {"why", held.why},
                            {"because", reasons(held.causes, may_know)}};
    if (held.until) {
        value["until_ms"] = ms_of(*held.until);
    }
    const auto put = node_.put_fleeting({reader, entity_subject(held.entity), std::string(kHeldAttribute)},
                                        facts::Json{value.dump()}, node_.now().wall,
                                        held.why.empty() ? kEndedLife : kHeldLife);
    if (!put) {
        node_.parts().health.bad("agent." + held.agent, put.error());
    }
}

}  // namespace ambit::node
