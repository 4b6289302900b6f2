// Text: what the matcher compares, and where each byte of it came from.
//
// Pure values.  Case is folded for Latin, Greek and Cyrillic letters one to one; composed and decomposed
// forms are not unified yet.  Bytes that are not UTF-8 become U+FFFD, which matches no template. Threads:
// any.  Failure: none.  Spec: docs/spec/sentences.md, "Text".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "language/language.h"

namespace ambit::language {

// One character and the bytes of the utterance it stands for.
struct TextChar {
    char32_t code = 0;
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
};

using TextChars = std::vector<TextChar>;

// Folded text ready to match, ending in one space (the artificial word boundary).
struct PreparedText {
    std::string text;
    std::string broken;        // the same with '-' and '_' as spaces
    std::vector<Span> origin;  // one per byte of `text`

    // The bytes of the utterance behind [begin, end) of `text`, without spaces at its edges.
    Span span(std::size_t begin, std::size_t end) const;
};

enum class SkipWordSide : std::uint8_t { Everywhere, Start, End };

TextChars decode_folded(std::string_view utf8);
// Removes punctuation at the edges of words, makes whitespace runs one space, strips.
TextChars normalise(TextChars text);
// Cuts `words` (folded, longest first) where they stand as whole words.
TextChars without_skip_words(TextChars text, const std::vector<std::string>& words, SkipWordSide side);
PreparedText prepare(const TextChars& text);

// Folds case and whitespace of text from a sentence file, keeping spaces at its edges.
std::string fold(std::string_view utf8);
// What a person may say for a name: normalise(), then '-' and '_' as spaces.
std::string spoken_form(std::string_view utf8);
// Letters, digits and '_' in any script, as far as the tables here know.
bool is_word_char(char32_t code);

}  // namespace ambit::language
