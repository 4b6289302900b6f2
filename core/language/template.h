// Template: one sentence template, parsed.
//
// Pure.  Ownership: value tree.  Threads: any.
// Failure: SentenceTemplateInvalid names the construct and its column; depth, size and the number of
// permutations are bounded (kTemplateDepthMax, kTemplateBytesMax, kPermutationItemsMax).  Spec:
// docs/spec/sentences.md, "Templates".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "language/language.h"

namespace ambit::language {

struct TemplateNode {
    enum class Kind : std::uint8_t {
        Text,         // literal, folded; spaces at its edges matter
        Sequence,     // all of `items`, in order
        Alternative,  // one of `items`; an optional has an empty last one
        List,         // {name}, {name:slot}, {name:@capture}
        Rule,         // <name>
    };

    Kind kind = Kind::Sequence;
    std::string text;  // Text: the literal.  List, Rule: the name.
    std::string slot;  // List only; empty for a capture, which reaches only the response
    std::vector<TemplateNode> items;
};

// Permutations (a;b) come out as the alternatives of all orders.
Result<TemplateNode> parse_template(std::string_view text);

}  // namespace ambit::language
