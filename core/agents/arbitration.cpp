#include "agents/arbitration.h"

namespace ambit::agents {
namespace {

// The proposal that ranks highest; the first of equals.
std::optional<std::size_t> best_of(std::span<const Proposal> proposals) {
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < proposals.size(); ++i) {
        if (!best || proposals[i].motive > proposals[*best].motive) {
            best = i;
        }
    }
    return best;
}

}  // namespace

std::string_view name_of(Ruling ruling) {
    constexpr std::string_view names[] = {"act",         "nothing proposed", "vetoed",
                                          "word stands", "outranked",        "too often"};
    return names[static_cast<std::size_t>(ruling)];
}

std::vector<Judged> arbitrate(std::span<const Proposal> proposals, const Standing& standing, WallTime now) {
    const auto best = best_of(proposals);
    // A word from the future is one of a clock that is off: it stands from now on.
    const bool word = standing.person_spoke && now < *standing.person_spoke + kWordStands;
    std::vector<Judged> judged;
    for (std::size_t i = 0; i < proposals.size(); ++i) {
        const bool safety = proposals[i].motive == Motive::Safety;
        Judged one{i, Ruling::Act, "", std::nullopt};
        if (standing.veto && !safety) {
            one.ruling = Ruling::Vetoed;
            one.why = standing.veto->reason;
        } else if (word && !safety) {
            one.ruling = Ruling::WordStands;
            one.why = "somebody said otherwise less than an hour ago";
            one.until = std::min(*standing.person_spoke, now) + kWordStands;
        } else if (i != *best) {
            one.ruling = Ruling::Outranked;
            one.why = std::string(name_of(proposals[*best].motive)) + " goes before " +
                      std::string(name_of(proposals[i].motive));
        } else if (standing.acts_last_hour >= kActsPerHourMax && !safety) {
            one.ruling = Ruling::TooOften;
            one.why = "it was changed " + std::to_string(standing.acts_last_hour) + " times within an hour";
            one.until = now + std::chrono::hours(1);
        }
        judged.push_back(std::move(one));
    }
    return judged;
}

}  // namespace ambit::agents
