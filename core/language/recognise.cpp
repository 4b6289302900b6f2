// Grammar::recognise(): all readings of all templates, and which of them is best.
#include <algorithm>
#include <charconv>
#include <tuple>

#include "language/filter.h"
#include "language/match.h"

namespace ambit::language {
namespace {

constexpr std::uint32_t kSureLiteralsMin = 9;

std::string number_text(double number) {
    char buffer[32];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
    return {buffer, end};
}

bool holds(const ContextRule& rule, const std::string& value) {
    return std::find(rule.values.begin(), rule.values.end(), value) != rule.values.end();
}

// What recognize_best() compares, the smallest being the best (docs/spec/sentences.md, "The best reading").
struct Rank {
    bool is_built_in = true;
    bool is_nameless = true;
    std::int64_t name_left_out = 0;  // characters of the name, negative
    std::uint32_t wildcards = 0;
    std::int64_t text_left_out = 0;  // characters of literal text, negative
    std::uint32_t wild = 0;
    std::uint32_t number = 0;  // of the template
    std::uint32_t order = 0;   // of readings of one template

    friend auto operator<=>(const Rank&, const Rank&) = default;
};

struct Fitting {
    Rank rank;
    const Form* form = nullptr;
    MatchState state;
};

class Recogniser {
  public:
    Recogniser(const Grammar::Compiled& grammar,
               const Lists& lists,
               std::string_view utterance,
               const Context& context)
        : grammar_(grammar),
          context_(context),
          forms_(utterance, grammar),
          matcher_(grammar, lists),
          tried_(grammar.blocks.size()),
          names_are_open_(
              std::any_of(lists.impl().lists.begin(), lists.impl().lists.end(), [](const auto& list) {
                  return std::holds_alternative<WildcardList>(*list.second);
              })) {
        for (std::size_t i = 0; i < tried_.size(); ++i) {
            tried_[i] = is_tried(grammar.blocks[i]) ? 1 : 0;
        }
    }

    Result<std::optional<Recognition>> best() {
        for (const Form& form : forms_.all()) {
            walk(form, [this, &form](const TrieNode& node, const MatchStates& states) {
                for (std::uint32_t i = node.templates_begin; i < node.templates_end; ++i) {
                    read(grammar_.trie_templates[i], form, states);
                }
            });
        }
        choose_among_broken();
        if (best_) {
            return std::optional(recognition(*best_));
        }
        if (too_costly_ != nullptr) {
            return Error{ErrorCode::MatchTooCostly, place_of(*too_costly_)};
        }
        return std::optional<Recognition>();
    }

    std::vector<NearMiss> near_misses() {
        std::vector<std::pair<std::uint32_t, const TrieNode*>> reached;
        const Form& whole = forms_.all().front();
        walk(whole, [&reached](const TrieNode& node, const MatchStates& states) {
            const auto furthest = std::max_element(states.begin(), states.end(),
                                                   [](const auto& a, const auto& b) { return a.at < b.at; });
            reached.emplace_back(furthest->at, &node);
        });
        std::stable_sort(reached.begin(), reached.end(),
                         [](const auto& a, const auto& b) { return a.first > b.first; });
        std::vector<NearMiss> all;
        std::vector<char> listed(grammar_.templates.size(), 0);
        for (const auto& [at, node] : reached) {
            const std::size_t bytes = whole.text.span(0, at).end;
            if (all.size() < kNearMissesMax && bytes > 0) {
                list_templates(*node, bytes, listed, all);
            }
        }
        return all;
    }

  private:
    bool is_tried(const Block& block) const {
        const auto& keywords = block.required_keywords;
        return (keywords.empty() ||
                std::any_of(keywords.begin(), keywords.end(),
                            [this](const auto& word) { return forms_.has_word(word); })) &&
               may_meet(block.requires_context, context_) && none_excluded(block.excludes_context, context_);
    }

