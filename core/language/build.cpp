// build() and Grammar: from what the files say to the graph and the trie that the matcher walks.
#include <algorithm>
#include <set>

#include "language/sources.h"

namespace ambit::language {
namespace {

using Kind = TemplateNode::Kind;

constexpr std::size_t kTotalDepthMax = 96;  // brackets and rules together; bounds every recursion over nodes
constexpr std::size_t kNodesMax = 1'000'000;

class Builder {
  public:
    explicit Builder(Sources sources) : in_(std::move(sources)) {
        out_.language = in_.language;
        out_.ignore_whitespace = in_.ignore_whitespace;
        out_.filter_with_regex = in_.filter_with_regex;
        out_.files = std::move(in_.files);
        out_.warnings = std::move(in_.warnings);
    }

    std::unique_ptr<const Grammar::Compiled> build() {
        add_skip_words();
        const SourceBlock built_in;
        enter(built_in);
        for (auto& [name, list] : in_.lists) {
            add_list(name, list);
        }
        SourceBlock custom;
        custom.block.custom = true;
        enter(custom);
        for (auto& [name, list] : in_.custom_lists) {
            custom_lists_.emplace(name, add_list(name + "\ncustom", list));
        }
        for (SourceBlock& block : in_.blocks) {
            add_block(block);
        }
        add_trie();
        out_.nodes.finish();
        return std::make_unique<const Grammar::Compiled>(std::move(out_));
    }

  private:
    void warn(std::uint32_t file, int line, Error error) {
        out_.warnings.push_back({out_.files[file], line, std::move(error)});
    }

    static Error invalid(const std::string& what) { return {ErrorCode::SentenceTemplateInvalid, what}; }

    void add_skip_words() {
        std::vector<std::string> words;
        for (const std::string& word : in_.skip_words) {
            const std::string folded = fold(word);
            words.emplace_back(strip(folded));
        }
        std::stable_sort(words.begin(), words.end(),
                         [](const auto& a, const auto& b) { return characters(a) > characters(b); });
        for (const std::string& word : words) {
            if (!word.empty()) {
                out_.skip_words.push_back(decode_folded(word));
            }
        }
    }

    // From here on, names mean what they mean in `block`.
    void enter(const SourceBlock& block) {
        block_ = &block;
        block_lists_.clear();
        rules_ = !block.rules.empty() || !block.lists.empty() ? &block_rules_
                 : block.block.custom                         ? &custom_rules_
                                                              : &global_rules_;
        block_rules_.clear();
    }

    std::uint32_t number_of(std::vector<std::string>& names,
                            std::map<std::string, std::uint32_t>& numbers,
                            const std::string& name) {
        const auto [place, added] = numbers.try_emplace(name, static_cast<std::uint32_t>(names.size()));
        if (added) {
            names.push_back(name);
        }
        return place->second;
    }

    std::uint32_t list_number(const std::string& name) {
        const std::uint32_t number = number_of(out_.list_names, list_numbers_, name);
        out_.list_of_name.resize(out_.list_names.size(), -1);
        return number;
    }

    std::uint32_t add_list(const std::string& name, SourceList& from) {
        const std::uint32_t number = list_number(name);
        out_.list_of_name[number] = static_cast<std::int32_t>(out_.lists.size());
        out_.lists.emplace_back(WildcardList{});
        const std::size_t at = out_.lists.size() - 1;
        if (from.has_values) {
            out_.lists[at] = text_list(from.values);
        } else if (from.range) {
            if (from.words_language) {
                words_.add_words(*from.range, *from.words_language);
            }
            out_.lists[at] = *from.range;
        }
        return number;
    }

    TextList text_list(std::vector<SourceValue>& values) {
        TextList list;
        for (SourceValue& value : values) {
            const auto index = static_cast<std::uint32_t>(list.values.size());
            std::uint32_t length = 0;
            if (value.root.kind == Kind::Text) {
                std::string text = value.root.text;
                length = static_cast<std::uint32_t>(characters(text));
                if (out_.ignore_whitespace) {
                    std::erase(text, ' ');
                }
                list.index.add(text, index);
            } else {
                auto node = add_node(value.root, 0);
                if (!node) {
                    warn(value.file, value.line, node.error());
                    continue;
                }
                list.has_impure_templates = list.has_impure_templates || !out_.nodes[*node].is_pure;
                list.templates.emplace_back(*node, index);
            }
            list.values.push_back(
                {std::move(value.out), value.value_is_text, length, std::move(value.context)});
        }
        list.index.finish();
        return list;
    }

