// Grammar internals: what compile() makes of the sentence files, and what the matcher reads.
//
// Ownership: values inside Grammar::Compiled.  Threads: immutable once compiled.
// Failure: none here; see load.cpp and build.cpp for the warnings.
#pragma once

#include "language/lists.h"
#include "language/nodes.h"
#include "language/text.h"

namespace ambit::language {

// One key of requires_context or excludes_context.
struct ContextRule {
    std::string key;
    std::vector<std::string> values;  // one of these; empty: any value
    std::string copy_to_slot;         // requires_context only
};

// What the sentences of one block share.
struct Block {
    std::string intent;
    std::string combination;  // of slots, in the layout that has them; else empty
    std::vector<std::pair<std::string, std::string>> slots;
    std::vector<ContextRule> requires_context;
    std::vector<ContextRule> excludes_context;
    std::vector<std::string> required_keywords;
    std::string response = "default";
    bool custom = false;
    bool filter_with_regex = true;
    bool needs_agreement = false;  // its metadata says so
};

// Where skip words may be cut from what a template is tried on.
enum class TemplateKind : std::uint8_t { Anywhere, Nowhere, AtEnd, AtStart };

inline constexpr std::size_t kTemplateKinds = 4;

struct Template {
    NodeId root = 0;
    std::uint32_t block = 0;
    std::uint32_t file = 0;
    int line = 0;
    TemplateKind kind = TemplateKind::Anywhere;
    std::string text;
};

// All templates by their top-level items: templates that begin alike share the way.
struct TrieNode {
    NodeId item = 0;
    std::uint8_t kinds = 0;  // bits of the TemplateKinds at or below
    std::uint32_t children_begin = 0;
    std::uint32_t children_end = 0;
    std::uint32_t templates_begin = 0;  // in trie_templates
    std::uint32_t templates_end = 0;
};

struct Grammar::Compiled {
    std::string language;
    bool ignore_whitespace = false;
    bool filter_with_regex = true;
    std::vector<TextChars> skip_words;  // longest first
    std::vector<std::string> files;
    std::vector<std::string> slot_names;
    std::vector<std::string> list_names;  // a block's own lists have names that no home can have
    std::vector<SlotList> lists;
    std::vector<std::int32_t> list_of_name;  // number in `lists`; -1: only a home may have it
    Nodes nodes;
    std::vector<Block> blocks;
    std::vector<Template> templates;  // in the order that decides between equal readings
    std::vector<TrieNode> trie;       // the root is the first
    std::vector<std::uint32_t> trie_templates;
    std::vector<Warning> warnings;
};

struct Lists::Impl {
    std::map<std::string, std::shared_ptr<const SlotList>, std::less<>> lists;
};

// True if `context` has no key that breaks a rule; keys it lacks don't count.
bool may_meet(const std::vector<ContextRule>& required, const Context& context);
// True if no key of `context` is excluded.
bool none_excluded(const std::vector<ContextRule>& excluded, const Context& context);

}  // namespace ambit::language
