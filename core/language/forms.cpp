#include "language/forms.h"

namespace ambit::language {
namespace {

constexpr unsigned bit(TemplateKind kind) {
    return 1U << static_cast<unsigned>(kind);
}

}  // namespace

Forms::Forms(std::string_view utterance, const Grammar::Compiled& grammar) {
    const bool ignore_whitespace = grammar.ignore_whitespace;
    const TextChars whole = normalise(decode_folded(utterance));
    const auto cut = [&](SkipWordSide side) {
        return without_skip_words(whole, grammar.skip_words, side, ignore_whitespace);
    };
    const TextChars bare = cut(SkipWordSide::Everywhere);
    add(whole, TemplateKind::Nowhere, ignore_whitespace);
    const std::size_t anywhere = add(bare, TemplateKind::Anywhere, ignore_whitespace);
    const std::size_t at_end = add(cut(SkipWordSide::End), TemplateKind::AtEnd, ignore_whitespace);
    const std::size_t at_start = add(cut(SkipWordSide::Start), TemplateKind::AtStart, ignore_whitespace);
    // A skip word may be part of a template: where all would be cut, the whole is tried first.
    forms_.front().kinds |= bit(TemplateKind::Anywhere);
    forms_.front().kinds |= at_end == anywhere ? bit(TemplateKind::AtEnd) : 0U;
    forms_.front().kinds |= at_start == anywhere ? bit(TemplateKind::AtStart) : 0U;
    spoken_ = ' ' + prepare(bare, false).cased;
}

std::size_t Forms::add(const TextChars& text, TemplateKind kind, bool ignore_whitespace) {
    PreparedText prepared = prepare(text, ignore_whitespace);
    for (std::size_t i = 0; i < forms_.size(); ++i) {
        if (forms_[i].text.cased == prepared.cased) {
            forms_[i].kinds |= bit(kind);
            return i;
        }
    }
    forms_.push_back({std::move(prepared), bit(kind)});
    return forms_.size() - 1;
}

bool Forms::has_word(std::string_view word) const {
    return spoken_.find(' ' + std::string(word) + ' ') != std::string::npos;
}

}  // namespace ambit::language
