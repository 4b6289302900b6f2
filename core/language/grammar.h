// Grammar internals: what compile() makes of the sentence files, and what the matcher reads.
//
// Ownership: values inside Grammar::Compiled.  Threads: immutable once compiled.
// Failure: none here; see grammar.cpp for the warnings.
#pragma once

#include <variant>

#include "language/template.h"
#include "language/text.h"

namespace ambit::language {

// Which of many strings stand at a place of a text: sorted, so that each byte of the text narrows the range.
class PrefixIndex {
  public:
    void add(std::string text, std::uint32_t value) { entries_.emplace_back(std::move(text), value); }

    void finish();  // after the last add()

    const std::vector<std::pair<std::string, std::uint32_t>>& entries() const { return entries_; }

    struct Hit {
        std::uint32_t value;
        std::size_t length;
    };

    // Ascending by value.
    std::vector<Hit> prefixes_of(std::string_view text) const;

  private:
    std::vector<std::pair<std::string, std::uint32_t>> entries_;
};

struct TextList {
    struct Value {
        ListValue said;
        bool value_is_text = false;  // the file gives no `out`: the value is what was said
    };

    std::vector<Value> values;
    PrefixIndex index;                                              // of the values that are plain text
    std::vector<std::pair<TemplateNode, std::uint32_t>> templates;  // of those that are templates
};

struct NumberList {
    double from = 0;
    double to = 100;
    double step = 1;
    double multiplier = 1;
    bool fractions = false;
    bool digits = true;
    PrefixIndex words;
    int first_word_number = 0;  // PrefixIndex values are offsets from it

    bool contains(double number) const;
};

struct WildcardList {};

using SlotList = std::variant<TextList, NumberList, WildcardList>;

struct Rule {
    TemplateNode root;
    std::string file;
    int line = 0;
};

using Rules = std::map<std::string, Rule, std::less<>>;
using SlotLists = std::map<std::string, SlotList, std::less<>>;

// One key of requires_context or excludes_context.
struct ContextRule {
    std::string key;
    std::vector<std::string> values;  // one of these; empty: any value
    std::string copy_to_slot;         // requires_context only
};

// What the sentences of one block share.
struct Block {
    std::string intent;
    std::vector<std::pair<std::string, std::string>> slots;
    std::vector<ContextRule> requires_context;
    std::vector<ContextRule> excludes_context;
    std::vector<std::string> required_keywords;
    SlotLists lists;
    Rules rules;
    std::string response = "default";
    bool custom = false;
};

// Any matching text holds at least one fragment of every clause.
using Clauses = std::vector<std::vector<std::string>>;

struct Template {
    TemplateNode root;
    std::size_t block = 0;
    std::string text;
    std::string file;
    int line = 0;
    Clauses clauses;
    bool has_wildcard = false;
    bool starts_with_wildcard = false;
    bool ends_with_wildcard = false;
};

struct Grammar::Compiled {
    std::string language;
    std::vector<std::string> skip_words;  // folded, longest first
    SlotLists lists;
    Rules rules;
    std::vector<Block> blocks;
    std::vector<Template> templates;
    std::vector<Warning> warnings;

    // The rule as `block` sees it; nullptr if there is none.
    const Rule* rule(const Block& block, std::string_view name) const;
    const SlotList* list(const Block& block, std::string_view name) const;
};

struct Lists::Impl {
    std::map<std::string, std::variant<TextList, WildcardList>, std::less<>> lists;
};

// "<from>..<to>[,<step>]", as {0..100:slot} names its list; nullopt for another name.
std::optional<NumberList> inline_range(std::string_view name);
void add_number_words(NumberList& list, std::string_view language);

// Checks of compiled grammars (check.cpp): drops rules and templates that can't be used, with a warning each,
// and computes what the matcher skips templates by.
void check_and_index(Grammar::Compiled& compiled);

}  // namespace ambit::language
