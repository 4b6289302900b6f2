// Matcher: every way one template reads one text.
//
// Works on sets of states, left to right: equal states are kept once, so optional upon optional costs no more
// than the distinct states it can reach.  Ownership: borrows the grammar, lists and text for one recognise().
// Threads: one.  Failure: steps over the budget end the template (exhausted()).
// Spec: docs/spec/sentences.md, "Matching".
#pragma once

#include <set>
#include <tuple>

#include "language/grammar.h"

namespace ambit::language {

inline constexpr std::size_t kTemplateStepsMax = 100'000;

// What was captured on the way, newest first; shared between states.
struct Captured {
    const Captured* before = nullptr;
    const std::string* slot = nullptr;  // empty text: a capture, which only reaches the response
    std::string value;
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    bool wildcard = false;
    bool open = false;  // a wildcard that has not got its text yet
    bool value_is_text = false;
    const Context* context = nullptr;

    auto key() const {
        return std::tie(before, slot, value, begin, end, wildcard, open, value_is_text, context);
    }
};

struct MatchState {
    std::uint32_t at = 0;
    std::uint32_t literals = 0;  // characters matched by literal text
    bool word_start = true;
    bool broken = false;  // '-' and '_' of the rest are read as spaces
    const Captured* captured = nullptr;

    friend auto operator<=>(const MatchState&, const MatchState&) = default;
};

class Matcher {
  public:
    Matcher(const Grammar::Compiled& grammar, const Lists& lists);

    // Every state in which `made` is used up, in hassil's order; the text need not be.
    std::vector<MatchState> match(const Template& made, const PreparedText& text);

    // Of the last match(): the budget ran out, and how far into the text any state got.
    bool exhausted() const { return steps_ > kTemplateStepsMax; }

    std::size_t furthest() const { return furthest_; }

    std::size_t total_steps() const { return total_steps_; }

  private:
    using States = std::vector<MatchState>;

    void node(const TemplateNode& node, const MatchState& from, States& out);
    void sequence(const std::vector<TemplateNode>& items, const MatchState& from, States& out);
    void text(const std::string& chunk, MatchState from, States& out);
    void text_behind_wildcard(const std::string& chunk,
                              std::string_view wanted,
                              MatchState from,
                              States& out);
    void list(const TemplateNode& node, const MatchState& from, States& out);
    void wildcard(const TemplateNode& node, const MatchState& from, States& out);
    void text_list(const TextList& list, const TemplateNode& node, const MatchState& from, States& out);
    void number_list(const NumberList& list, const TemplateNode& node, const MatchState& from, States& out);
    void number_anywhere(const NumberList& list,
                         const TemplateNode& node,
                         const MatchState& from,
                         States& out);
    bool digits_at(const NumberList& list, const TemplateNode& node, const MatchState& from, States& out);
    void words_at(const NumberList& list, const TemplateNode& node, const MatchState& from, States& out);

    const SlotList* find_list(const std::string& name);
    bool value_allowed(const Context& context) const;
    const Captured* capture(Captured captured);
    const Captured* close_wildcard(const Captured* open, std::size_t end);
    MatchState skip_spaces(MatchState state) const;
    const std::string& visible(const MatchState& state) const;
    bool spend();
    void push(States& out, const MatchState& state);

    const Grammar::Compiled& grammar_;
    const Lists::Impl& lists_;
    std::map<std::string, SlotList, std::less<>> inline_ranges_;
    const Block* block_ = nullptr;
    const PreparedText* text_ = nullptr;

    struct ByContent {
        bool operator()(const Captured& a, const Captured& b) const { return a.key() < b.key(); }
    };

    std::set<Captured, ByContent> captured_;
    std::size_t steps_ = 0;
    std::size_t total_steps_ = 0;
    std::size_t depth_ = 0;
    std::size_t furthest_ = 0;
};

// True if `context` has no key that breaks a rule; keys it lacks don't count.
bool may_meet(const std::vector<ContextRule>& required, const Context& context);
// True if no key of `context` is excluded.
bool none_excluded(const std::vector<ContextRule>& excluded, const Context& context);

}  // namespace ambit::language
