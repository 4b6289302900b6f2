#include "language/filter.h"

#include <algorithm>

namespace ambit::language {
namespace {

constexpr std::size_t kFilterStepsMax = 50'000;  // nodes visited for one question

// Spaces of a template stand for any number of spaces.
void add_ends(std::string_view text, std::size_t at, std::string_view wanted, std::vector<char>& out) {
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (wanted[i] == ' ') {
            continue;
        }
        while (at < text.size() && text[at] == ' ' && i > 0 && wanted[i - 1] == ' ') {
            ++at;
        }
        if (at >= text.size() || text[at] != wanted[i]) {
            return;
        }
        ++at;
    }
    out[at] = 1;
    while (wanted.ends_with(' ') && at < text.size() && text[at] == ' ') {
        out[++at] = 1;
    }
}

}  // namespace

bool Filter::passes(const Template& made) {
    for (const Form& form : forms_.all()) {
        const Places places = behind(made.root, start_of(form));
        if (places.back() != 0 || steps_ > kFilterStepsMax) {
            return true;
        }
    }
    return false;
}

bool Filter::any_passes(const IsTried& is_tried) {
    for (const Form& form : forms_.all()) {
        if (any_passes_below(grammar_.trie.front(), start_of(form), is_tried) || steps_ > kFilterStepsMax) {
            return true;
        }
    }
    return false;
}

// Templates that begin alike are asked together; as deep as the longest template has items.
bool Filter::any_passes_below(const TrieNode& node, const Places& from, const IsTried& is_tried) {
    std::vector<std::pair<const TrieNode*, Places>> open = {{&node, from}};
    while (!open.empty() && steps_ <= kFilterStepsMax) {
        const auto [at, places] = std::move(open.back());
        open.pop_back();
        for (std::uint32_t i = at->children_begin; i < at->children_end; ++i) {
            const TrieNode& child = grammar_.trie[i];
            Places ends = behind(child.item, places);
            if (std::find(ends.begin(), ends.end(), 1) == ends.end()) {
                continue;
            }
            const auto* begin = grammar_.trie_templates.data();
            if (ends.back() != 0 &&
                std::any_of(begin + child.templates_begin, begin + child.templates_end, is_tried)) {
                return true;
            }
            open.emplace_back(&child, std::move(ends));
        }
    }
    return false;
}

Filter::Places Filter::start_of(const Form& form) {
    text_ = strip(form.text.text);
    steps_ = 0;
    Places places(text_.size() + 1, 0);
    places.front() = 1;
    return places;
}

Filter::Places Filter::behind(NodeId id, const Places& from) {
    Places out(from.size(), 0);
    if (++steps_ > kFilterStepsMax) {
        return out;
    }
    const Node& node = grammar_.nodes[id];
    const NodeId* items = grammar_.nodes.items(node);
    switch (node.kind) {
        case Node::Kind::Text:
            for (std::size_t at = 0; at < from.size(); ++at) {
                if (from[at] != 0) {
                    add_ends(text_, at, grammar_.nodes.chunk(node).text, out);
                }
            }
            return out;
        case Node::Kind::List: {
            const auto first = std::find(from.begin(), from.end(), 1);
            std::fill(first == from.end() ? out.end() : out.begin() + (first - from.begin()) + 1, out.end(),
                      1);
            return out;
        }
        case Node::Kind::Alternative:
            for (std::uint32_t i = 0; i < node.count; ++i) {
                const Places one = behind(items[i], from);
                std::transform(out.begin(), out.end(), one.begin(), out.begin(),
                               [](char a, char b) { return static_cast<char>(a | b); });
            }
            return out;
        case Node::Kind::Sequence:
            break;
    }
    out = from;
    for (std::uint32_t i = 0; i < node.count && std::find(out.begin(), out.end(), 1) != out.end(); ++i) {
        out = behind(items[i], out);
    }
    return out;
}

}  // namespace ambit::language
