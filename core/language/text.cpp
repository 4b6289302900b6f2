#include "language/text.h"

#include <algorithm>

namespace ambit::language {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

bool is_space(char32_t c) {
    return (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x20) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
           c == 0x3000;
}

// hassil's set: 。,，?¿？؟!¡！;；:：’ and the period.
bool is_punctuation_but_period(char32_t c) {
    static constexpr std::u32string_view kMarks = U"。,，?¿？؟!¡！;；:：’";
    return kMarks.find(c) != std::u32string_view::npos;
}

bool is_punctuation(char32_t c) {
    return c == U'.' || is_punctuation_but_period(c);
}

constexpr bool between(char32_t c, char32_t low, char32_t high) {
    return c >= low && c <= high;
}

// Ranges in which capital and small letters alternate, the capital first at an even or at an odd number.
bool is_capital_of_a_pair(char32_t c) {
    const bool even = between(c, 0x100, 0x12F) || between(c, 0x132, 0x137) || between(c, 0x14A, 0x177) ||
                      between(c, 0x1A0, 0x1A5) || between(c, 0x1DE, 0x1EF) || between(c, 0x1F8, 0x21F) ||
                      between(c, 0x222, 0x233) || between(c, 0x460, 0x481) || between(c, 0x48A, 0x4BF) ||
                      between(c, 0x4D0, 0x52F) || between(c, 0x1E00, 0x1E95) || between(c, 0x1EA0, 0x1EFF);
    const bool odd = between(c, 0x139, 0x148) || between(c, 0x179, 0x17E) || between(c, 0x1AF, 0x1B0) ||
                     between(c, 0x1CD, 0x1DC) || between(c, 0x4C1, 0x4CE);
    return (even && c % 2 == 0) || (odd && c % 2 == 1);
}

// Only to letters that take as many bytes in UTF-8, so that folded and spoken text run in step.
char32_t fold_char(char32_t c) {
    if (c < 0x80) {
        return between(c, 'A', 'Z') ? c + 0x20 : c;
    }
    if ((between(c, 0xC0, 0xDE) && c != 0xD7) || between(c, 0x391, 0x3AB) || between(c, 0x410, 0x42F) ||
        between(c, 0xFF21, 0xFF3A)) {
        return c + 0x20;
    }
    if (between(c, 0x400, 0x40F)) {
        return c + 0x50;
    }
    if (between(c, 0x531, 0x556)) {
        return c + 0x30;
    }
    switch (c) {
        case 0xB5:  // micro sign
            return 0x3BC;
        case 0x178:
            return 0xFF;
        case 0x386:
            return 0x3AC;
        case 0x388:
        case 0x389:
        case 0x38A:
            return c + 0x25;
        case 0x38C:
            return 0x3CC;
        case 0x38E:
        case 0x38F:
            return c + 0x3F;
        case 0x3C2:  // final sigma
            return 0x3C3;
        default:
            return is_capital_of_a_pair(c) ? c + 1 : c;
    }
}

// Decodes the character at `at` and moves past it; a byte that starts no valid sequence is one U+FFFD.
char32_t decode_one(std::string_view text, std::size_t& at) {
    const auto lead = static_cast<unsigned char>(text[at++]);
    if (lead < 0x80) {
        return lead;
    }
    const std::size_t more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    if (lead < 0xC2 || lead > 0xF4 || at + more > text.size()) {
        return kReplacement;
    }
    char32_t code = lead & (0x3FU >> more);
    for (std::size_t i = 0; i < more; ++i) {
        const auto next = static_cast<unsigned char>(text[at + i]);
        if ((next & 0xC0U) != 0x80U) {
            return kReplacement;
        }
        code = code << 6U | (next & 0x3FU);
    }
    static constexpr char32_t kSmallest[] = {0, 0x80, 0x800, 0x10000};
    if (code < kSmallest[more] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) {
        return kReplacement;
    }
    at += more;
    return code;
}

void append_utf8(std::string& out, char32_t c) {
    const auto put = [&out](char32_t byte) { out.push_back(static_cast<char>(byte)); };
    if (c < 0x80) {
        put(c);
    } else if (c < 0x800) {
        put(0xC0 | c >> 6U);
        put(0x80 | (c & 0x3FU));
    } else if (c < 0x10000) {
        put(0xE0 | c >> 12U);
        put(0x80 | (c >> 6U & 0x3FU));
        put(0x80 | (c & 0x3FU));
    } else {
        put(0xF0 | c >> 18U);
        put(0x80 | (c >> 12U & 0x3FU));
        put(0x80 | (c >> 6U & 0x3FU));
        put(0x80 | (c & 0x3FU));
    }
}

std::string encode(const TextChars& text) {
    std::string out;
    for (const TextChar& c : text) {
        append_utf8(out, c.code);
    }
    return out;
}

std::size_t run_end(const TextChars& text, std::size_t begin, bool (*in_run)(char32_t)) {
    std::size_t end = begin;
    while (end < text.size() && in_run(text[end].code)) {
        ++end;
    }
    return end;
}

// Removes each run of marks for which `before` accepts the character before it and `after` the one behind; a
// run that is followed by the wrong character gives up its last mark when that one will do (as a regular
// expression that backtracks would).
void remove_runs(TextChars& text,
                 bool (*in_run)(char32_t),
                 bool (*before)(char32_t),
                 bool (*after)(char32_t)) {
    TextChars out;
    for (std::size_t i = 0; i < text.size();) {
        if (i == 0 || !in_run(text[i].code) || !before(text[i - 1].code)) {
            out.push_back(text[i++]);
            continue;
        }
        const std::size_t end = run_end(text, i, in_run);
        if (end < text.size() && after(text[end].code)) {
            i = end;
        } else if (end - i >= 2 && after(text[end - 1].code)) {
            i = end - 1;
            out.push_back(text[i++]);
        } else {
            out.push_back(text[i++]);
        }
    }
    text = std::move(out);
}

bool is_not_word_char(char32_t c) {
    return !is_word_char(c);
}

// "turn on the A.C." ends in an initialism, whose last period belongs to it.
bool ends_in_initialism(const TextChars& text) {
    std::size_t pairs = 0;
    std::size_t at = text.size();
    while (at >= 2 && text[at - 1].code == '.' && is_word_char(text[at - 2].code)) {
        at -= 2;
        ++pairs;
    }
    return pairs >= 2 && (at == 0 || !is_word_char(text[at - 1].code));
}

void remove_periods_after_words(TextChars& text) {
    TextChars out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool initialism = i >= 3 && is_word_char(text[i - 3].code) && text[i - 2].code == '.' &&
                                is_word_char(text[i - 1].code);
        const bool last_of_word =
            text[i].code == '.' && i + 1 < text.size() && !is_word_char(text[i + 1].code) && !initialism;
        if (!last_of_word) {
            out.push_back(text[i]);
        }
    }
    text = std::move(out);
}

