// Matcher: where a template, or a part of one, may end in a text, and what its lists took on the way.
//
// Works on sets of states, left to right; a state that can become nothing better than another is dropped, so
// that optional upon optional costs no more than the different places it can reach.  What parts without lists
// match is remembered and holds for every template.  Ownership: borrows the grammar, the lists and the texts.
// Threads: one.  Failure: parts over their budget of steps match nothing more.
// Spec: docs/spec/sentences.md, "Matching".
#pragma once

#include <deque>
#include <unordered_map>

#include "language/grammar.h"

namespace ambit::language {

inline constexpr std::size_t kCapturedMax = 500'000;  // of one utterance
inline constexpr std::size_t kPartStepsMax = 20'000;  // for one part of templates against all its states

// What one list took, and what was taken before; shared between states.
struct Captured {
    std::uint32_t before = 0;  // number of the previous one; 0: none
    std::uint32_t use = 0;     // slot name and kind of the {list}, as a node
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    bool is_wildcard = false;
    bool is_broken = false;                  // it was read with '-' and '_' as spaces
    const TextList::Value* value = nullptr;  // of a text
    double number = 0;                       // of a range
    std::uint64_t likeness = 0;  // equal for chains that differ only in where their wildcards ended
};

enum class Wildcard : std::uint8_t { None, Open, OpenToWordEnd };

struct MatchState {
    std::uint32_t at = 0;
    std::uint32_t literals = 0;      // characters matched by literal text
    std::uint32_t wild = 0;          // characters taken by wildcards that are closed
    std::uint32_t captured = 0;      // number of the last one; 0: none
    std::uint32_t closed_begin = 0;  // a wildcard that was closed but is not in `captured` yet, if
    std::uint32_t closed_end = 0;    // closed_end is not 0
    Wildcard wildcard = Wildcard::None;
    bool word_start = true;
    bool broken = false;      // '-' and '_' of the rest are read as spaces
    bool has_broken = false;  // something was read so
};

using MatchStates = std::vector<MatchState>;

class Matcher {
  public:
    Matcher(const Grammar::Compiled& grammar, const Lists& lists);

    // From here on, states are places of `text`, which must outlive the Matcher.
    void use(const PreparedText& text);

    // Every state behind `node`, in hassil's order.
    void match(NodeId node, const MatchStates& from, MatchStates& out);

    const Captured& captured(std::uint32_t number) const { return captured_[number - 1]; }

    const ListUse& use_of(const Captured& captured) const {
        return grammar_.nodes.use(grammar_.nodes[captured.use]);
    }

    // Ends an open wildcard at the end of the text; false if it would be empty.
    bool close(MatchState& state);

    std::size_t steps() const { return steps_; }

  private:
    // Stands for whatever was captured before, while a part is matched on its own.
    static constexpr std::uint32_t kAnyCaptured = 0xFFFFFFFF;

    // Where one value of a list may end.
    struct ValueEnd {
        std::uint32_t value;
        MatchState end;
    };

    // What a part without lists matches from a state, and what a list takes, depends on this alone.
    static std::uint64_t state_key(std::uint32_t part, const MatchState& state);
    bool may_match(NodeId id, const Node& node, const MatchState& from) const;
    void part(NodeId id, const MatchState& from, MatchStates& out);
    void pure_group(NodeId id, const MatchState& from, MatchStates& out);
    void group(const Node& node, const MatchState& from, MatchStates& out);
    void text(const Chunk& chunk, MatchState from, MatchStates& out);
    void text_behind_wildcard(const Chunk& chunk,
                              std::string_view wanted,
                              const MatchState& from,
                              MatchStates& out);
    void list(NodeId id, const MatchState& from, MatchStates& out);
    void open_wildcard(NodeId id, const MatchState& from, MatchStates& out);
    void text_list(NodeId id, const TextList& list, const MatchState& from, MatchStates& out);
    const std::vector<ValueEnd>& value_ends(std::uint32_t list_name,
                                            const TextList& list,
                                            const MatchState& from);

    // A home doesn't know which languages drop spaces.
    const PrefixIndex& index_of(const TextList& list) const {
        return grammar_.ignore_whitespace && !list.without_spaces.empty() ? list.without_spaces : list.index;
    }

    void find_values(const TextList& list, const MatchState& from, std::vector<ValueEnd>& out);
    void values_here(const TextList& list, const MatchState& from, std::vector<ValueEnd>& out);
    void values_behind_wildcard(const TextList& list, const MatchState& from, std::vector<ValueEnd>& out);
    void number_list(NodeId id, const NumberList& list, const MatchState& from, MatchStates& out);
    bool digits_at(
        NodeId id, const NumberList& list, const MatchState& from, std::size_t begin, MatchStates& out);
    void words_at(
        NodeId id, const NumberList& list, const MatchState& from, std::size_t begin, MatchStates& out);

    void number_taken(
        NodeId id, MatchState state, std::size_t begin, std::size_t end, double number, MatchStates& out);

    std::string_view visible(const MatchState& state) const {
        return state.broken ? text_->broken : text_->text;
    }

    std::uint32_t skip_spaces(const MatchState& state) const;
    bool is_boundary(std::size_t at, std::size_t start) const;
    std::uint32_t wild_characters(std::size_t begin, std::size_t end) const;
    void keep_closed(MatchState& state);
    std::uint32_t capture(const Captured& captured);
    void push(MatchStates& out, const MatchState& state);
    void drop_worse(MatchStates& states);
    bool spend();

    const Grammar::Compiled& grammar_;
    std::vector<const SlotList*> lists_;  // by number of the list's name; nullptr: there is none
    const PreparedText* text_ = nullptr;
    std::deque<Captured> captured_;
    std::unordered_map<std::uint64_t, MatchStates> groups_;            // by part and state
    std::unordered_map<std::uint64_t, std::vector<ValueEnd>> values_;  // by list and state
    std::size_t steps_ = 0;
    std::size_t part_limit_ = 0;  // of `steps_`
};

}  // namespace ambit::language
