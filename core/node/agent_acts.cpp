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
constexpr std::chrono::hours kHour{1};
// For this device: when agents changed the entity within the last hour, in milliseconds since 1970.
constexpr std::string_view kActsAttribute = "agent_acts";

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

// Who may know what `teller` told: all devices of its person, or it alone if it is nobody's.
std::vector<DeviceId> of_the_same_person(const Parts& parts, const DeviceId& teller) {
    if (teller.is_zero()) {
        return {};
    }
    const identity::Device* device = parts.roster ? parts.roster->device(teller) : nullptr;
    return device != nullptr && device->owner ? parts.roster->devices_of(*device->owner)
                                              : std::vector<DeviceId>{teller};
}

bool happens_each_time(const std::string& capability) {
    const auto descriptor = capability::find_capability(capability);
    return descriptor && (*descriptor)->effect == capability::Effect::Once;
}

// Its source knows the thing, and that it has no such mode or value.
bool cannot(ErrorCode code) {
    return code == ErrorCode::MqttCommandInvalid || code == ErrorCode::HomeAssistantCannot ||
           code == ErrorCode::BadInput;
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

std::optional<WallTime> AgentActs::acted(const std::string& entity, Now now) {
    if (under_way_.contains(entity)) {
        return now.wall;
    }
    const auto& acts = acts_of(entity, now);
    return acts.empty() ? std::nullopt
                        : std::optional(now.wall - (now.mono - *std::max_element(acts.begin(), acts.end())));
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

bool AgentActs::was_for(const std::string& entity,
                        const std::string& agent,
                        const agents::Cause& cause) const {
    const auto last = last_action(node_.parts(), entity).value;
    if (!last_step(entity, agent) || !last.contains("because") || !last["because"].is_array()) {
        return false;
    }
    const auto& because = last["because"];
    return std::any_of(because.begin(), because.end(), [&](const nlohmann::json& one) {
        return text_at(one, "attribute") == cause.attribute &&
               text_at(one, "told_by") == cause.told_by.hex() && time_at(one, "time_ms") == cause.time;
    });
}

std::vector<MonoTime>& AgentActs::acts_of(const std::string& entity, Now now) {
    const auto [at, fresh] = acts_.try_emplace(entity);
    auto& acts = at->second;
    if (fresh) {
        if (acts_.size() > kThingsMax) {
            std::erase_if(acts_, [&](const auto& one) {
                return one.first != entity && (one.second.empty() || one.second.back() + kHour <= now.mono);
            });
        }
        const auto kept = node_.parts().facts.get(
            {privacy::ThisDevice{node_.parts().self}, entity_subject(entity), std::string(kActsAttribute)});
        const auto* text = kept ? std::get_if<facts::Json>(&kept->read(kHere).value) : nullptr;
        const auto json = nlohmann::json::parse(text == nullptr ? "" : text->text, nullptr, false);
        for (std::size_t i = 0; json.is_array() && i < std::min(json.size(), agents::kActsPerHourMax); ++i) {
            const nlohmann::json one = {{"at", json[i]}};
            // One that lies ahead was written before a clock was set back: it counts as of now.
            const WallTime then = std::min(time_at(one, "at").value_or(WallTime{}), now.wall);
            acts.push_back(now.mono - std::min<microseconds>(now.wall - then, kHour));
        }
    }
    std::erase_if(acts, [&](MonoTime then) { return then + kHour <= now.mono; });
    return acts;
}

void AgentActs::count_act(const std::string& entity, Now now) {
    auto& acts = acts_of(entity, now);
    acts.push_back(now.mono);
    nlohmann::json times = nlohmann::json::array();
    for (const MonoTime then : acts) {
        times.push_back(ms_of(now.wall - (now.mono - then)));
    }
    facts::Draft draft;
    draft.key = {privacy::ThisDevice{node_.parts().self}, entity_subject(entity),
                 std::string(kActsAttribute)};
    draft.value = facts::Json{times.dump()};
    draft.time = now.wall;
    if (const auto written = node_.parts().facts.put(draft, now); !written) {
        node_.parts().health.bad("facts.write", written.error());
    }
}

agents::Standing AgentActs::standing(const std::string& entity, Now now) {
    agents::Standing standing;
    const auto last = last_action(node_.parts(), entity);
    if (last.value.is_object() && !last.value.contains("agent")) {
        standing.person_spoke = last.time;
    }
    // A command that is under way is not in a fact yet.
    if (const auto commanded = node_.actions().commanded(entity)) {
        standing.person_spoke = std::max(standing.person_spoke.value_or(*commanded), *commanded);
    }
    standing.acts_last_hour = acts_of(entity, now).size();
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
    const std::size_t instead = asked.tries;
    const std::string& input =
        instead == 0 || proposal.otherwise_json.empty()
            ? proposal.input_json
            : proposal.otherwise_json[std::min(instead, proposal.otherwise_json.size()) - 1];
    const RequestId id = id_of_try(proposal, asked.tries++);
    under_way_.insert(proposal.entity);
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
    request::Intent intent{.id = id,
                           .capability = proposal.capability,
                           .entity = proposal.entity,
                           .input = privacy::Labelled<Bytes>(
                               to_bytes(input), {privacy::Audience(privacy::ThisDevice{node_.parts().self}),
                                                 privacy::Trust::Trusted}),
                           .person = std::nullopt,
                           .deadline = now.mono + kDeadline,
                           .command = true};
    node_.actions().invoke(
        std::move(intent),
        [this, weak = std::weak_ptr(alive_), key, proposal, audience](const request::RequestResult& result,
                                                                      Now then) {
            if (!weak.expired()) {
                finished(key, proposal, audience, result, then);
            }
        },
        {}, now);
}

void AgentActs::finished(const RequestId& key,
                         const agents::Proposal& proposal,
                         const privacy::NamedAudience& audience,
                         const request::RequestResult& result,
                         Now now) {
    under_way_.erase(proposal.entity);
    const std::string health_key = "agent." + proposal.agent;
    if (result.outcome != request::Outcome::NotDone) {
        count_act(proposal.entity, now);  // also what may have been done
    }
    if (result.outcome == request::Outcome::Unknown && happens_each_time(proposal.capability)) {
        asked_[key].again = MonoTime::max();  // twice would be one too many
        return node_.parts().health.bad(health_key, result.error);
    }
    if (result.outcome == request::Outcome::NotDone && cannot(result.error.code) &&
        asked_[key].tries <= proposal.otherwise_json.size()) {
        asked_[key].again = now.mono;
        return carry_out(proposal, audience, now);
    }
    if (result.outcome != request::Outcome::Done) {
        asked_[key].again = now.mono + kAgain;
        return node_.parts().health.bad(health_key, result.error);
    }
    node_.parts().health.ok(health_key);
}

std::vector<privacy::NamedAudience> AgentActs::readers_of(const Held& held,
                                                          const privacy::NamedAudience& audience) const {
    if (is_for_household(audience)) {
        return {privacy::Household{}};
    }
    std::vector<privacy::NamedAudience> readers{privacy::ThisDevice{node_.parts().self}};
    for (const agents::Cause& cause : held.causes) {
        for (const DeviceId& device : of_the_same_person(node_.parts(), cause.told_by)) {
            const privacy::NamedAudience reader = privacy::ThisDevice{device};
            if (std::find(readers.begin(), readers.end(), reader) == readers.end()) {
                readers.push_back(reader);
            }
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
    if (held_.size() > kThingsMax) {
        std::erase_if(
            held_, [this](const auto& one) { return node_.parts().directory.entity(one.first) == nullptr; });
    }
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
        if (device == nullptr || device->device == node_.parts().self) {
            return true;
        }
        const auto devices = of_the_same_person(node_.parts(), told_by);
        return std::find(devices.begin(), devices.end(), device->device) != devices.end();
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
