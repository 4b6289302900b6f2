// Intents: which capability carries out what a sentence means, with which values, and what can be turned up.
//
// The one table between sentences and capabilities, for every rung.  Pure.  Ownership: tables live as long as
// the program.  Threads: any.  Failure: a slot that is missing or no number gives nothing.
// Spec: docs/spec/sentences.md, "From an intent to commands".
#pragma once

#include <span>

#include "language/understand.h"

namespace ambit::language {

// How clearly a sentence must point at a thing before it may act on it.
enum class Reach : std::uint8_t {
    Everything,  // "everything off" means it too
    Kind,        // by its kind ("close the covers") or its name
    Said,        // as Kind, and the sentence is about that kind: "turn off the front door" opens no lock
    Named,       // by its name alone
    NoEntity,    // no thing is needed: a device of the household offers the capability
};

// One way to carry out an intent; of several the first that the thing offers counts.
struct Target {
    std::string_view intent;
    // "": always; "slot": it must be there; "slot=value": with that value.
    std::string_view when;
    std::string_view capability;
    // Members of the input, separated by spaces: `member=<JSON>`, or `member=<how>:<slot>`, optional with a
    // "?" at the end.  How: number, percent, celsius, text, color, duration (slots <prefix>hours,
    // <prefix>minutes, <prefix>seconds; "-duration" counts down).
    std::string_view input;
    Reach reach = Reach::Kind;
    bool risky = false;  // as the capability's descriptor says: guessed names are asked about
};

// All of them, in order.
std::span<const Target> all_targets();
// Those of `recognition` whose condition is met.
std::vector<const Target*> targets_of(const Recognition& recognition);
// The input; nullopt when a slot it needs is missing or makes no sense.
std::optional<std::string> input_for(const Target& target, const Recognition& recognition, bool fahrenheit);

// What the home would need for `intent`, which nothing here carries out yet: "calendar"; empty for an intent
// nobody knows.
std::string_view needed_for(std::string_view intent);

// Something that can be turned up or down.
struct Dial {
    std::string_view attribute;  // "brightness"
    std::string_view capability;
    std::string_view member;  // of the input, and of the state
    double little = 0;        // "a bit"; the sign is that of "up"
    double step = 0;
    double much = 0;
    double least = 0;
    double most = 0;
    bool switches_on = false;  // the input says so too
};

std::span<const Dial> all_dials();
// For "turn it up" in all its forms, the attribute it is about ("" if the thing decides); nullopt for another
// intent.
std::optional<std::string_view> attribute_turned(const Recognition& recognition);
// Numbers said in a follow-up ("back to 40") and amounts are of this dial; nullptr: the thing has none.
const Dial* dial_for(const HomeEntity& entity, std::string_view attribute);
// The input that sets `dial` to `value`, kept in its bounds.
std::string dial_input(const Dial& dial, double value);

}  // namespace ambit::language
