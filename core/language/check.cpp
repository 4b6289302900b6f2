// check_and_index(): drops rules and templates that can't be used, and finds what a matching text must hold.
#include <algorithm>
#include <set>

#include "language/grammar.h"

namespace ambit::language {
namespace {

using Kind = TemplateNode::Kind;

constexpr std::size_t kTotalDepthMax = 96;  // brackets and rules together; bounds the matcher's recursion
constexpr std::size_t kFragmentsMax = 24;   // of one clause
constexpr std::size_t kClausesMax = 6;      // of one template

// Walks templates through their rules as one block sees them.
class Checker {
  public:
    Checker(const Grammar::Compiled& grammar, const Block& block) : grammar_(grammar), block_(block) {}

    // The depth of `node`, rules included; an error for a circle, a missing rule or too great a depth.
    Result<std::size_t> depth(const TemplateNode& node) {
        if (node.kind == Kind::Rule) {
            return rule_depth(node.text);
        }
        std::size_t deepest = 0;
        for (const TemplateNode& item : node.items) {
            AMBIT_TRY_ASSIGN(const std::size_t below, depth(item));
            deepest = std::max(deepest, below);
        }
        if (deepest + 1 > kTotalDepthMax) {
            return Error{ErrorCode::SentenceTemplateInvalid,
                         "brackets and rules nested deeper than " + std::to_string(kTotalDepthMax)};
        }
        return deepest + 1;
    }

    Clauses clauses(const TemplateNode& node) {
        switch (node.kind) {
            case Kind::Text:
                return text_clauses(node.text);
            case Kind::Alternative:
                return alternative_clauses(node);
            case Kind::List:
                return {};
            case Kind::Rule:
                return rule_clauses(node.text);
            case Kind::Sequence:
                break;
        }
        Clauses all;
        for (const TemplateNode& item : node.items) {
            for (auto& clause : clauses(item)) {
                if (all.size() < kClausesMax) {
                    all.push_back(std::move(clause));
                }
            }
        }
        return all;
    }

    bool is_wildcard(const TemplateNode& node) const {
        const SlotList* list = node.kind == Kind::List ? grammar_.list(block_, node.text) : nullptr;
        return list != nullptr && std::holds_alternative<WildcardList>(*list);
    }

    bool has_wildcard(const TemplateNode& node) {
        if (node.kind == Kind::Rule) {
            const auto [known, added] = rule_wildcards_.try_emplace(node.text, false);
            const Rule* rule = grammar_.rule(block_, node.text);
            if (added && rule != nullptr && has_wildcard(rule->root)) {
                rule_wildcards_[node.text] = true;
            }
            return rule_wildcards_[node.text];
        }
        return is_wildcard(node) ||
               std::any_of(node.items.begin(), node.items.end(),
                           [this](const TemplateNode& item) { return has_wildcard(item); });
    }

  private:
    Result<std::size_t> rule_depth(const std::string& name) {
        if (const auto known = rule_depths_.find(name); known != rule_depths_.end()) {
            return known->second;
        }
        const Rule* rule = grammar_.rule(block_, name);
        if (rule == nullptr) {
            return Error{ErrorCode::SentenceRuleMissing, "<" + name + ">"};
        }
        if (open_rules_.size() >= kTotalDepthMax) {
            return Error{ErrorCode::SentenceTemplateInvalid,
                         "rules nested deeper than " + std::to_string(kTotalDepthMax)};
        }
        if (!open_rules_.insert(name).second) {
            return Error{ErrorCode::SentenceRuleRecursive,
                         "<" + name + "> at " + rule->file + ":" + std::to_string(rule->line)};
        }
        auto inside = depth(rule->root);
        open_rules_.erase(name);
        if (inside) {
            rule_depths_[name] = *inside;
        }
        return inside;
    }

    static Clauses text_clauses(const std::string& text) {
        Clauses out;
        std::size_t begin = 0;
        while ((begin = text.find_first_not_of(' ', begin)) != std::string::npos) {
            const std::size_t end = std::min(text.find(' ', begin), text.size());
            std::string piece = text.substr(begin, end - begin);
            // Marks may have been stripped from what was said.
            const bool plain = std::all_of(piece.begin(), piece.end(), [](unsigned char c) {
                return c >= 0x80 || c == '\'' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
            });
            if (plain) {
                out.push_back({std::move(piece)});
            }
            begin = end;
        }
        return out;
    }

    Clauses alternative_clauses(const TemplateNode& node) {
        std::vector<std::string> merged;
        for (const TemplateNode& item : node.items) {
            Clauses branch = clauses(item);
            if (branch.empty()) {
                return {};
            }
            const auto smallest =
                std::min_element(branch.begin(), branch.end(),
                                 [](const auto& a, const auto& b) { return a.size() < b.size(); });
            merged.insert(merged.end(), smallest->begin(), smallest->end());
            if (merged.size() > kFragmentsMax) {
                return {};
            }
        }
        return {merged};
    }

    Clauses rule_clauses(const std::string& name) {
        if (const auto known = rule_clauses_.find(name); known != rule_clauses_.end()) {
            return known->second;
        }
        const Rule* rule = grammar_.rule(block_, name);
        return rule_clauses_[name] = rule == nullptr ? Clauses{} : clauses(rule->root);
    }

    const Grammar::Compiled& grammar_;
    const Block& block_;
    std::map<std::string, std::size_t> rule_depths_;
    std::map<std::string, Clauses> rule_clauses_;
    std::map<std::string, bool> rule_wildcards_;
    std::set<std::string> open_rules_;
};

// Values that are templates may name rules and lists as well; those that can't be used are dropped.
void check_list_values(Grammar::Compiled& compiled) {
    const Block no_block;
    Checker checker(compiled, no_block);
    for (auto& [name, list] : compiled.lists) {
        if (auto* values = std::get_if<TextList>(&list)) {
            std::erase_if(values->templates, [&](const auto& value) {
                const auto depth = checker.depth(value.first);
                if (!depth) {
                    compiled.warnings.push_back({"list '" + name + "'", 0, depth.error()});
                }
                return !depth;
            });
        }
    }
}

}  // namespace

void check_and_index(Grammar::Compiled& compiled) {
    check_list_values(compiled);
    const Block no_block;
    Checker global(compiled, no_block);
    std::vector<Template> kept;
    kept.reserve(compiled.templates.size());
    for (Template& made : compiled.templates) {
        const Block& block = compiled.blocks[made.block];
        Checker own(compiled, block);
        Checker& checker = block.rules.empty() && block.lists.empty() ? global : own;
        if (const auto depth = checker.depth(made.root); !depth) {
            compiled.warnings.push_back({made.file, made.line, depth.error()});
            continue;
        }
        made.clauses = checker.clauses(made.root);
        made.has_wildcard = checker.has_wildcard(made.root);
        const auto& items = made.root.items;
        made.starts_with_wildcard = !items.empty() && checker.is_wildcard(items.front());
        made.ends_with_wildcard = !items.empty() && checker.is_wildcard(items.back());
        kept.push_back(std::move(made));
    }
    compiled.templates = std::move(kept);
}

}  // namespace ambit::language
