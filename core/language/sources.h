// Sources: what the sentence files of one language say, merged, before it is compiled.
//
// Ownership: values, moved into build().  Threads: one.  Failure: warnings.
#pragma once

#include "language/grammar.h"
#include "language/template.h"

namespace ambit::language {

struct SourceValue {
    std::string in;
    TemplateNode root;  // a Text for what is no template
    std::string out;
    bool value_is_text = false;
    Context context;
    std::uint32_t file = 0;
    int line = 0;
};

// All that was said of one list; values count before a range, and that before a wildcard.
struct SourceList {
    std::vector<SourceValue> values;
    bool has_values = false;
    std::optional<NumberList> range;
    std::optional<std::string> words_language;  // of the range; none: words don't count
    bool wildcard = false;
    std::vector<std::string> examples;  // of a wildcard, for sampled sentences; the matcher doesn't read them
};

struct SourceRule {
    TemplateNode root;
    std::uint32_t file = 0;
    int line = 0;
};

using SourceLists = std::map<std::string, SourceList, std::less<>>;
using SourceRules = std::map<std::string, SourceRule, std::less<>>;

struct SourceTemplate {
    TemplateNode root;
    std::string text;
    std::uint32_t file = 0;
    int line = 0;
};

struct SourceBlock {
    Block block;
    SourceLists lists;
    SourceRules rules;
    std::vector<SourceTemplate> templates;
    std::size_t rank = 0;  // blocks are tried in the order of their ranks
};

struct Sources {
    std::string language;
    bool ignore_whitespace = false;
    bool filter_with_regex = true;
    std::vector<std::string> skip_words;
    std::vector<std::string> files;
    SourceLists lists;
    SourceRules rules;
    // Of users' own files: their sentences see these first, and nobody else does.
    SourceLists custom_lists;
    SourceRules custom_rules;
    std::vector<SourceBlock> blocks;
    std::vector<Warning> warnings;
};

// As the sentences of `block` see it; nullptr if there is none.
const SourceList* find_list(const Sources& sources, const SourceBlock& block, std::string_view name);
const SourceRule* find_rule(const Sources& sources, const SourceBlock& block, std::string_view name);

// Whatever cannot be used is left out with a warning.
Sources read_sources(const std::string& language, const std::vector<SourceFile>& files);
std::unique_ptr<const Grammar::Compiled> build(Sources sources);

}  // namespace ambit::language
