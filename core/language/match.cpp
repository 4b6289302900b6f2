#include "language/match.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

namespace ambit::language {
namespace {

using Kind = TemplateNode::Kind;

constexpr std::size_t kRecursionMax = 256;

std::string_view strip(std::string_view text) {
    const std::size_t first = text.find_first_not_of(' ');
    return first == std::string_view::npos ? std::string_view()
                                           : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::uint32_t characters(std::string_view text) {
    return static_cast<std::uint32_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool is_word_byte(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 || is_word_char(byte);
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::string number_text(double number) {
    char buffer[32];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
    return {buffer, end};
}

// First place at or after `from` where `wanted` stands, at a word's edge if asked; npos if nowhere.  The
// place `from` itself counts as an edge when a word's character stands there.
std::size_t find_chunk(std::string_view text, std::string_view wanted, std::size_t from, bool at_edge) {
    for (std::size_t at = text.find(wanted, from); at != std::string_view::npos;
         at = text.find(wanted, at + 1)) {
        const bool before = at > from && is_word_byte(text[at - 1]);
        if (!at_edge || before != is_word_byte(text[at])) {
            return at;
        }
    }
    return std::string_view::npos;
}

}  // namespace

bool may_meet(const std::vector<ContextRule>& required, const Context& context) {
    return std::all_of(required.begin(), required.end(), [&context](const ContextRule& rule) {
        const auto found = context.find(rule.key);
        return found == context.end() || rule.values.empty() ||
               std::find(rule.values.begin(), rule.values.end(), found->second) != rule.values.end();
    });
}

bool none_excluded(const std::vector<ContextRule>& excluded, const Context& context) {
    return std::none_of(excluded.begin(), excluded.end(), [&context](const ContextRule& rule) {
        const auto found = context.find(rule.key);
        return found != context.end() &&
               std::find(rule.values.begin(), rule.values.end(), found->second) != rule.values.end();
    });
}

Matcher::Matcher(const Grammar::Compiled& grammar, const Lists& lists)
    : grammar_(grammar), lists_(lists.impl()) {}

std::vector<MatchState> Matcher::match(const Template& made, const PreparedText& text) {
    block_ = &grammar_.blocks[made.block];
    text_ = &text;
    captured_.clear();
    steps_ = 0;
    furthest_ = 0;
    States out;
    node(made.root, MatchState{}, out);
    total_steps_ += steps_;
    return out;
}

bool Matcher::spend() {
    return ++steps_ <= kTemplateStepsMax && depth_ < kRecursionMax;
}

void Matcher::push(States& out, const MatchState& state) {
    furthest_ = std::max<std::size_t>(furthest_, state.at);
    if (out.size() < kMatchStatesMax) {
        out.push_back(state);
    }
}

void Matcher::node(const TemplateNode& node, const MatchState& from, States& out) {
    if (!spend()) {
        return;
    }
    ++depth_;
    switch (node.kind) {
        case Kind::Text:
            text(node.text, from, out);
            break;
        case Kind::Sequence:
            sequence(node.items, from, out);
            break;
        case Kind::Alternative:
            for (const TemplateNode& item : node.items) {
                this->node(item, from, out);
            }
            break;
        case Kind::List:
            list(node, from, out);
            break;
        case Kind::Rule:
            if (const Rule* rule = grammar_.rule(*block_, node.text); rule != nullptr) {
                this->node(rule->root, from, out);
            }
            break;
    }
    --depth_;
}

void Matcher::sequence(const std::vector<TemplateNode>& items, const MatchState& from, States& out) {
    States now = {from};
    States next;
    std::set<MatchState> seen;
    for (const TemplateNode& item : items) {
        next.clear();
        for (const MatchState& state : now) {
            node(item, state, next);
        }
        if (next.size() > 1) {
            seen.clear();
            std::erase_if(next, [&seen](const MatchState& state) { return !seen.insert(state).second; });
        }
        if (next.empty()) {
            return;
        }
        std::swap(now, next);
    }
    for (const MatchState& state : now) {
        push(out, state);
    }
}

const std::string& Matcher::visible(const MatchState& state) const {
    return state.broken ? text_->broken : text_->text;
}

MatchState Matcher::skip_spaces(MatchState state) const {
    const std::string& text = visible(state);
    while (state.word_start && state.at < text.size() && text[state.at] == ' ') {
        ++state.at;
    }
    return state;
}

void Matcher::text(const std::string& chunk, MatchState from, States& out) {
    if (chunk.empty()) {
        return push(out, from);
    }
    std::string_view wanted = chunk;
    const MatchState start = from;
    if (from.word_start) {
        wanted.remove_prefix(std::min(wanted.find_first_not_of(' '), wanted.size()));
        from = skip_spaces(from);
    }
    const std::string_view stripped = strip(wanted);
    if (from.captured != nullptr && from.captured->open) {
        return text_behind_wildcard(chunk, wanted, from, out);
    }
    const std::string_view rest = std::string_view(visible(from)).substr(from.at);
    if (rest.starts_with(wanted)) {
        from.at += static_cast<std::uint32_t>(wanted.size());
        from.literals += characters(stripped);
        from.word_start = chunk.back() == ' ';
        return push(out, from);
    }
    if (strip(rest).empty() && stripped.empty()) {
        return push(out, start);
    }
    if (!from.broken && std::string_view(text_->broken).substr(from.at).starts_with(wanted)) {
        from.broken = true;
        from.at += static_cast<std::uint32_t>(wanted.size());
        push(out, from);
    }
}

void Matcher::text_behind_wildcard(const std::string& chunk,
                                   std::string_view wanted,
                                   MatchState from,
                                   States& out) {
    if (strip(wanted).empty()) {
        from.word_start = true;
        return push(out, from);
    }
    const std::string_view rest = std::string_view(visible(from)).substr(from.at);
    std::size_t at = find_chunk(rest, wanted, 0, true);
    if (at == 0) {
        at = find_chunk(rest, wanted, 1, true);
    }
    while (at != std::string_view::npos && spend()) {
        MatchState closed = from;
        closed.captured = close_wildcard(from.captured, from.at + at);
        closed.at += static_cast<std::uint32_t>(at);
        closed.word_start = true;
        text(chunk, closed, out);
        at = find_chunk(rest, wanted, at + 1, false);
    }
}

const SlotList* Matcher::find_list(const std::string& name) {
    if (const auto local = block_->lists.find(name); local != block_->lists.end()) {
        return &local->second;
    }
    if (const auto global = grammar_.lists.find(name); global != grammar_.lists.end()) {
        return &global->second;
    }
    if (const auto known = inline_ranges_.find(name); known != inline_ranges_.end()) {
        return &known->second;
    }
    auto range = inline_range(name);
    if (!range) {
        return nullptr;
    }
    add_number_words(*range, grammar_.language);
    return &inline_ranges_.emplace(name, std::move(*range)).first->second;
}

void Matcher::list(const TemplateNode& node, const MatchState& from, States& out) {
    if (from.at >= visible(from).size()) {
        return;
    }
    const auto plugged =
        block_->lists.contains(node.text) ? lists_.lists.end() : lists_.lists.find(node.text);
    if (plugged != lists_.lists.end()) {
        const auto* values = std::get_if<TextList>(&plugged->second);
        return values != nullptr ? text_list(*values, node, from, out) : wildcard(node, from, out);
    }
    const SlotList* list = find_list(node.text);
    if (list == nullptr) {
        return;
    }
    if (const auto* values = std::get_if<TextList>(list)) {
        return text_list(*values, node, from, out);
    }
    if (const auto* numbers = std::get_if<NumberList>(list)) {
        return number_list(*numbers, node, from, out);
    }
    wildcard(node, from, out);
}

void Matcher::wildcard(const TemplateNode& node, const MatchState& from, States& out) {
    MatchState open = from;
    open.captured = capture({from.captured, &node.slot, {}, from.at, from.at, true, true, true, nullptr});
    push(out, open);
}

bool Matcher::value_allowed(const Context& context) const {
    return may_meet(block_->requires_context, context) && none_excluded(block_->excludes_context, context);
}

void Matcher::text_list(const TextList& list, const TemplateNode& node, const MatchState& from, States& out) {
    // The states behind each value, in the order of the values.
    std::vector<std::pair<std::uint32_t, MatchState>> found;
    const auto try_value = [&](std::uint32_t index, const auto& match_value) {
        if (!value_allowed(list.values[index].said.context)) {
            return;
        }
        States ends;
        match_value(ends);
        for (const MatchState& end : ends) {
            found.emplace_back(index, end);
        }
    };
    const bool behind_wildcard = from.captured != nullptr && from.captured->open;
    if (behind_wildcard) {
        for (const auto& [text, index] : list.index.entries()) {
            try_value(index,
                      [&, &said = text](States& ends) { spend() ? this->text(said, from, ends) : void(); });
        }
    } else {
        const MatchState start = skip_spaces(from);
        std::vector<std::uint32_t> plain;
        for (const bool broken : {false, true}) {
            if ((broken && start.broken) || (broken && text_->broken == text_->text)) {
                continue;
            }
            const std::string& text = broken || start.broken ? text_->broken : text_->text;
            for (const auto& hit : list.index.prefixes_of(std::string_view(text).substr(start.at))) {
                if (!spend() || std::find(plain.begin(), plain.end(), hit.value) != plain.end()) {
                    continue;
                }
                plain.push_back(hit.value);
                try_value(hit.value, [&](States& ends) {
                    MatchState end = start;
                    end.at += static_cast<std::uint32_t>(hit.length);
                    end.broken = start.broken || broken;
                    ends.push_back(end);
                });
            }
        }
    }
    for (const auto& [root, index] : list.templates) {
        try_value(index, [&, &made = root](States& ends) { this->node(made, from, ends); });
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& [index, end] : found) {
        const TextList::Value& value = list.values[index];
        MatchState done = end;
        // A value may have moved the start: text before it went to an open wildcard.
        const std::uint32_t begin = behind_wildcard && end.captured != nullptr ? end.captured->end : from.at;
        done.captured =
            capture({end.captured, &node.slot, value.value_is_text ? std::string() : value.said.value, begin,
                     end.at, false, false, value.value_is_text, &value.said.context});
        done.literals = from.literals;
        done.word_start = from.word_start;
        push(out, done);
    }
}

void Matcher::number_list(const NumberList& list,
                          const TemplateNode& node,
                          const MatchState& from,
                          States& out) {
    if (from.captured != nullptr && from.captured->open) {
        return number_anywhere(list, node, from, out);
    }
    if (!digits_at(list, node, from, out)) {
        words_at(list, node, from, out);
    }
}

void Matcher::number_anywhere(const NumberList& list,
                              const TemplateNode& node,
                              const MatchState& from,
                              States& out) {
    const std::string& text = visible(from);
    for (std::size_t at = from.at + 1; at < text.size() && spend(); ++at) {
        if (is_word_byte(text[at - 1]) || !is_word_byte(text[at])) {
            continue;
        }
        MatchState closed = from;
        closed.captured = close_wildcard(from.captured, at);
        closed.at = static_cast<std::uint32_t>(at);
        number_list(list, node, closed, out);
    }
}

// True if digits stand there, whether they fit the list or not: then number words are not tried.
bool Matcher::digits_at(const NumberList& list,
                        const TemplateNode& node,
                        const MatchState& from,
                        States& out) {
    const std::string& text = visible(from);
    std::size_t begin = from.at;
    while (begin < text.size() && text[begin] == ' ') {
        ++begin;
    }
    std::size_t end = begin;
    if (end + 1 < text.size() && text[end] == '-' && is_digit(text[end + 1])) {
        ++end;
    }
    const std::size_t first_digit = end;
    while (end < text.size() && is_digit(text[end])) {
        ++end;
    }
    if (end == first_digit) {
        return false;
    }
    if (list.fractions && end + 1 < text.size() && (text[end] == '.' || text[end] == ',') &&
        is_digit(text[end + 1])) {
        for (++end; end < text.size() && is_digit(text[end]);) {
            ++end;
        }
    }
    std::string digits = text.substr(begin, end - begin);
    std::replace(digits.begin(), digits.end(), ',', '.');
    double number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (list.digits && list.contains(number)) {
        MatchState done = from;
        done.captured = capture({from.captured, &node.slot, number_text(number * list.multiplier),
                                 static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), false,
                                 false, false, nullptr});
        done.at = static_cast<std::uint32_t>(end);
        push(out, done);
    }
    return true;
}

void Matcher::words_at(const NumberList& list,
                       const TemplateNode& node,
                       const MatchState& from,
                       States& out) {
    const MatchState start = skip_spaces(from);
    for (const auto& hit : list.words.prefixes_of(std::string_view(visible(start)).substr(start.at))) {
        if (!spend()) {
            return;
        }
        MatchState done = start;
        done.at += static_cast<std::uint32_t>(hit.length);
        const double number = (list.first_word_number + static_cast<int>(hit.value)) * list.multiplier;
        done.captured = capture({from.captured, &node.slot, number_text(number), start.at, done.at, false,
                                 false, false, nullptr});
        done.literals += characters(std::string_view(visible(start)).substr(start.at, hit.length));
        done.word_start = false;
        push(out, done);
    }
}

const Captured* Matcher::capture(Captured captured) {
    return &*captured_.insert(std::move(captured)).first;
}

const Captured* Matcher::close_wildcard(const Captured* open, std::size_t end) {
    Captured closed = *open;
    closed.open = false;
    closed.end = static_cast<std::uint32_t>(end);
    return capture(std::move(closed));
}

}  // namespace ambit::language
