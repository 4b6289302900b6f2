// Examples: sentences with their intent and slots, from JSONL, and which of them a part of the training may
// see.
//
// One line = {"text","intent","slots":[{"name","value","start","end"}]}; start and end count code points, end
// exclusive.  Other keys are ignored.  The intent "oos" means: out of scope, no intent of this set.
// Ownership: values.  Threads: any.  Failure: BadExamples (3120), naming the line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ambit::intent_model {

constexpr std::string_view kOutOfScope = "oos";
// A label that stands for all intents of others, where a head has it: such a reading is out of scope, too.
constexpr std::string_view kForeign = "foreign";

struct SlotSpan {
    std::string name;
    std::size_t begin = 0;  // bytes
    std::size_t end = 0;

    friend bool operator==(const SlotSpan&, const SlotSpan&) = default;
};

struct Example {
    std::string text;
    std::string intent;
    std::vector<SlotSpan> slots;
    bool slots_known = true;  // false: only the intent is to be learned from it
};

Result<std::vector<Example>> parse_examples(std::string_view jsonl);

// The fixed slice of a training file that chooses thresholds and sizes and is never trained on: a tenth of
// the texts by their hash, and half of those out of scope (there are few of them).
bool is_tuning(const Example& example);

}  // namespace ambit::intent_model
