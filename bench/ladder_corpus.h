// Ladder corpus: sentences that people said, with the intent that annotators gave them, as shared data; and
// which readings of ours count as that intent.
//
// For the benchmark language-ladder.  Ownership: values.  Threads: one.  Failure: a missing file is named and
// ends the program.  The formats are those of ../shared/data/README.md.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "language/understand.h"

namespace ambit::bench {

struct Labelled {
    std::string text;
    std::string scenario;  // "iot"; "oos" for what is out of scope
    std::string intent;    // "iot_hue_lightoff"
    std::string place;     // the room that it names, or empty
    std::string color;     // the colour that it names, or empty
};

// Of MASSIVE ("train", "dev") and CLINC150's out-of-scope sentences.
std::vector<Labelled> massive(const std::filesystem::path& data, const std::string& split);
std::vector<Labelled> clinc_out_of_scope(const std::filesystem::path& data, const std::string& split);
// ... and those of its labels that a home is asked for (scenario "clinc").
std::vector<Labelled> clinc_of_a_home(const std::filesystem::path& data, const std::string& split);

// True if `ours` means what the annotators' intent says, with what it needs to be carried out.
bool is_right_intent(const Labelled& said, const language::Recognition& ours);
// True if the room and the colour that were named are among the slots.  Of rooms only those that `home` has
// count.
bool is_resolved(const Labelled& said, const language::Recognition& ours, const language::Home& home);
// True if no intent of ours stands for it: whatever is answered is a false accept.
bool is_out_of_scope(const Labelled& said);

// A home such as the speakers may have had.
language::Home home_of_speakers();

}  // namespace ambit::bench
