#include "agents/precondition.h"

#include <cmath>

#include <nlohmann/json.hpp>

namespace ambit::agents {
namespace {

double rounded(double value) {
    return std::round(value * 100) / 100;
}

bool is_known(const CabinFacts& facts) {
    return facts.cabin_c && facts.outside_c;
}

bool is_button(const CabinBinding& binding) {
    return binding.capability == "button.press";
}

// What the car weighed, for whoever asks why.
Cause learned(const CabinFacts& facts, const CabinModel& model, WallTime now) {
    Cause cause;
    cause.attribute = "cabin";
    cause.time = now;
    cause.triggers = false;
    cause.value_json =
        nlohmann::json({{"cabin_c", rounded(*facts.cabin_c)},
                        {"outside_c", rounded(*facts.outside_c)},
                        {"c_per_min", rounded(model.rate(*facts.cabin_c, *facts.outside_c,
                                                         facts.comfort_c > *facts.cabin_c ? 1 : -1))},
                        {"time_constant_min", std::round(model.time_constant_min())},
                        {"mornings", model.mornings()}})
            .dump();
    return cause;
}

Proposal switching(const CabinFacts& facts, const CabinBinding& binding, bool on) {
    Proposal proposal;
    proposal.agent = kPreconditionAgent;
    proposal.capability = binding.capability;
    proposal.entity = binding.entity;
    proposal.otherwise_json = cabin_inputs(binding.capability, on, facts.comfort_c,
                                           !facts.cabin_c || *facts.cabin_c < facts.comfort_c);
    proposal.input_json = proposal.otherwise_json.front();
    proposal.otherwise_json.erase(proposal.otherwise_json.begin());
    proposal.motive = on ? Motive::Comfort : Motive::Energy;
    proposal.step = on ? "start" : "stop";
    if (facts.told) {
        proposal.causes.push_back(*facts.told);
    }
    return proposal;
}

// How long it takes from how it is now.
minutes lead_of(const CabinFacts& facts, const CabinModel& model) {
    return is_known(facts) ? model.lead(*facts.cabin_c, *facts.outside_c, facts.comfort_c) : facts.usual_lead;
}

// The same from a cold cabin.
minutes lead_from_cold(const CabinFacts& facts, const CabinModel& model) {
    return is_known(facts) ? model.lead(*facts.outside_c, *facts.outside_c, facts.comfort_c)
                           : facts.usual_lead;
}

}  // namespace

std::vector<std::string> cabin_inputs(const std::string& capability, bool on, double target_c, bool warmer) {
    if (capability == "cabin.precondition") {
        return {on ? nlohmann::json({{"on", true}, {"target_c", target_c}}).dump() : R"({"on":false})"};
    }
    if (capability == "switch.set") {
        return {on ? R"({"on":true})" : R"({"on":false})"};
    }
    if (capability == "button.press") {
        return on ? std::vector<std::string>{"{}"} : std::vector<std::string>{};
    }
    if (capability != "climate.set") {
        return {};
    }
    if (!on) {
        return {R"({"mode":"off"})"};
    }
    std::vector<std::string> inputs;
    for (const char* mode : {"heat_cool", warmer ? "heat" : "cool", "auto"}) {
        inputs.push_back(nlohmann::json({{"mode", mode}, {"temperature_c", target_c}}).dump());
    }
    inputs.push_back(nlohmann::json({{"temperature_c", target_c}}).dump());
    return inputs;
}

CabinSample sample_of(const CabinFacts& facts, bool heated_otherwise, WallTime now) {
    const bool near = std::abs(*facts.cabin_c - facts.comfort_c) < CabinModel::kNear;
    const bool unknown = facts.moving || heated_otherwise || (facts.on && near);
    const double power = !facts.on || near ? 0 : (*facts.cabin_c < facts.comfort_c ? 1 : -1);
    return {now, *facts.cabin_c, *facts.outside_c, power, unknown};
}

CabinPlan precondition(const CabinFacts& facts,
                       const CabinModel& model,
                       const CabinBinding& binding,
                       WallTime now) {
    CabinPlan plan;
    const bool button = is_button(binding);
    if (facts.moving || cabin_inputs(binding.capability, true, facts.comfort_c, true).empty()) {
        return plan;
    }
    if (!facts.leaves || now > *facts.leaves + kKeptFor) {
        if (facts.on && !button) {
            plan.proposal = switching(facts, binding, false);
        }
        return plan;
    }
    const bool pressed = button && facts.pressed && *facts.leaves <= *facts.pressed + kPressStands;
    if (!facts.on || button) {
        const minutes lead = lead_of(facts, model);
        plan.starts = *facts.leaves - lead;
        // Who is late finds it warm; a button is no good to them any more.
        const bool due = lead.count() > 0 && now >= *plan.starts && (!button || now < *facts.leaves);
        if (due && !pressed) {
            plan.proposal = switching(facts, binding, true);
        }
    } else if (!facts.for_told && *facts.leaves - lead_from_cold(facts, model) > now + kSwitchBack) {
        // It is warm by now, so that the lead says nothing about when it would have to begin again: only a
        // departure that is far off by any measure is worth switching off for; and one that did not move is
        // not, for it would not be begun again: a first morning may learn that it began too early.
        plan.proposal = switching(facts, binding, false);
    }
    if (plan.proposal && is_known(facts)) {
        plan.proposal->causes.push_back(learned(facts, model, now));
    }
    return plan;
}

std::optional<Veto> cabin_veto(const CabinFacts& facts) {
    if (facts.moving) {
        return Veto{"the car is moving"};
    }
    if (facts.charge_pct && *facts.charge_pct < kChargeMin && !facts.plugged) {
        return Veto{"the car's battery is below 20 % and it is not plugged in"};
    }
    return std::nullopt;
}

}  // namespace ambit::agents
