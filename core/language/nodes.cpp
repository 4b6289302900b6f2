#include "language/nodes.h"

#include <algorithm>
#include <cstring>

#include "language/text.h"

namespace ambit::language {
namespace {

std::string key_of(Node::Kind kind, const void* data, std::size_t size) {
    std::string key(1, static_cast<char>('0' + static_cast<int>(kind)));
    key.append(static_cast<const char*>(data), size);
    return key;
}

}  // namespace

NodeId Nodes::add(const Node& node, const FirstBytes& first, std::string key) {
    const auto id = static_cast<NodeId>(nodes_.size());
    nodes_.push_back(node);
    firsts_.push_back(first);
    known_.emplace(std::move(key), id);
    return id;
}

NodeId Nodes::text(std::string_view text, bool ignore_whitespace) {
    std::string key = key_of(Node::Kind::Text, text.data(), text.size());
    if (const auto known = known_.find(key); known != known_.end()) {
        return known->second;
    }
    Chunk chunk;
    chunk.text = text;
    if (ignore_whitespace) {
        std::erase(chunk.text, ' ');
    }
    const std::string_view stripped = strip(chunk.text);
    chunk.characters = static_cast<std::uint32_t>(language::characters(stripped));
    chunk.is_blank = stripped.empty();
    chunk.leading =
        static_cast<std::uint32_t>(std::min(chunk.text.find_first_not_of(' '), chunk.text.size()));
    chunk.ends_with_space = text.ends_with(' ');
    Node node;
    FirstBytes first;
    if (chunk.is_blank) {
        node.may_be_empty = true;
    } else {
        first.add(stripped.front());
    }
    if (chunk.text.starts_with(' ')) {
        first.add(' ');
        first.add('-');
        first.add('_');
    }
    node.payload = static_cast<std::uint32_t>(chunks_.size());
    chunks_.push_back(std::move(chunk));
    return add(node, first, std::move(key));
}

NodeId Nodes::list(const ListUse& use) {
    const std::array<std::uint32_t, 3> content = {
        use.list, use.slot, (use.is_capture ? 1U : 0U) | (use.is_end_of_word ? 2U : 0U)};
    std::string key = key_of(Node::Kind::List, content.data(), sizeof content);
    if (const auto known = known_.find(key); known != known_.end()) {
        return known->second;
    }
    Node node;
    node.kind = Node::Kind::List;
    node.is_pure = false;
    node.may_begin_any = true;
    node.payload = static_cast<std::uint32_t>(uses_.size());
    uses_.push_back(use);
    return add(node, {}, std::move(key));
}

NodeId Nodes::group(Node::Kind kind, const std::vector<NodeId>& items) {
    std::string key = key_of(kind, items.data(), items.size() * sizeof(NodeId));
    if (const auto known = known_.find(key); known != known_.end()) {
        return known->second;
    }
    Node node;
    node.kind = kind;
    node.payload = static_cast<std::uint32_t>(items_.size());
    node.count = static_cast<std::uint32_t>(items.size());
    node.may_be_empty = kind == Node::Kind::Sequence;
    FirstBytes first;
    for (const NodeId id : items) {
        const Node& item = nodes_[id];
        node.is_pure = node.is_pure && item.is_pure;
        if (kind == Node::Kind::Alternative || node.may_be_empty) {
            node.may_begin_any = node.may_begin_any || item.may_begin_any;
            first.add(firsts_[id]);
        }
        node.may_be_empty = kind == Node::Kind::Sequence ? node.may_be_empty && item.may_be_empty
                                                         : node.may_be_empty || item.may_be_empty;
    }
    items_.insert(items_.end(), items.begin(), items.end());
    return add(node, first, std::move(key));
}

void Nodes::finish() {
    known_ = {};
    nodes_.shrink_to_fit();
    chunks_.shrink_to_fit();
    uses_.shrink_to_fit();
    items_.shrink_to_fit();
    firsts_.shrink_to_fit();
}

}  // namespace ambit::language