    // Visits every way into the trie that the text allows, with the states behind it.
    template <typename Visit>
    void walk(const Form& form, const Visit& visit) {
        matcher_.use(form.text);
        std::vector<std::pair<const TrieNode*, MatchStates>> open;
        open.emplace_back(&grammar_.trie.front(), MatchStates{MatchState{}});
        MatchStates next;
        while (!open.empty()) {
            const auto [node, states] = std::move(open.back());
            open.pop_back();
            for (std::uint32_t i = node->children_begin; i < node->children_end; ++i) {
                const TrieNode& child = grammar_.trie[i];
                if ((child.kinds & form.kinds) == 0) {
                    continue;
                }
                if (matcher_.steps() > kMatchStepsMax) {
                    too_costly_ = &child;
                    return;
                }
                next.clear();
                matcher_.match(child.item, states, next);
                if (next.empty()) {
                    continue;
                }
                visit(child, next);
                if (child.children_begin != child.children_end) {
                    open.emplace_back(&child, next);
                }
            }
        }
    }

    const Template& first_template(const TrieNode& node) const {
        const TrieNode* at = &node;
        while (at->templates_begin == at->templates_end) {
            at = &grammar_.trie[at->children_begin];
        }
        return grammar_.templates[grammar_.trie_templates[at->templates_begin]];
    }

    std::string place_of(const TrieNode& node) const {
        const Template& made = first_template(node);
        return grammar_.files[made.file] + ":" + std::to_string(made.line);
    }

    void list_templates(const TrieNode& node,
                        std::size_t bytes,
                        std::vector<char>& listed,
                        std::vector<NearMiss>& out) const {
        std::vector<const TrieNode*> open = {&node};
        while (!open.empty()) {
            const TrieNode& at = *open.back();
            open.pop_back();
            for (std::uint32_t i = at.children_end; i > at.children_begin; --i) {
                open.push_back(&grammar_.trie[i - 1]);
            }
            for (std::uint32_t i = at.templates_begin; i < at.templates_end; ++i) {
                const std::uint32_t number = grammar_.trie_templates[i];
                const Template& made = grammar_.templates[number];
                if (out.size() >= kNearMissesMax) {
                    return;
                }
                if (tried_[made.block] != 0 && listed[number] == 0) {
                    listed[number] = 1;
                    out.push_back({grammar_.blocks[made.block].intent, made.text, grammar_.files[made.file],
                                   made.line, bytes});
                }
            }
        }
    }

    void read(std::uint32_t number, const Form& form, const MatchStates& states) {
        const Template& made = grammar_.templates[number];
        if (!form.is_for(made.kind) || tried_[made.block] == 0) {
            return;
        }
        for (const MatchState& state : states) {
            Fitting reading{{}, &form, state};
            if (!completes(reading.state, form) || !fits(grammar_.blocks[made.block], reading.state)) {
                continue;
            }
            reading.rank = rank(number, reading.state, form);
            if (reading.state.has_broken && grammar_.filter_with_regex) {
                broken_.push_back(reading);
            } else if (!best_ || reading.rank < best_->rank) {
                best_ = reading;
            }
        }
    }

    // hassil reads '-' and '_' as spaces only where no template has its words in the text as it is.
    void choose_among_broken() {
        if (broken_.empty()) {
            return;
        }
        Filter filter(grammar_, forms_);
        const auto is_asked = [this](std::uint32_t number) {
            return tried_[grammar_.templates[number].block] != 0;
        };
        const bool is_filtered =
            best_.has_value() || some_block_is_unfiltered() || filter.any_passes(is_asked);
        for (const Fitting& reading : broken_) {
            const Template& made = grammar_.templates[reading.rank.number];
            if (best_ && best_->rank < reading.rank) {
                continue;
            }
            if (!is_filtered || !grammar_.blocks[made.block].filter_with_regex || filter.passes(made)) {
                best_ = reading;
            }
        }
    }

    bool some_block_is_unfiltered() const {
        for (std::size_t i = 0; i < tried_.size(); ++i) {
            if (tried_[i] != 0 && !grammar_.blocks[i].filter_with_regex) {
                return true;
            }
        }
        return false;
    }

    // True if the text is used up, or an open wildcard can take the rest.
    bool completes(MatchState& state, const Form& form) {
        if (state.wildcard != Wildcard::None) {
            return matcher_.close(state);
        }
        return is_only_marks(std::string_view(form.text.text).substr(state.at));
    }

