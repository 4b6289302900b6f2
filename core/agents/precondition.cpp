#include "agents/precondition.h"

#include <cmath>

#include <nlohmann/json.hpp>

namespace ambit::agents {
namespace {

double rounded(double value) {
    return std::round(value * 100) / 100;
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
    proposal.input_json = *cabin_input(binding.capability, on, facts.comfort_c);
    proposal.motive = on ? Motive::Comfort : Motive::Energy;
    proposal.step = on ? "start" : "stop";
    if (facts.told) {
        proposal.causes.push_back(*facts.told);
    }
    return proposal;
}

}  // namespace

std::optional<std::string> cabin_input(const std::string& capability, bool on, double target_c) {
    if (capability == "cabin.precondition") {
        return on ? nlohmann::json({{"on", true}, {"target_c", target_c}}).dump() : R"({"on":false})";
    }
    if (capability == "climate.set") {
        return on ? nlohmann::json({{"mode", "heat_cool"}, {"temperature_c", target_c}}).dump()
                  : R"({"mode":"off"})";
    }
    if (capability == "switch.set") {
        return on ? R"({"on":true})" : R"({"on":false})";
    }
    return std::nullopt;
}

CabinPlan precondition(const CabinFacts& facts,
                       const CabinModel& model,
                       const CabinBinding& binding,
                       WallTime now) {
    CabinPlan plan;
    const bool known = facts.cabin_c && facts.outside_c;
    if (facts.moving || !known || !cabin_input(binding.capability, true, facts.comfort_c)) {
        return plan;
    }
    if (!facts.leaves || now > *facts.leaves + kKeptFor) {
        if (facts.on) {
            plan.proposal = switching(facts, binding, false);
        }
        return plan;
    }
    const minutes lead = model.lead(*facts.cabin_c, *facts.outside_c, facts.comfort_c);
    if (!facts.on) {
        plan.starts = *facts.leaves - lead;
        if (lead.count() > 0 && now >= *plan.starts) {
            plan.proposal = switching(facts, binding, true);
        }
    } else {
        // It is warm by now, so that the lead says nothing about when it would have to begin again: only a
        // departure that is far off by any measure is worth switching off for.
        const minutes from_cold = model.lead(*facts.outside_c, *facts.outside_c, facts.comfort_c);
        if (*facts.leaves - from_cold > now + kSwitchBack) {
            plan.proposal = switching(facts, binding, false);
        }
    }
    if (plan.proposal) {
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
