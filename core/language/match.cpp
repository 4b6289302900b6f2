#include "language/match.h"

#include <algorithm>
#include <array>
#include <bit>

namespace ambit::language {
namespace {

std::uint64_t mixed(std::uint64_t hash, std::uint64_t value) {
    hash ^= value + 0x9E3779B97F4A7C15ULL + (hash << 6U) + (hash >> 2U);
    hash *= 0xBF58476D1CE4E5B9ULL;
    return hash ^ hash >> 31U;
}

}  // namespace

std::uint64_t Matcher::state_key(std::uint32_t part, const MatchState& state) {
    const std::uint64_t flags = static_cast<std::uint64_t>(state.wildcard) * 4 +
                                (state.word_start ? 2U : 0U) + (state.broken ? 1U : 0U);
    return std::uint64_t{part} << 32U | std::uint64_t{state.at} << 4U | flags;
}

Matcher::Matcher(const Grammar::Compiled& grammar, const Lists& lists) : grammar_(grammar) {
    lists_.reserve(grammar.list_names.size());
    for (std::size_t i = 0; i < grammar.list_names.size(); ++i) {
        const auto plugged = lists.impl().lists.find(grammar.list_names[i]);
        const std::int32_t own = grammar.list_of_name[i];
        lists_.push_back(plugged != lists.impl().lists.end() ? plugged->second.get()
                         : own < 0                           ? nullptr
                                                             : &grammar.lists[static_cast<std::size_t>(own)]);
    }
}

void Matcher::use(const PreparedText& text) {
    text_ = &text;
    groups_.clear();
    values_.clear();
}

void Matcher::match(NodeId node, const MatchStates& from, MatchStates& out) {
    part_limit_ = steps_ + kPartStepsMax;
    for (const MatchState& state : from) {
        part(node, state, out);
    }
    drop_worse(out);
}

bool Matcher::spend() {
    return ++steps_ <= part_limit_ && captured_.size() < kCapturedMax;
}

void Matcher::push(MatchStates& out, const MatchState& state) {
    if (out.size() < kMatchStatesMax) {
        out.push_back(state);
        if (state.closed_end != 0 && state.captured != kAnyCaptured) {
            keep_closed(out.back());
        }
    }
}

// Of states from which the rest reads alike only the best is kept: more literal text, fewer characters in
// wildcards, earlier.
void Matcher::drop_worse(MatchStates& states) {
    if (states.size() < 2) {
        return;
    }

    struct Key {
        std::uint64_t place;
        std::uint64_t likeness;
        std::uint64_t closed;
        bool operator==(const Key&) const = default;
    };

    const auto key = [this](const MatchState& s) {
        const bool known = s.captured != 0 && s.captured != kAnyCaptured;
        return Key{state_key(0, s), known ? captured(s.captured).likeness : s.captured,
                   s.captured == kAnyCaptured ? std::uint64_t{s.closed_begin} << 32U | s.closed_end : 0};
    };
    const auto is_better = [](const MatchState& a, const MatchState& b) {
        return a.literals != b.literals ? a.literals > b.literals : a.wild < b.wild;
    };

    struct Hash {
        std::size_t operator()(const Key& k) const {
            return static_cast<std::size_t>(mixed(mixed(k.place, k.likeness), k.closed));
        }
    };

    constexpr std::size_t kFewStates = 8;
    std::vector<char> dropped(states.size(), 0);
    if (states.size() <= kFewStates) {
        std::array<Key, kFewStates> keys;
        for (std::size_t i = 0; i < states.size(); ++i) {
            keys[i] = key(states[i]);
            for (std::size_t j = 0; j < i; ++j) {
                if (dropped[j] == 0 && keys[i] == keys[j]) {
                    dropped[is_better(states[i], states[j]) ? j : i] = 1;
                    break;
                }
            }
        }
    } else {
        std::unordered_map<Key, std::size_t, Hash> best;
        for (std::size_t i = 0; i < states.size(); ++i) {
            const auto [place, added] = best.try_emplace(key(states[i]), i);
            if (!added) {
                const bool better = is_better(states[i], states[place->second]);
                dropped[better ? place->second : i] = 1;
                place->second = better ? i : place->second;
            }
        }
    }
    std::size_t kept = 0;
    for (std::size_t i = 0; i < states.size(); ++i) {
        if (dropped[i] == 0) {
            states[kept++] = states[i];
        }
    }
    states.resize(kept);
}

bool Matcher::may_match(NodeId id, const Node& node, const MatchState& from) const {
    if (node.may_begin_any || node.may_be_empty || from.wildcard != Wildcard::None) {
        return true;
    }
    const std::string_view text = visible(from);
    std::size_t at = from.at;
    if (at < text.size() && grammar_.nodes.may_begin_with(id, text[at])) {
        return true;
    }
    while (at < text.size() && text[at] == ' ') {
        ++at;
    }
    return at < text.size() && at > from.at && grammar_.nodes.may_begin_with(id, text[at]);
}

void Matcher::part(NodeId id, const MatchState& from, MatchStates& out) {
    const Node& node = grammar_.nodes[id];
    if (!spend() || !may_match(id, node, from)) {
        return;
    }
    switch (node.kind) {
        case Node::Kind::Text:
            return text(grammar_.nodes.chunk(node), from, out);
        case Node::Kind::List:
            return list(id, from, out);
        case Node::Kind::Sequence:
        case Node::Kind::Alternative:
            return node.is_pure ? pure_group(id, from, out) : group(node, from, out);
    }
}

// Matched once on its own for each place of the text, and put behind whatever came before.
void Matcher::pure_group(NodeId id, const MatchState& from, MatchStates& out) {
    const auto [place, added] = groups_.try_emplace(state_key(id, from));
    MatchStates& ends = place->second;
    if (added) {
        MatchState alone = from;
        alone.captured = kAnyCaptured;
        alone.literals = 0;
        alone.wild = 0;
        alone.has_broken = false;
        alone.closed_begin = 0;
        alone.closed_end = 0;
        MatchStates found;
        group(grammar_.nodes[id], alone, found);
        drop_worse(found);
        ends = std::move(found);
    }
    const bool is_whole = steps_ <= part_limit_;
    for (const MatchState& end : ends) {
        MatchState state = end;
        state.captured = from.captured;
        if (end.closed_end == 0) {
            state.closed_begin = from.closed_begin;
            state.closed_end = from.closed_end;
        }
        state.literals += from.literals;
        state.wild += from.wild;
        state.has_broken = state.has_broken || from.has_broken;
        push(out, state);
    }
    if (added && !is_whole) {
        groups_.erase(state_key(id, from));  // another template may have steps to spare
    }
}

void Matcher::group(const Node& node, const MatchState& from, MatchStates& out) {
    const NodeId* items = grammar_.nodes.items(node);
    if (node.kind == Node::Kind::Alternative) {
        for (std::uint32_t i = 0; i < node.count; ++i) {
            part(items[i], from, out);
        }
        return;
    }
    MatchStates now = {from};
    MatchStates next;
    for (std::uint32_t i = 0; i < node.count && !now.empty(); ++i) {
        next.clear();
        for (const MatchState& state : now) {
            part(items[i], state, next);
        }
        drop_worse(next);
        std::swap(now, next);
    }
    for (const MatchState& state : now) {
        push(out, state);
    }
}

std::uint32_t Matcher::skip_spaces(const MatchState& state) const {
    const std::string_view text = visible(state);
    std::uint32_t at = state.at;
    while (at < text.size() && text[at] == ' ') {
        ++at;
    }
    return at;
}

void Matcher::text(const Chunk& chunk, MatchState from, MatchStates& out) {
    if (chunk.text.empty()) {
        return push(out, from);
    }
    const MatchState start = from;
    std::string_view wanted = chunk.text;
    if (from.word_start && !grammar_.ignore_whitespace) {
        wanted.remove_prefix(chunk.leading);
        from.at = skip_spaces(from);
    }
    if (from.wildcard != Wildcard::None) {
        return text_behind_wildcard(chunk, wanted, from, out);
    }
    const std::string_view rest = visible(from).substr(from.at);
    if (rest.starts_with(wanted)) {
        from.at += static_cast<std::uint32_t>(wanted.size());
        from.literals += chunk.characters;
        from.word_start = chunk.ends_with_space;
        return push(out, from);
    }
    if (chunk.is_blank && strip(rest).empty()) {
        return push(out, start);  // no text is left, and spaces need none
    }
    if (!from.broken && text_->has_breaks &&
        std::string_view(text_->broken).substr(from.at).starts_with(wanted)) {
        from.broken = true;
        from.has_broken = true;
        from.at += static_cast<std::uint32_t>(wanted.size());
        push(out, from);
    }
}

// True if a word begins or ends at `at`, as seen from a text that begins at `start`.
bool Matcher::is_boundary(std::size_t at, std::size_t start) const {
    const bool before = at > start && text_->word[at - 1] != 0;
    return before != (text_->word[at] != 0);
}

// The wildcard takes the text up to any place where the chunk stands, the first of which is at a word's edge.
void Matcher::text_behind_wildcard(const Chunk& chunk,
                                   std::string_view wanted,
                                   const MatchState& from,
                                   MatchStates& out) {
    if (chunk.is_blank) {
        MatchState skipped = from;
        skipped.word_start = true;
        return push(out, skipped);
    }
    const std::string_view text = visible(from);
    const bool at_edge = from.wildcard == Wildcard::OpenToWordEnd && !grammar_.ignore_whitespace;
    std::size_t at = text.find(wanted, from.at);
    const auto to_edge = [&](std::size_t start) {
        while (at != std::string_view::npos && at_edge && !is_boundary(at, start)) {
            at = text.find(wanted, at + 1);
        }
    };
    to_edge(from.at);
    if (at == from.at) {
        at = text.find(wanted, at + 1);
        to_edge(from.at + 1);
    }
    const std::string_view bare = std::string_view(chunk.text).substr(chunk.leading);
    for (; at != std::string_view::npos && spend(); at = text.find(wanted, at + 1)) {
        const std::uint32_t taken = wild_characters(from.at, at);
        if (taken == 0) {
            continue;
        }
        MatchState closed = from;
        closed.wildcard = Wildcard::None;
        closed.closed_begin = from.at;
        closed.closed_end = static_cast<std::uint32_t>(at);
        closed.wild += taken;
        closed.at = static_cast<std::uint32_t>(at);
        closed.at = (grammar_.ignore_whitespace ? closed.at : skip_spaces(closed)) +
                    static_cast<std::uint32_t>(bare.size());
        closed.literals += chunk.characters;
        closed.word_start = chunk.ends_with_space;
        push(out, closed);
    }
}

std::uint32_t Matcher::wild_characters(std::size_t begin, std::size_t end) const {
    return static_cast<std::uint32_t>(
        characters(strip(std::string_view(text_->text).substr(begin, end - begin))));
}

std::uint32_t Matcher::capture(const Captured& captured) {
    captured_.push_back(captured);
    Captured& made = captured_.back();
    made.likeness = mixed(made.before == 0 ? 0 : this->captured(made.before).likeness, made.use);
    if (!made.is_wildcard) {
        made.likeness = mixed(made.likeness, std::uint64_t{made.begin} << 32U | made.end);
        made.likeness = mixed(made.likeness, reinterpret_cast<std::uintptr_t>(made.value));
        made.likeness = mixed(made.likeness, std::bit_cast<std::uint64_t>(made.number));
    }
    return static_cast<std::uint32_t>(captured_.size());
}

// The open wildcard of the state's chain becomes one that ended.
void Matcher::keep_closed(MatchState& state) {
    Captured closed = captured(state.captured);
    closed.begin = state.closed_begin;
    closed.end = state.closed_end;
    closed.is_broken = state.broken;
    state.captured = capture(closed);
    state.closed_begin = 0;
    state.closed_end = 0;
}

bool Matcher::close(MatchState& state) {
    const auto end = static_cast<std::uint32_t>(text_->text.size());
    if (strip(visible(state).substr(state.at)).empty()) {
        return false;
    }
    state.closed_begin = state.at;
    state.closed_end = end;
    state.wild += wild_characters(state.at, end);
    state.wildcard = Wildcard::None;
    state.at = end;
    keep_closed(state);
    return true;
}

void Matcher::list(NodeId id, const MatchState& from, MatchStates& out) {
    const SlotList* list = lists_[grammar_.nodes.use(grammar_.nodes[id]).list];
    if (list == nullptr || from.at >= text_->text.size()) {
        return;
    }
    if (const auto* values = std::get_if<TextList>(list)) {
        return text_list(id, *values, from, out);
    }
    if (const auto* numbers = std::get_if<NumberList>(list)) {
        return number_list(id, *numbers, from, out);
    }
    open_wildcard(id, from, out);
}

void Matcher::open_wildcard(NodeId id, const MatchState& from, MatchStates& out) {
    if (from.wildcard != Wildcard::None) {
        return;  // the one before it would stay empty
    }
    MatchState open = from;
    Captured captured;
    captured.before = from.captured;
    captured.use = id;
    captured.is_wildcard = true;
    open.captured = capture(captured);
    open.wildcard =
        grammar_.nodes.use(grammar_.nodes[id]).is_end_of_word ? Wildcard::OpenToWordEnd : Wildcard::Open;
    push(out, open);
}

}  // namespace ambit::language
