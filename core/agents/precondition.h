// Precondition: the agent that has the cabin at its temperature when its person leaves, and no sooner.
//
// Runs on the car, with what it was told (a time and a temperature) and what it learned itself.  What acts is
// a cabin or any climate, switch or button; where nobody tells how warm it is, a usual time has to do.
// Pure.  Ownership: values.  Threads: any.  Failure: none.  Spec: docs/spec/agents.md section "The cabin".
#pragma once

#include <optional>

#include "agents/arbitration.h"
#include "agents/cabin_model.h"

namespace ambit::agents {

inline constexpr std::string_view kPreconditionAgent = "precondition";
// How long the cabin is kept for somebody who is late.
inline constexpr minutes kKeptFor{10};
// A plan that moved by less than this doesn't switch anything off again.
inline constexpr minutes kSwitchBack{8};
// Below this charge, and not plugged in, the battery is for driving.
inline constexpr double kChargeMin = 20;
// A button that was pressed counts for whoever leaves within this time: pressed again it may well stop.
inline constexpr minutes kPressStands{60};

// What acts for the cabin: any entity with one of these capabilities.
struct CabinBinding {
    std::string entity;
    std::string capability;  // "cabin.precondition", "climate.set", "switch.set" or "button.press"
};

// What to ask for, and what instead where the entity cannot do that; empty: it can't be asked for this.
// `warmer`: it has to get so; for a climate that heats or cools but does not choose.
std::vector<std::string> cabin_inputs(const std::string& capability, bool on, double target_c, bool warmer);

struct CabinFacts {
    // What the person's rule let out; the cause names who told it and when.
    std::optional<WallTime> leaves;
    double comfort_c = 21;
    std::optional<Cause> told;
    // What the car knows itself.
    std::optional<double> cabin_c;
    std::optional<double> outside_c;
    bool on = false;                  // it is being preconditioned
    bool for_told = false;            // and that began for just what is told
    std::optional<WallTime> pressed;  // of a button: when this agent did last, or may have
    minutes usual_lead{20};           // where it is not known how warm it is
    bool moving = false;
    std::optional<double> charge_pct;
    bool plugged = false;
};

struct CabinPlan {
    std::optional<Proposal> proposal;
    std::optional<WallTime> starts;  // when it will, by what is known now
};

// What is learned of this minute.  `heated_otherwise`: by somebody else, so that nothing can be told from it.
// How much power it takes is known while it is off, and while it is far from its target.
// REQUIRES: both temperatures are known.
CabinSample sample_of(const CabinFacts& facts, bool heated_otherwise, WallTime now);

CabinPlan precondition(const CabinFacts& facts,
                       const CabinModel& model,
                       const CabinBinding& binding,
                       WallTime now);
std::optional<Veto> cabin_veto(const CabinFacts& facts);

}  // namespace ambit::agents
