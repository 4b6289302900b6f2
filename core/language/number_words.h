// Number words: how numbers are said, for ranges in sentence templates.
//
// Pure, from our own rules, one generator per language: en, de, fr, es, it, pt, nl, pl, zh, ja.  The forms of
// the first four and of zh are those of the Unicode CLDR's cardinal rules, which hassil reads.  Threads: any.
// Failure: an unknown language or too large a number has no words.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ambit::language {

inline constexpr std::int64_t kSpokenNumberMax = 999'999;

using SpokenForms = std::vector<std::string>;

// Every form of `number` + `tenths` / 10, folded, most usual first; what has a '-' also with a space instead.
SpokenForms number_words(std::int64_t number, int tenths, std::string_view language);

// The whole numbers 0 to kSpokenNumberMax, by language.
SpokenForms english_number(std::int64_t number);
SpokenForms german_number(std::int64_t number);
SpokenForms dutch_number(std::int64_t number);
SpokenForms french_number(std::int64_t number);
SpokenForms spanish_number(std::int64_t number);
SpokenForms italian_number(std::int64_t number);
SpokenForms portuguese_number(std::int64_t number);
SpokenForms polish_number(std::int64_t number);
SpokenForms chinese_number(std::int64_t number);
SpokenForms japanese_number(std::int64_t number);

// Of a number that is not negative, in a list of words.
inline std::size_t place_of(std::int64_t number) {
    return static_cast<std::size_t>(number);
}

// Each of `heads`, `between`, each of `tails`.
SpokenForms joined(const SpokenForms& heads, std::string_view between, const SpokenForms& tails);

}  // namespace ambit::language