    Result<NodeId> add_node(const TemplateNode& node, std::size_t depth) {
        if (depth > kTotalDepthMax) {
            return invalid("brackets and rules nested deeper than " + std::to_string(kTotalDepthMax));
        }
        if (out_.nodes.size() > kNodesMax) {
            return Error{ErrorCode::GrammarTooLarge, std::to_string(kNodesMax) + " different parts"};
        }
        switch (node.kind) {
            case Kind::Text:
                return out_.nodes.text(node.text, out_.ignore_whitespace);
            case Kind::List:
                return out_.nodes.list(use_of(node));
            case Kind::Rule:
                return add_rule(node.text, depth);
            case Kind::Permutation:
                return add_permutation(node, depth);
            case Kind::Sequence:
            case Kind::Alternative:
                break;
        }
        std::vector<NodeId> items;
        for (const TemplateNode& item : node.items) {
            AMBIT_TRY_ASSIGN(const NodeId id, add_node(item, depth + 1));
            items.push_back(id);
        }
        return group(node.kind == Kind::Sequence ? Node::Kind::Sequence : Node::Kind::Alternative, items);
    }

    // A group of one is that one.
    NodeId group(Node::Kind kind, const std::vector<NodeId>& items) {
        return items.size() == 1 ? items.front() : out_.nodes.group(kind, items);
    }

    // Every order, as "one of the items, then the others in any order"; the tails are shared.
    Result<NodeId> add_permutation(const TemplateNode& node, std::size_t depth) {
        std::vector<NodeId> items;
        for (const TemplateNode& item : node.items) {
            AMBIT_TRY_ASSIGN(const NodeId id, add_node(item, depth + 1 + node.items.size()));
            items.push_back(id);
        }
        const std::size_t sets = std::size_t{1} << items.size();
        std::vector<NodeId> any_order(sets);  // by set of items
        for (std::size_t set = 1; set < sets; ++set) {
            std::vector<NodeId> choices;
            for (std::size_t i = 0; i < items.size(); ++i) {
                const std::size_t rest = set & ~(std::size_t{1} << i);
                if (rest == set) {
                    continue;
                }
                choices.push_back(rest == 0 ? items[i]
                                            : group(Node::Kind::Sequence, {items[i], any_order[rest]}));
            }
            any_order[set] = group(Node::Kind::Alternative, choices);
        }
        return any_order.back();
    }

    ListUse use_of(const TemplateNode& node) {
        ListUse use;
        use.slot = number_of(out_.slot_names, slot_numbers_, node.slot);
        use.is_capture = node.is_capture;
        use.is_end_of_word = node.is_end_of_word;
        if (const auto own = block_lists_.find(node.text); own != block_lists_.end()) {
            use.list = own->second;
            return use;
        }
        if (const auto own = custom_lists_.find(node.text);
            own != custom_lists_.end() && block_->block.custom) {
            use.list = own->second;
            return use;
        }
        use.list = list_number(node.text);
        if (out_.list_of_name[use.list] < 0 && !in_.lists.contains(node.text)) {
            if (auto range = inline_range(node.text)) {
                words_.add_words(*range, out_.language);
                out_.list_of_name[use.list] = static_cast<std::int32_t>(out_.lists.size());
                out_.lists.emplace_back(*range);
            }
        }
        return use;
    }

    Result<NodeId> add_rule(const std::string& name, std::size_t depth) {
        if (const auto known = rules_->find(name); known != rules_->end()) {
            return known->second;
        }
        const SourceRule* found = find_rule(in_, *block_, name);
        if (found == nullptr) {
            return Error{ErrorCode::SentenceRuleMissing, "<" + name + ">"};
        }
        const SourceRule& rule = *found;
        if (!open_rules_.insert(name).second) {
            return Error{ErrorCode::SentenceRuleRecursive,
                         "<" + name + "> at " + out_.files[rule.file] + ":" + std::to_string(rule.line)};
        }
        auto node = add_node(rule.root, depth + 1);
        open_rules_.erase(name);
        if (node || node.error().code != ErrorCode::SentenceRuleRecursive) {
            rules_->emplace(name, node);
        }
        return node;
    }

    void add_block(SourceBlock& block) {
        enter(block);
        for (auto& [name, list] : block.lists) {
            const std::string own_name = name + '\n' + std::to_string(out_.blocks.size());
            block_lists_.emplace(name, add_list(own_name, list));
        }
        for (SourceTemplate& from : block.templates) {
            auto root = add_node(from.root, 0);
            if (!root) {
                warn(from.file, from.line, root.error());
                continue;
            }
            Template made;
            made.root = *root;
            made.block = static_cast<std::uint32_t>(out_.blocks.size());
            made.file = from.file;
            made.line = from.line;
            made.kind = kind_of(from.root);
            made.text = std::move(from.text);
            roots_.push_back(items_of(from.root));
            out_.templates.push_back(std::move(made));
        }
        out_.blocks.push_back(std::move(block.block));
    }

    // The top-level items, each as a node.
    std::vector<NodeId> items_of(const TemplateNode& root) {
        std::vector<NodeId> items;
        if (root.kind != Kind::Sequence) {
            return {*add_node(root, 0)};
        }
        for (const TemplateNode& item : root.items) {
            items.push_back(*add_node(item, 1));
        }
        return items;
    }

