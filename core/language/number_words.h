// Number words: how the whole numbers 0 to 999 are said.
//
// Pure, from our own rules; English and German.  Threads: any.  Failure: an unknown language has no words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ambit::language {

inline constexpr int kNumberWordsMax = 999;

// Every form people use for `number`, folded, most usual first: "twenty one", "twenty-one", ...
std::vector<std::string> number_words(int number, std::string_view language);

}  // namespace ambit::language
