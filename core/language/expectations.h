// Expectations: a person's own list of sentences and what each should mean.
//
//   # the living room
//   turn on the kitchen light -> HassTurnOn Kitchen Light
//   dim the bedroom to 40 percent -> HassLightSet area=Bedroom brightness=40
//   sing me a song -> nothing
//
// Pure.  Ownership: values.  Threads: any.  Failure: a line that can't be read is a problem of its own
// (SentenceListLineInvalid, 3132); the others count.  Spec: docs/spec/sentences.md, "Lists of sentences".
#pragma once

#include "language/understand.h"

namespace ambit::language {

inline constexpr std::size_t kExpectationsMax = 10'000;

struct Expectation {
    int line = 0;
    std::string words;
    std::string intent;  // empty: any; "nothing": nothing may be understood
    std::map<std::string, std::string> slots;
    std::string thing;  // name or id of an entity it must be about; empty: any
};

struct ExpectationList {
    std::vector<Expectation> expectations;
    std::vector<Warning> problems;
};

ExpectationList parse_expectations(const std::string& file, std::string_view text);
// What is different from what was expected, in words; empty if nothing is.
std::string difference(const Expectation& expected, const Understanding& understood, const Home& home);
// What a sentence means, on one line: "HassTurnOn name=kitchen light: Kitchen Light {"on":true}".
std::string summary(const Understanding& understood, const Home& home);

}  // namespace ambit::language