void collapse_spaces(TextChars& text) {
    TextChars out;
    for (TextChar c : text) {
        if (is_space(c.code)) {
            if (out.empty() || out.back().code == ' ') {
                continue;
            }
            c.code = c.cased = ' ';
        } else if (c.code == U'’') {
            c.code = c.cased = '\'';
        }
        out.push_back(c);
    }
    if (!out.empty() && out.back().code == ' ') {
        out.pop_back();
    }
    text = std::move(out);
}

// The skip words of one cut; `separate`: only where they stand as whole words.
class SkipWords {
  public:
    SkipWords(const std::vector<TextChars>& words, bool separate) : words_(words), separate_(separate) {}

    // The length in characters of the skip word that stands at `at`, or 0.
    std::size_t at(const TextChars& text, std::size_t at) const {
        if (separate_ && at > 0 && is_word_char(text[at - 1].code)) {
            return 0;
        }
        const auto found = std::find_if(words_.begin(), words_.end(),
                                        [&](const TextChars& word) { return stands_at(text, at, word); });
        return found == words_.end() ? 0 : found->size();
    }

    // The length in characters of the skip word that ends the text, or 0.
    std::size_t at_end(const TextChars& text) const {
        const auto found = std::find_if(words_.begin(), words_.end(), [&](const TextChars& word) {
            const std::size_t at = text.size() - word.size();
            return word.size() <= text.size() && stands_at(text, at, word) &&
                   !(separate_ && at > 0 && is_word_char(text[at - 1].code));
        });
        return found == words_.end() ? 0 : found->size();
    }

  private:
    bool stands_at(const TextChars& text, std::size_t at, const TextChars& word) const {
        const std::size_t end = at + word.size();
        if (word.empty() || end > text.size() ||
            (separate_ && end < text.size() && is_word_char(text[end].code))) {
            return false;
        }
        return std::equal(word.begin(), word.end(), text.begin() + static_cast<std::ptrdiff_t>(at),
                          [](const TextChar& a, const TextChar& b) { return a.code == b.code; });
    }

    const std::vector<TextChars>& words_;
    bool separate_;
};

void cut_everywhere(TextChars& text, const SkipWords& words, bool leave_space) {
    TextChars out;
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t length = words.at(text, i);
        if (length == 0) {
            out.push_back(text[i++]);
            continue;
        }
        if (leave_space) {
            out.push_back({' ', ' ', text[i].begin, text[i].begin});
        }
        i += length;
    }
    text = std::move(out);
}

}  // namespace

bool is_word_char(char32_t c) {
    if (c < 0x80) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    }
    if (c < 0xC0) {
        return c == 0xAA || c == 0xB5 || c == 0xBA;
    }
    const bool symbol = c == 0xD7 || c == 0xF7 || (c >= 0x2000 && c <= 0x206F) ||
                        (c >= 0x3000 && c <= 0x3004) || (c >= 0x3008 && c <= 0x3020) ||
                        (c >= 0xFF00 && c <= 0xFF0F) || c == 0xFF1A || c == 0xFF1B || c == 0xFF1F ||
                        c == 0x061F || c == kReplacement;
    return !symbol && !is_space(c);
}

