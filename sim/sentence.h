// Sentence: the language of scenarios: one line, one thing that happens or is expected.
//
// A pattern is words and blanks, for example "<device> turns <thing> on"; a blank takes one word, or a text
// in double quotes.  Ownership: values.  Threads: any.  Failure: a text that says what is wrong.  Spec:
// sim/README.md.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace ambit::sim {

// What stood in the blanks, in order.
using Blanks = std::vector<std::string>;

// The words of a line; nothing for an empty one or a comment (#).  Fails on a quote that does not end.
Result<std::vector<std::string>> words_of(std::string_view line);
// The blanks, if `words` are of this pattern.
std::optional<Blanks> match(std::string_view pattern, const std::vector<std::string>& words);

// "300us", "40ms", "5s", "2min", "3h", "10years"
Result<microseconds> parse_time(const std::string& word);
std::string time_text(microseconds time);

struct Line {
    int number = 0;
    std::string text;
};

struct Script {
    std::string name;  // of its file
    std::vector<Line> lines;

    std::string text() const;
};

// Splits a file into the lines that say something.
Script parse_script(const std::string& name, std::string_view text);

}  // namespace ambit::sim
