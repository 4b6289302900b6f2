// Lists: what {name} may stand for: texts, a range of numbers, or any words.
//
// Ownership: values; number words are shared between ranges.  Threads: immutable once built.  Failure: none.
#pragma once

#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "language/language.h"
#include "language/nodes.h"
#include "language/prefix_index.h"

namespace ambit::language {

struct TextList {
    struct Value {
        std::string value;
        bool value_is_text = false;    // the file gives no `out`: the value is what was said
        std::uint32_t characters = 0;  // of a plain text; hassil wants as many to be left
        Context context;
    };

    std::vector<Value> values;
    PrefixIndex index;                                        // of the values that are plain text
    PrefixIndex without_spaces;                               // the same, if a home's values have any
    std::vector<std::pair<NodeId, std::uint32_t>> templates;  // of those that are templates
    bool has_impure_templates = false;                        // some of them have lists in them
};

// How the numbers of one range are said.  PrefixIndex values are positions in `numbers`.
struct NumberWords {
    PrefixIndex index;
    std::vector<double> numbers;
};

struct NumberList {
    double from = 0;
    double to = 100;
    double step = 1;
    double multiplier = 1;
    int fractions = 1;  // parts of one: 2 for halves, 10 for tenths
    bool digits = true;
    std::shared_ptr<const NumberWords> words;  // null: words don't count

    bool contains(double number) const;
};

struct WildcardList {};

using SlotList = std::variant<TextList, NumberList, WildcardList>;

// "<from>..<to>[,<step>]", as {0..100:slot} names its list; nullopt for another name.
std::optional<NumberList> inline_range(std::string_view name);

// Makes the words of ranges, each of them once.
class NumberWordsPool {
  public:
    void add_words(NumberList& list, std::string_view language);

  private:
    std::map<std::string, std::shared_ptr<const NumberWords>> known_;
};

}  // namespace ambit::language
