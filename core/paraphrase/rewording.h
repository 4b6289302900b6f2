// Rewording: the labels of the model, each with intents of ours and with words that our templates read.
//
// The one table between the two.  Pure.  Ownership: the table lives as long as the program.  Threads: any.
// Failure: a pattern whose slots were not said gives nothing.  Spec: docs/spec/sentences.md, "The next rung".
#pragma once

#include <span>

#include "intent_model/intent_model.h"
#include "language/rung.h"

namespace ambit::paraphrase {

struct Meaning {
    std::string_view label;    // of the model's head
    std::string_view intents;  // ours that it may mean, separated by spaces
    // Patterns separated by "|": {slot} must have been said; [...] is left out unless its slots were said;
    // {slot=word} is the word unless said.  A pattern counts if it holds every slot that was said, but ...
    std::string_view patterns;
    // ... these, separated by spaces, which add nothing.
    std::string_view idle_slots;
    bool acts = false;  // at once: words such as "not" and "when" leave it to somebody who understands them
    std::string_view unless = "";  // words, separated by spaces, with which the patterns may say the opposite
};

// The first item of a list, which is cut off it.
std::string_view cut(std::string_view& list, char separator);
// Of words separated by spaces.
bool is_in(std::string_view list, std::string_view word);

std::span<const Meaning> all_meanings();
// Labels of the other head that may mean what an intent of ours does, separated by spaces.
std::string_view shared_labels();
// Of the labels of the head of our own grammar.
std::span<const Meaning> own_meanings();
// nullptr: nothing of ours.
const Meaning* meaning_of(std::string_view label, std::span<const Meaning> meanings = all_meanings());
// Every pattern that fits, in order.
std::vector<language::Rewording> rewordings(const Meaning& meaning,
                                            const std::vector<intent_model::SlotValue>& slots);

}  // namespace ambit::paraphrase
