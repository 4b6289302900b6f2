// Reading: what the templates make of words, and behind them the next rung, before anything is resolved.
//
// The rung is asked when no template matched, and about what one makes of words in which nothing of the home
// is named, if it knows of such an intent.
// Ownership: values.  Threads: any.  Failure: as Grammar::recognise().
// Spec: docs/spec/sentences.md, "The next rung".
#pragma once

#include "language/understand.h"

namespace ambit::language {

struct Reading {
    std::optional<Recognition> recognition;  // what the words mean; by which rung is in it
    bool refused = false;                    // a template matched, and the next rung did not agree
    std::optional<Guess> guess;              // what the next rung said, if it was asked
};

// The templates alone, but a guess of theirs counts only if `rung` agrees; null: then it counts.
Result<Reading> read_templates(const Grammar& grammar,
                               std::string_view utterance,
                               const Home& home,
                               const Context& context,
                               const Rung* rung);
// By way of the rung's rewordings.  Asks the rung, unless `guess` is what it said already.
Result<Reading> read_guess(const Grammar& grammar,
                           std::string_view utterance,
                           const Home& home,
                           const Context& context,
                           const Rung* rung,
                           std::optional<Guess> guess = std::nullopt);

}  // namespace ambit::language
