// Matcher: what {list} takes.
#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "language/match.h"

namespace ambit::language {
namespace {

bool is_digit(std::string_view text, std::size_t at) {
    return at < text.size() && text[at] >= '0' && text[at] <= '9';
}

// The end of a number at `at`, spaces and a sign in front included; `at` itself if there is none.
std::size_t number_end(std::string_view text, std::size_t at, bool with_fraction) {
    std::size_t end = at;
    while (end < text.size() && text[end] == ' ') {
        ++end;
    }
    if (end < text.size() && text[end] == '-') {
        ++end;
    }
    if (!is_digit(text, end)) {
        return at;
    }
    while (is_digit(text, end)) {
        ++end;
    }
    if (with_fraction && end < text.size() && (text[end] == '.' || text[end] == ',') &&
        is_digit(text, end + 1)) {
        for (++end; is_digit(text, end);) {
            ++end;
        }
    }
    return end;
}

}  // namespace

void Matcher::text_list(NodeId id, const TextList& list, const MatchState& from, MatchStates& out) {
    std::vector<ValueEnd> found;
    if (list.has_impure_templates) {
        find_values(list, from, found);
    }
    const std::uint32_t name = grammar_.nodes.use(grammar_.nodes[id]).list;
    const auto& ends = list.has_impure_templates ? found : value_ends(name, list, from);
    for (const ValueEnd& value : ends) {
        if (from.wildcard != Wildcard::None && value.end.wildcard != Wildcard::None) {
            continue;  // the wildcard would stay empty
        }
        MatchState state = from;
        state.at = value.end.at;
        state.broken = value.end.broken;
        state.has_broken = from.has_broken || value.end.has_broken;
        state.wildcard = Wildcard::None;
        if (list.has_impure_templates) {
            state.captured = value.end.captured;
            state.wild = value.end.wild;
        }
        std::uint32_t begin = from.at;
        if (value.end.closed_end != 0) {
            state.closed_begin = value.end.closed_begin;
            state.closed_end = value.end.closed_end;
            state.wild += wild_characters(state.closed_begin, state.closed_end);
            keep_closed(state);
        }
        if (state.captured != 0 && captured(state.captured).is_wildcard) {
            // As hassil has it: what was said for the value begins here, and what stands here is not counted
            // if the wildcard before took the same.
            const Captured& wild = captured(state.captured);
            const std::string_view taken = visible(from).substr(wild.begin, wild.end - wild.begin);
            begin =
                visible(from).substr(from.at).starts_with(taken)
                    ? std::min<std::uint32_t>(value.end.at, begin + static_cast<std::uint32_t>(taken.size()))
                    : begin;
        }
        Captured captured;
        captured.before = state.captured;
        captured.use = id;
        captured.begin = begin;
        captured.end = value.end.at;
        captured.is_broken = from.broken;
        captured.value = &list.values[value.value];
        state.captured = capture(captured);
        push(out, state);
    }
}

const std::vector<Matcher::ValueEnd>& Matcher::value_ends(std::uint32_t list_name,
                                                          const TextList& list,
                                                          const MatchState& from) {
    const std::uint64_t flags =
        static_cast<std::uint64_t>(from.wildcard) * 4 + (from.word_start ? 2U : 0U) + (from.broken ? 1U : 0U);
    const auto [place, added] =
        values_.try_emplace(std::uint64_t{list_name} << 32U | std::uint64_t{from.at} << 4U | flags);
    if (added) {
        MatchState alone;
        alone.at = from.at;
        alone.captured = kAnyCaptured;
        alone.wildcard = from.wildcard;
        alone.word_start = from.word_start;
        alone.broken = from.broken;
        std::vector<ValueEnd> found;
        find_values(list, alone, found);
        place->second = std::move(found);
    }
    return place->second;
}

// In the order of the values.
void Matcher::find_values(const TextList& list, const MatchState& from, std::vector<ValueEnd>& out) {
    if (from.wildcard == Wildcard::None) {
        values_here(list, from, out);
    } else {
        values_behind_wildcard(list, from, out);
    }
    MatchStates ends;
    for (const auto& [node, value] : list.templates) {
        ends.clear();
        part(node, from, ends);
        drop_worse(ends);
        for (const MatchState& end : ends) {
            out.push_back({value, end});
        }
    }
    std::stable_sort(out.begin(), out.end(),
                     [](const ValueEnd& a, const ValueEnd& b) { return a.value < b.value; });
}

void Matcher::values_here(const TextList& list, const MatchState& from, std::vector<ValueEnd>& out) {
    MatchState start = from;
    start.at = from.word_start && !grammar_.ignore_whitespace ? skip_spaces(from) : from.at;
    std::vector<PrefixIndex::Hit> hits;
    index_of(list).prefixes_of(visible(start).substr(start.at), hits);
    const std::size_t plain = hits.size();
    if (!start.broken && text_->has_breaks) {
        index_of(list).prefixes_of(std::string_view(text_->broken).substr(start.at), hits);
    }
    const std::size_t left =
        grammar_.ignore_whitespace ? characters(visible(from).substr(from.at)) : visible(from).size();
    for (std::size_t i = 0; i < hits.size() && spend(); ++i) {
        const PrefixIndex::Hit& hit = hits[i];
        const bool known =
            i >= plain && std::any_of(hits.begin(), hits.begin() + static_cast<std::ptrdiff_t>(plain),
                                      [&hit](const auto& h) { return h.value == hit.value; });
        if (known || (left < list.values[hit.value].characters && list.without_spaces.empty())) {
            continue;
        }
        MatchState end = start;
        end.at += hit.length;
        end.broken = start.broken || i >= plain;
        end.has_broken = start.has_broken || i >= plain;
        out.push_back({hit.value, end});
    }
}

// As text_behind_wildcard(), for every value at once.
void Matcher::values_behind_wildcard(const TextList& list,
                                     const MatchState& from,
                                     std::vector<ValueEnd>& out) {
    const std::uint32_t start = from.word_start && !grammar_.ignore_whitespace ? skip_spaces(from) : from.at;
    const std::string_view text = visible(from);
    const bool at_edge = from.wildcard == Wildcard::OpenToWordEnd && !grammar_.ignore_whitespace;
    std::vector<PrefixIndex::Hit> hits;
    std::vector<char> begun(list.values.size(), 0);  // a value's first place is at a word's edge
    for (std::uint32_t at = start; at < text.size() && spend(); ++at) {
        hits.clear();
        index_of(list).prefixes_of(text.substr(at), hits);
        for (const PrefixIndex::Hit& hit : hits) {
            // hassil looks again from the second byte if the value stands at the very start.
            const bool edge =
                is_boundary(at, start) || (at == start + 1 && text_->word[at] != 0 && begun[hit.value] == 2);
            if (begun[hit.value] != 1 && at_edge && !edge) {
                continue;
            }
            if (at == start) {
                begun[hit.value] = 2;
                continue;
            }
            begun[hit.value] = 1;
            if (wild_characters(start, at) == 0) {
                continue;
            }
            MatchState end = from;
            end.wildcard = Wildcard::None;
            end.closed_begin = start;
            end.closed_end = at;
            end.at = at + hit.length;
            out.push_back({hit.value, end});
        }
    }
}

void Matcher::number_list(NodeId id, const NumberList& list, const MatchState& from, MatchStates& out) {
    if (from.wildcard == Wildcard::None) {
        if (!digits_at(id, list, from, from.at, out)) {
            words_at(id, list, from, from.at, out);
        }
        return;
    }
    const std::string_view text = visible(from);
    bool any_digits = false;
    for (std::size_t at = from.at; at < text.size() && spend();) {
        const std::size_t end = number_end(text, at, list.fractions > 1);
        if (end == at) {
            ++at;
            continue;
        }
        any_digits = true;
        digits_at(id, list, from, at, out);
        at = end;
    }
    for (std::size_t at = from.at; !any_digits && at < text.size() && spend(); ++at) {
        words_at(id, list, from, at, out);
    }
}

// True if digits stand there, whether they fit the list or not: then number words are not tried.
bool Matcher::digits_at(
    NodeId id, const NumberList& list, const MatchState& from, std::size_t begin, MatchStates& out) {
    const std::string_view text = visible(from);
    const std::size_t end = number_end(text, begin, list.fractions > 1);
    if (end == begin) {
        return false;
    }
    std::string digits(strip(text.substr(begin, end - begin)));
    std::replace(digits.begin(), digits.end(), ',', '.');
    double number = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (read.ec == std::errc() && list.digits && list.contains(number)) {
        number_taken(id, from, begin, end, number * list.multiplier, out);
    }
    return true;
}

void Matcher::words_at(
    NodeId id, const NumberList& list, const MatchState& from, std::size_t begin, MatchStates& out) {
    if (list.words == nullptr) {
        return;
    }
    std::vector<PrefixIndex::Hit> hits;
    list.words->index.prefixes_of(visible(from).substr(begin), hits);
    for (const PrefixIndex::Hit& hit : hits) {
        MatchState said = from;
        said.literals += static_cast<std::uint32_t>(characters(visible(from).substr(begin, hit.length)));
        said.word_start = false;
        number_taken(id, said, begin, begin + hit.length, list.words->numbers[hit.value] * list.multiplier,
                     out);
    }
}

void Matcher::number_taken(
    NodeId id, MatchState state, std::size_t begin, std::size_t end, double number, MatchStates& out) {
    if (state.wildcard != Wildcard::None) {
        state.closed_begin = state.at;
        state.closed_end = static_cast<std::uint32_t>(begin);
        const std::uint32_t taken = wild_characters(state.closed_begin, state.closed_end);
        if (taken == 0) {
            return;
        }
        state.wild += taken;
        state.wildcard = Wildcard::None;
        keep_closed(state);
    }
    Captured captured;
    captured.before = state.captured;
    captured.use = id;
    captured.begin = static_cast<std::uint32_t>(begin);
    captured.end = static_cast<std::uint32_t>(end);
    captured.is_broken = state.broken;
    captured.number = number;
    state.captured = capture(captured);
    state.at = static_cast<std::uint32_t>(end);
    push(out, state);
}

}  // namespace ambit::language