TextChars decode_folded(std::string_view utf8) {
    TextChars out;
    out.reserve(utf8.size());
    for (std::size_t at = 0; at < utf8.size();) {
        const std::size_t begin = at;
        const char32_t code = decode_one(utf8, at);
        const char32_t composed = out.empty() ? 0 : compose(out.back().cased, code);
        if (composed != 0) {
            out.back() = {fold_char(composed), composed, out.back().begin, static_cast<std::uint32_t>(at)};
            continue;
        }
        out.push_back(
            {fold_char(code), code, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at)});
    }
    return out;
}

TextChars normalise(TextChars text) {
    text.erase(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(run_end(text, 0, is_punctuation)));
    if (!ends_in_initialism(text)) {
        while (!text.empty() && is_punctuation(text.back().code)) {
            text.pop_back();
        }
    }
    remove_runs(text, is_punctuation, is_not_word_char, is_word_char);
    remove_runs(text, is_punctuation_but_period, is_word_char, is_not_word_char);
    remove_periods_after_words(text);
    remove_runs(text, is_punctuation, is_not_word_char, is_not_word_char);
    collapse_spaces(text);
    return text;
}

TextChars without_skip_words(TextChars text,
                             const std::vector<TextChars>& words,
                             SkipWordSide side,
                             bool ignore_whitespace) {
    const SkipWords skip(words, !ignore_whitespace);
    if (side == SkipWordSide::Everywhere) {
        cut_everywhere(text, skip, !ignore_whitespace);
        collapse_spaces(text);
        return text;
    }
    while (!text.empty()) {
        const std::size_t length = side == SkipWordSide::Start ? skip.at(text, 0) : skip.at_end(text);
        if (length == 0) {
            break;
        }
        const auto count = static_cast<std::ptrdiff_t>(length);
        const auto from = side == SkipWordSide::Start ? text.begin() : text.end() - count;
        text.erase(from, from + count);
        collapse_spaces(text);
    }
    return text;
}

PreparedText prepare(const TextChars& text, bool ignore_whitespace) {
    PreparedText out;
    const auto add = [&out](const TextChar& c) {
        append_utf8(out.text, c.code);
        append_utf8(out.cased, c.cased);
        out.origin.resize(out.text.size(), Span{c.begin, c.end});
        out.word.resize(out.text.size(), is_word_char(c.code) ? 1 : 0);
    };
    for (const TextChar& c : text) {
        if (!ignore_whitespace || c.code != ' ') {
            add(c);
        }
    }
    if (!ignore_whitespace) {
        const std::uint32_t end = text.empty() ? 0 : text.back().end;
        add({' ', ' ', end, end});
    }
    out.broken = out.text;
    std::replace_if(
        out.broken.begin(), out.broken.end(), [](char c) { return c == '-' || c == '_'; }, ' ');
    out.has_breaks = out.broken != out.text;
    return out;
}

std::string PreparedText::said(std::size_t begin, std::size_t end, bool is_broken) const {
    std::string out = cased.substr(begin, end - begin);
    if (is_broken) {
        std::replace_if(
            out.begin(), out.end(), [](char c) { return c == '-' || c == '_'; }, ' ');
    }
    return out;
}

Span PreparedText::span(std::size_t begin, std::size_t end) const {
    while (begin < end && text[begin] == ' ') {
        ++begin;
    }
    while (end > begin && text[end - 1] == ' ') {
        --end;
    }
    if (begin == end) {
        const std::size_t at = begin < origin.size() ? origin[begin].begin : 0;
        return {at, at};
    }
    return {origin[begin].begin, origin[end - 1].end};
}

std::string fold(std::string_view utf8) {
    std::string out;
    for (const TextChar& c : decode_folded(utf8)) {
        if (!is_space(c.code)) {
            append_utf8(out, c.code == U'’' ? U'\'' : c.code);
        } else if (out.empty() || out.back() != ' ') {
            out.push_back(' ');
        }
    }
    return out;
}

std::string spoken_form(std::string_view utf8) {
    TextChars text = decode_folded(utf8);
    for (TextChar& c : text) {
        if (c.code == '-' || c.code == '_') {
            c.code = c.cased = ' ';
        }
    }
    return encode(normalise(std::move(text)));
}

std::size_t characters(std::string_view utf8) {
    return static_cast<std::size_t>(std::count_if(
        utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string_view strip(std::string_view text) {
    const std::size_t first = text.find_first_not_of(' ');
    return first == std::string_view::npos ? std::string_view()
                                           : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

bool is_only_marks(std::string_view utf8) {
    for (std::size_t at = 0; at < utf8.size();) {
        const char32_t code = decode_one(utf8, at);
        if (!is_space(code) && !is_punctuation(code)) {
            return false;
        }
    }
    return true;
}

std::vector<std::string> words_in(std::string_view text) {
    std::vector<std::string> words;
    const std::string form = spoken_form(text);
    for (std::size_t begin = 0; begin < form.size();) {
        const std::size_t end = std::min(form.find(' ', begin), form.size());
        if (end > begin) {
            words.push_back(form.substr(begin, end - begin));
        }
        begin = end + 1;
    }
    return words;
}

}  // namespace ambit::language
