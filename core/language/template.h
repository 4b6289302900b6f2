// Template: one sentence template, parsed.
//
// Pure.  Ownership: value tree.  Threads: any.
// Failure: SentenceTemplateInvalid names the construct and its column; depth and size are bounded
// (kTemplateDepthMax, kTemplateBytesMax, kPermutationItemsMax).  Spec: docs/spec/sentences.md, "Templates".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "language/language.h"

namespace ambit::language {

struct TemplateNode {
    enum class Kind : std::uint8_t {
        Text,         // one word and the spaces around it, folded; spaces at its edges matter
        Sequence,     // all of `items`, in order
        Alternative,  // one of `items`; an optional has an empty text as its last one
        Permutation,  // all of `items`, in any order
        List,         // {name}, {name:slot}, {name:@capture}
        Rule,         // <name>
    };

    Kind kind = Kind::Sequence;
    std::string text;             // Text: the literal.  List, Rule: the name.
    std::string slot;             // List only
    bool is_capture = false;      // List only: for the response alone
    bool is_end_of_word = false;  // List only: a space follows
    std::vector<TemplateNode> items;
};

// The root is a Sequence, Alternative or Permutation.
Result<TemplateNode> parse_template(std::string_view text);
// True if `text` has any of the marks that make it a template.
bool has_template_syntax(std::string_view text);
// How many words and spaces between words it has, rules not counted.
std::size_t text_count(const TemplateNode& node);

}  // namespace ambit::language
