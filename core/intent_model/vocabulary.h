// Vocabulary: which rows of the embedding a word takes, and the labels of each head.
//
// A word takes the row of itself (words seen often enough have one; the others share row 0), the rows of its
// character n-grams (hashed), and the row of its shape ("00:00", "0a").  A head is one label space: its
// intents and slots. Ownership: values.  Threads: any.  Failure: none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "intent_model/examples.h"

namespace ambit::intent_model {

constexpr std::size_t kShapeRows = 64;
constexpr std::size_t kGramsMax = 48;  // n-grams of one word

struct Head {
    std::string name;
    std::vector<std::string> intents;
    std::vector<std::string> slots;

    // Tags of words: 0 = outside, 1 + 2*slot = its first word, 2 + 2*slot = a further one.
    std::size_t tags() const { return 1 + 2 * slots.size(); }

    // A head that tells what is foreign has no wide parts: n-grams say little about what was never seen.
    bool is_wide() const { return !intent(kForeign); }

    // Its number among `intents`, which are in order; nothing: it is not one of them.
    std::optional<std::size_t> intent(std::string_view intent_name) const;
};

struct Vocabulary {
    std::vector<std::uint32_t> words;  // hashes, ascending; the word at i has row i + 1
    std::size_t gram_rows = 0;

    std::size_t rows() const { return 1 + words.size() + gram_rows + kShapeRows; }
};

// The rows of one word: its own first, then its shape, then its n-grams, which are weighed by 1/sqrt(their
// number).
std::vector<std::uint32_t> rows_of(const Vocabulary& vocabulary, std::string_view word);

// The words that occur at least `least` times, most frequent first up to `most`.
Vocabulary vocabulary_of(const std::vector<const Example*>& examples,
                         std::size_t least,
                         std::size_t most,
                         std::size_t gram_rows);
// The labels of a set, each list in alphabetical order.
Head head_of(std::string name, const std::vector<Example>& examples);

}  // namespace ambit::intent_model
