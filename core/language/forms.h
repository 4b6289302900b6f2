// Forms: what one utterance is tried as: with its skip words, and without them at one side or everywhere.
//
// Ownership: values.  Threads: any.  Failure: none.  Spec: docs/spec/sentences.md, "Text".
#pragma once

#include "language/grammar.h"

namespace ambit::language {

struct Form {
    PreparedText text;
    unsigned kinds = 0;  // bits of the TemplateKinds that are tried on it

    bool is_for(TemplateKind kind) const { return (kinds >> static_cast<unsigned>(kind) & 1U) != 0; }
};

class Forms {
  public:
    Forms(std::string_view utterance, const Grammar::Compiled& grammar);

    // In the order in which they are tried; the first is the whole.
    const std::vector<Form>& all() const { return forms_; }

    // As hassil asks for required keywords: as it was said, skip words aside.
    bool has_word(std::string_view word) const;

  private:
    std::size_t add(const TextChars& text, TemplateKind kind, bool ignore_whitespace);

    std::vector<Form> forms_;
    std::string spoken_;  // without skip words, a space at both ends
};

}  // namespace ambit::language
