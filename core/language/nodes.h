// Nodes: every template of a grammar as one graph without cycles, equal parts kept once.
//
// Equal words, groups and rules of any template are the same node, so that what the matcher learns about one
// holds for all.  Ownership: value.  Threads: const calls from any thread.  Failure: none.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace ambit::language {

using NodeId = std::uint32_t;

// The bytes something may begin with.
class FirstBytes {
  public:
    void add(char byte) { words_[bit(byte) / 64] |= std::uint64_t{1} << bit(byte) % 64; }

    void add(const FirstBytes& other) {
        for (std::size_t i = 0; i < words_.size(); ++i) {
            words_[i] |= other.words_[i];
        }
    }

    bool has(char byte) const { return (words_[bit(byte) / 64] >> bit(byte) % 64 & 1U) != 0; }

    friend bool operator==(const FirstBytes&, const FirstBytes&) = default;

  private:
    static std::size_t bit(char byte) { return static_cast<unsigned char>(byte); }

    std::array<std::uint64_t, 4> words_{};
};

struct Node {
    enum class Kind : std::uint8_t { Text, Sequence, Alternative, List };

    Kind kind = Kind::Text;
    bool is_pure = true;         // no list inside: what it matches depends on the text alone
    bool may_begin_any = false;  // what it may begin with is not known
    bool may_be_empty = false;   // may match without taking more than spaces
    std::uint32_t payload = 0;   // Text, List: which.  Groups: where their items begin
    std::uint32_t count = 0;     // of the items of a group
};

// One word of a template.
struct Chunk {
    std::string text;              // folded; without spaces if the grammar ignores them
    std::uint32_t characters = 0;  // without the spaces at its edges
    std::uint32_t leading = 0;     // bytes of spaces in front
    bool ends_with_space = false;  // as the file has it
    bool is_blank = false;         // spaces only
};

// {list:slot}
struct ListUse {
    std::uint32_t list = 0;  // number of the list's name
    std::uint32_t slot = 0;  // number of the slot's name
    bool is_capture = false;
    bool is_end_of_word = false;
    friend bool operator==(const ListUse&, const ListUse&) = default;
};

class Nodes {
  public:
    NodeId text(std::string_view text, bool ignore_whitespace);
    NodeId list(const ListUse& use);
    NodeId group(Node::Kind kind, const std::vector<NodeId>& items);

    const Node& operator[](NodeId id) const { return nodes_[id]; }

    const Chunk& chunk(const Node& node) const { return chunks_[node.payload]; }

    const ListUse& use(const Node& node) const { return uses_[node.payload]; }

    const NodeId* items(const Node& node) const { return items_.data() + node.payload; }

    bool may_begin_with(NodeId id, char byte) const { return firsts_[id].has(byte); }

    std::size_t size() const { return nodes_.size(); }

    void finish();  // after the last node was added; frees what finds equal ones

  private:
    NodeId add(const Node& node, const FirstBytes& first, std::string key);

    std::vector<Node> nodes_;
    std::vector<Chunk> chunks_;
    std::vector<ListUse> uses_;
    std::vector<NodeId> items_;
    std::vector<FirstBytes> firsts_;                 // by node
    std::unordered_map<std::string, NodeId> known_;  // by content
};

}  // namespace ambit::language
