// Arbitration: decides, for one entity, which of the proposals is carried out, if any.
//
// The device that acts for the entity decides: safety > a person's explicit word > comfort > energy.
// Pure.  Ownership: values.  Threads: any.  Failure: none.  Spec: docs/spec/agents.md section "Arbitration".
#pragma once

#include <optional>
#include <span>

#include "agents/proposal.h"

namespace ambit::agents {

// How long what a person said about a thing keeps the agents' hands off it.
inline constexpr std::chrono::hours kWordStands{1};
// Agents do no more to one thing than this: a sensor that flutters must not make a house that does.
inline constexpr std::size_t kActsPerHourMax = 20;

// Why nothing may be done to an entity now, whatever is proposed; only what serves safety itself passes.
struct Veto {
    std::string reason;  // a sentence part for people: "the car is at 12 % and not plugged in"
};

// What is known about the entity.
struct Standing {
    std::optional<WallTime> person_spoke;  // the last explicit command for it
    std::size_t acts_last_hour = 0;        // by agents
    std::optional<Veto> veto;
};

enum class Ruling : std::uint8_t { Act, NothingProposed, Vetoed, WordStands, Outranked, TooOften };
std::string_view name_of(Ruling ruling);

struct Judged {
    std::size_t proposal = 0;  // its index
    Ruling ruling = Ruling::NothingProposed;
    std::string why;                // for people, when it isn't Act
    std::optional<WallTime> until;  // when it may be judged otherwise, if that is known
};

// One judgement for each proposal, in their order; at most one of them is Act.
std::vector<Judged> arbitrate(std::span<const Proposal> proposals, const Standing& standing, WallTime now);

}  // namespace ambit::agents