    template <typename Each>
    void for_each_captured(const MatchState& state, const Each& each) const {
        for (std::uint32_t number = state.captured; number != 0; number = matcher_.captured(number).before) {
            each(matcher_.captured(number));
        }
    }

    // What is known under `key` after the words were read; nullptr if nothing is.
    const std::string* known(const std::string& key, const MatchState& state) const {
        const std::string* found = nullptr;
        for_each_captured(state, [&](const Captured& captured) {
            if (found == nullptr && captured.value != nullptr) {
                const auto said = captured.value->context.find(key);
                found = said == captured.value->context.end() ? nullptr : &said->second;
            }
        });
        if (found == nullptr) {
            const auto before = context_.find(key);
            found = before == context_.end() ? nullptr : &before->second;
        }
        return found;
    }

    bool fits(const Block& block, const MatchState& state) const {
        if (block.requires_context.empty() && block.excludes_context.empty()) {
            return true;
        }
        bool values_fit = true;
        for_each_captured(state, [&](const Captured& captured) {
            values_fit = values_fit && (captured.value == nullptr ||
                                        (may_meet(block.requires_context, captured.value->context) &&
                                         none_excluded(block.excludes_context, captured.value->context)));
        });
        return values_fit &&
               std::all_of(block.requires_context.begin(), block.requires_context.end(),
                           [&](const ContextRule& rule) {
                               const std::string* value = known(rule.key, state);
                               // What a name would have said about it isn't known.
                               return value == nullptr ? names_are_open_
                                                       : rule.values.empty() || holds(rule, *value);
                           }) &&
               std::none_of(block.excludes_context.begin(), block.excludes_context.end(),
                            [&](const ContextRule& rule) {
                                const std::string* value = known(rule.key, state);
                                return value != nullptr && holds(rule, *value);
                            });
    }

    // Captures are not slots, but only texts can be captured.
    bool is_slot(const Captured& captured) const {
        return captured.value == nullptr || !matcher_.use_of(captured).is_capture;
    }

    Rank rank(std::uint32_t number, const MatchState& state, const Form& form) {
        const Template& made = grammar_.templates[number];
        const Block& block = grammar_.blocks[made.block];
        Rank rank;
        rank.is_built_in = !block.custom;
        rank.text_left_out = -static_cast<std::int64_t>(state.literals);
        rank.wild = state.wild;
        rank.number = number;
        rank.order = order_++;
        bool name_found = false;
        for_each_captured(state, [&](const Captured& captured) {
            rank.wildcards += captured.is_wildcard ? 1 : 0;
            if (!name_found && is_slot(captured) && slot_name(captured) == "name") {
                name_found = true;
                rank.is_nameless = captured.is_wildcard;
                rank.name_left_out = captured.is_wildcard ? 0 : -length_of(captured, form);
            }
        });
        if (!name_found) {
            rank.is_nameless = std::none_of(block.slots.begin(), block.slots.end(),
                                            [](const auto& slot) { return slot.first == "name"; }) &&
                               std::none_of(block.requires_context.begin(), block.requires_context.end(),
                                            [](const auto& rule) { return rule.copy_to_slot == "name"; });
        }
        return rank;
    }

    const std::string& slot_name(const Captured& captured) const {
        return grammar_.slot_names[matcher_.use_of(captured).slot];
    }

    static std::int64_t length_of(const Captured& captured, const Form& form) {
        return static_cast<std::int64_t>(characters(
            std::string_view(form.text.text).substr(captured.begin, captured.end - captured.begin)));
    }

    Recognition recognition(const Fitting& reading) const {
        const Template& made = grammar_.templates[reading.rank.number];
        const Block& block = grammar_.blocks[made.block];
        Recognition out;
        out.intent = block.intent;
        out.combination = block.combination;
        out.response = block.response;
        out.custom = block.custom;
        out.literal_characters = reading.state.literals;
        out.template_text = made.text;
        out.file = grammar_.files[made.file];
        out.line = made.line;
        out.context = context_;
        std::vector<const Captured*> chain;
        for_each_captured(reading.state, [&chain](const Captured& captured) { chain.push_back(&captured); });
        for (auto captured = chain.rbegin(); captured != chain.rend(); ++captured) {
            add_slot(**captured, reading.form->text, out);
        }
        out.needs_agreement = block.needs_agreement || needs_agreement(reading);
        add_block_slots(block, out);
        return out;
    }

