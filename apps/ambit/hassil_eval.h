// Hassil eval: how our templates read sentences whose reading by hassil was recorded, line by line.
//
// A line is {"text","hassil":{"intent","slots",...}|null} with, if it has them, "fixture", "context" and
// "slot_text". Pure: texts in, figures out.  Ownership: values.  Threads: one.  Failure: a line or home that
// can't be read is InvalidArgument with its number.  Spec: docs/spec/sentences.md, "Recorded sets".
#pragma once

#include "ambit/json.h"
#include "language/language.h"

namespace ambit::cli {

// True if the lines of `data` are such a set, and not sentences with an intent and slots.
bool is_hassil_set(std::string_view data);

struct HassilSet {
    std::string data;  // JSON lines
    std::string home;  // of all sentences, or by the names that the lines give as "fixture"
    std::vector<language::SourceFile> sentences;
    std::string language;
};

// {"v":1,"kind":"hassil","compared","skipped","differences","intent_right","slots_right","examples":[...],"p50_us","p99_us"}
Result<Json> evaluate_hassil(const HassilSet& set);
std::string hassil_eval_text(const Json& answer);

}  // namespace ambit::cli
