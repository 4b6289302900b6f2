// Tags: from what each word looks like to slots that do not contradict themselves.
//
// Ownership: values.  Threads: any.  Failure: none.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "intent_model/intent_model.h"

namespace ambit::intent_model {

// The likeliest sequence of tags in which a slot goes on only where it has begun (Viterbi 1967).
std::vector<std::uint16_t> best_tags(const std::vector<float>& logits, std::size_t words, std::size_t tags);
std::vector<SlotValue> slots_of(const std::vector<std::uint16_t>& tags,
                                const std::vector<std::string>& names,
                                const std::vector<Token>& words,
                                std::string_view text);

}  // namespace ambit::intent_model