    // Wildcards took words, nothing that the home or the grammar knows stands beside them, and the template
    // has little text of its own: "play {search_query}".
    bool needs_agreement(const Fitting& reading) const {
        bool has_value = false;
        for_each_captured(reading.state, [&has_value](const Captured& captured) {
            has_value = has_value || !captured.is_wildcard;
        });
        return reading.rank.wildcards > 0 && !has_value && reading.state.literals < kSureLiteralsMin;
    }

    void add_slot(const Captured& captured, const PreparedText& text, Recognition& out) const {
        Slot slot;
        slot.name = slot_name(captured);
        slot.text = text.said(captured.begin, captured.end, captured.is_broken);
        slot.span = text.span(captured.begin, captured.end);
        slot.wildcard = captured.is_wildcard;
        if (captured.is_wildcard) {
            slot.text = strip(slot.text);
            slot.value = slot.text;
        } else if (captured.value == nullptr) {
            slot.value = number_text(captured.number);
        } else {
            slot.value = captured.value->value_is_text ? slot.text : captured.value->value;
            for (const auto& [key, value] : captured.value->context) {
                out.context[key] = value;
            }
        }
        (is_slot(captured) ? out.slots : out.captures).push_back(std::move(slot));
    }

    static void add_block_slots(const Block& block, Recognition& out) {
        const std::size_t said = out.slots.size();
        const auto is_said = [&out, said](const std::string& name) {
            return std::any_of(out.slots.begin(), out.slots.begin() + static_cast<std::ptrdiff_t>(said),
                               [&name](const Slot& slot) { return slot.name == name; });
        };
        for (const auto& [name, value] : block.slots) {
            if (!is_said(name)) {
                out.slots.push_back({name, value, {}, {}, false});
            }
        }
        for (const ContextRule& rule : block.requires_context) {
            const auto found = out.context.find(rule.key);
            if (!rule.copy_to_slot.empty() && found != out.context.end() && !is_said(rule.copy_to_slot)) {
                std::erase_if(out.slots, [&](const Slot& slot) { return slot.name == rule.copy_to_slot; });
                out.slots.push_back({rule.copy_to_slot, found->second, {}, {}, false});
            }
        }
    }

    const Grammar::Compiled& grammar_;
    const Context& context_;
    Forms forms_;
    Matcher matcher_;
    std::vector<char> tried_;  // by block
    bool names_are_open_;      // some list takes any words (Lists::set_any)
    std::optional<Fitting> best_;
    std::vector<Fitting> broken_;  // that took '-' or '_' for a space
    std::uint32_t order_ = 0;
    const TrieNode* too_costly_ = nullptr;
};

Result<void> check_utterance(std::string_view utterance) {
    if (utterance.size() > kUtteranceBytesMax) {
        return Error{ErrorCode::UtteranceTooLong, std::to_string(utterance.size()) + " bytes, at most " +
                                                      std::to_string(kUtteranceBytesMax)};
    }
    return {};
}

}  // namespace

bool may_meet(const std::vector<ContextRule>& required, const Context& context) {
    return std::all_of(required.begin(), required.end(), [&context](const ContextRule& rule) {
        const auto found = context.find(rule.key);
        return found == context.end() || rule.values.empty() || holds(rule, found->second);
    });
}

bool none_excluded(const std::vector<ContextRule>& excluded, const Context& context) {
    return std::none_of(excluded.begin(), excluded.end(), [&context](const ContextRule& rule) {
        const auto found = context.find(rule.key);
        return found != context.end() && holds(rule, found->second);
    });
}

Result<std::optional<Recognition>> Grammar::recognise(std::string_view utterance,
                                                      const Lists& lists,
                                                      const Context& context) const {
    AMBIT_TRY(check_utterance(utterance));
    return Recogniser(*compiled_, lists, utterance, context).best();
}

std::vector<NearMiss> Grammar::near_misses(std::string_view utterance,
                                           const Lists& lists,
                                           const Context& context) const {
    if (!check_utterance(utterance)) {
        return {};
    }
    return Recogniser(*compiled_, lists, utterance, context).near_misses();
}

}  // namespace ambit::language
