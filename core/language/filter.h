// Filter: whether the words of a template stand in a text, lists aside, as hassil asks first by regular
// expression.
//
// Matters only where '-' and '_' were read as spaces: hassil does so only if no template passes this filter.
// Ownership: borrows.  Threads: one.  Failure: over its budget of steps, a template passes.
#pragma once

#include <functional>

#include "language/forms.h"

namespace ambit::language {

class Filter {
  public:
    // By number of the template.
    using IsTried = std::function<bool(std::uint32_t)>;

    Filter(const Grammar::Compiled& grammar, const Forms& forms) : grammar_(grammar), forms_(forms) {}

    bool passes(const Template& made);
    bool any_passes(const IsTried& is_tried);

  private:
    using Places = std::vector<char>;  // 1 for a place of the text that was reached

    bool any_passes_below(const TrieNode& node, const Places& from, const IsTried& is_tried);
    Places start_of(const Form& form);
    Places behind(NodeId id, const Places& from);

    const Grammar::Compiled& grammar_;
    const Forms& forms_;
    std::string_view text_;
    std::size_t steps_ = 0;
};

}  // namespace ambit::language