    bool is_wildcard(const TemplateNode& node) const {
        // A block's own lists don't count, as in hassil.
        SourceBlock scope;
        scope.block.custom = block_->block.custom;
        const SourceList* list = node.kind == Kind::List ? find_list(in_, scope, node.text) : nullptr;
        return list != nullptr && list->wildcard && !list->has_values && !list->range;
    }

    TemplateKind kind_of(const TemplateNode& root) const {
        if (root.kind != Kind::Sequence || root.items.empty()) {
            return TemplateKind::Anywhere;
        }
        if (root.items.size() == 1) {
            return is_wildcard(root.items.front()) ? TemplateKind::Nowhere : TemplateKind::Anywhere;
        }
        return is_wildcard(root.items.front())  ? TemplateKind::AtEnd
               : is_wildcard(root.items.back()) ? TemplateKind::AtStart
                                                : TemplateKind::Anywhere;
    }

    void add_trie() {
        struct Growing {
            NodeId item = 0;
            std::uint8_t kinds = 0;
            std::vector<std::uint32_t> children;
            std::vector<std::uint32_t> templates;
        };

        std::vector<Growing> growing(1);
        std::map<std::pair<std::uint32_t, NodeId>, std::uint32_t> known;
        for (std::size_t i = 0; i < roots_.size(); ++i) {
            const auto kind = static_cast<std::uint8_t>(1U << static_cast<unsigned>(out_.templates[i].kind));
            std::uint32_t at = 0;
            growing[at].kinds |= kind;
            for (const NodeId item : roots_[i]) {
                const auto [place, added] =
                    known.try_emplace({at, item}, static_cast<std::uint32_t>(growing.size()));
                if (added) {
                    growing[at].children.push_back(place->second);
                    growing.push_back({item, 0, {}, {}});
                }
                at = place->second;
                growing[at].kinds |= kind;
            }
            growing[at].templates.push_back(static_cast<std::uint32_t>(i));
        }
        // Breadth first, so that the children of a node stand side by side.
        std::vector<std::uint32_t> order = {0};
        for (std::size_t i = 0; i < order.size(); ++i) {
            const Growing& from = growing[order[i]];
            TrieNode node;
            node.item = from.item;
            node.kinds = from.kinds;
            node.children_begin = static_cast<std::uint32_t>(order.size());
            order.insert(order.end(), from.children.begin(), from.children.end());
            node.children_end = static_cast<std::uint32_t>(order.size());
            node.templates_begin = static_cast<std::uint32_t>(out_.trie_templates.size());
            out_.trie_templates.insert(out_.trie_templates.end(), from.templates.begin(),
                                       from.templates.end());
            node.templates_end = static_cast<std::uint32_t>(out_.trie_templates.size());
            out_.trie.push_back(node);
        }
    }

    Sources in_;
    Grammar::Compiled out_;
    const SourceBlock* block_ = nullptr;
    std::map<std::string, std::uint32_t> list_numbers_;
    std::map<std::string, std::uint32_t> slot_numbers_;
    std::map<std::string, std::uint32_t> block_lists_;
    std::map<std::string, std::uint32_t> custom_lists_;
    std::map<std::string, Result<NodeId>> global_rules_;
    std::map<std::string, Result<NodeId>> custom_rules_;
    std::map<std::string, Result<NodeId>> block_rules_;
    std::map<std::string, Result<NodeId>>* rules_ = &global_rules_;
    std::set<std::string> open_rules_;
    std::vector<std::vector<NodeId>> roots_;  // per template: its top-level items
    NumberWordsPool words_;
};

}  // namespace

std::unique_ptr<const Grammar::Compiled> build(Sources sources) {
    return Builder(std::move(sources)).build();
}

Grammar Grammar::compile(const std::string& language, const std::vector<SourceFile>& files) {
    return Grammar(build(read_sources(language, files)));
}

Grammar::Grammar(std::unique_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}

Grammar::Grammar(Grammar&&) noexcept = default;

Grammar& Grammar::operator=(Grammar&&) noexcept = default;

Grammar::~Grammar() = default;

const std::string& Grammar::language() const {
    return compiled_->language;
}

const std::vector<Warning>& Grammar::warnings() const {
    return compiled_->warnings;
}

std::vector<std::string> Grammar::skip_words() const {
    std::vector<std::string> words;
    for (const TextChars& word : compiled_->skip_words) {
        words.emplace_back(strip(prepare(word, false).text));
    }
    return words;
}

std::size_t Grammar::template_count() const {
    return compiled_->templates.size();
}

std::string Warning::message() const {
    return file + (line > 0 ? ":" + std::to_string(line) : "") + ": " + error.message();
}

const Slot* Recognition::slot(std::string_view name) const {
    const auto found =
        std::find_if(slots.rbegin(), slots.rend(), [name](const Slot& s) { return s.name == name; });
    return found == slots.rend() ? nullptr : &*found;
}

}  // namespace ambit::language
