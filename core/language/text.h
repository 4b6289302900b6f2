// Text: what the matcher compares, and where each byte of it came from.
//
// Pure values.  Letters and their marks are composed (NFC); case is folded for Latin, Greek, Cyrillic and
// Armenian letters one to one.  Bytes that are not UTF-8 become U+FFFD, which matches no template. Threads:
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
    char32_t code = 0;   // folded
    char32_t cased = 0;  // as it was said; takes as many bytes in UTF-8
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
};

using TextChars = std::vector<TextChar>;

// Folded text ready to match, ending in one space (the artificial word boundary) unless spaces are ignored.
// The strings and vectors have one element per byte of `text`.
struct PreparedText {
    std::string text;
    std::string cased;         // as it was said
    std::string broken;        // `text` with '-' and '_' as spaces
    std::vector<Span> origin;  // the bytes of the utterance
    std::vector<char> word;    // 1 within a letter, digit or '_'
    bool has_breaks = false;   // `broken` differs

    // What was said in [begin, end), spaces at its edges included.
    std::string said(std::size_t begin, std::size_t end, bool is_broken) const;
    // The bytes of the utterance behind [begin, end) of `text`, without spaces at its edges.
    Span span(std::size_t begin, std::size_t end) const;
};

enum class SkipWordSide : std::uint8_t { Everywhere, Start, End };

TextChars decode_folded(std::string_view utf8);
// Removes punctuation at the edges of words, makes whitespace runs one space, strips.
TextChars normalise(TextChars text);
// Cuts `words` (folded, longest first) where they stand as whole words; anywhere if spaces are ignored.
TextChars without_skip_words(TextChars text,
                             const std::vector<TextChars>& words,
                             SkipWordSide side,
                             bool ignore_whitespace);
PreparedText prepare(const TextChars& text, bool ignore_whitespace);

// Folds case and whitespace of text from a sentence file, keeping spaces at its edges.
std::string fold(std::string_view utf8);
// What a person may say for a name: normalise(), then '-' and '_' as spaces.
std::string spoken_form(std::string_view utf8);
// The words of its spoken form.
std::vector<std::string> words_in(std::string_view text);
// Letters, digits and '_' in any script, as far as the tables here know.
bool is_word_char(char32_t code);
// The character that `letter` and `mark` compose to, or 0.
char32_t compose(char32_t letter, char32_t mark);
// Of UTF-8 text.
std::size_t characters(std::string_view utf8);
// Without spaces at its edges.
std::string_view strip(std::string_view text);
// True for nothing but spaces and punctuation.
bool is_only_marks(std::string_view utf8);

}  // namespace ambit::language
