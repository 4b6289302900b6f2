// PrefixIndex: which of many strings stand at a place of a text.
//
// Sorted strings in one block of memory; each byte of the text narrows the range.  Ownership: value. Threads:
// const calls from any thread, once finished.  Failure: none.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ambit::language {

class PrefixIndex {
  public:
    void add(std::string_view text, std::uint32_t value);
    void finish();  // after the last add()

    bool empty() const { return entries_.empty(); }

    struct Hit {
        std::uint32_t value;
        std::uint32_t length;
    };

    // Appends the strings that `text` begins with, the shortest first.
    void prefixes_of(std::string_view text, std::vector<Hit>& out) const;

  private:
    struct Entry {
        std::uint32_t begin;
        std::uint32_t size;
        std::uint32_t value;
    };

    std::string_view text_of(const Entry& entry) const {
        return std::string_view(text_).substr(entry.begin, entry.size);
    }

    std::string text_;
    std::vector<Entry> entries_;
    std::vector<std::uint32_t> first_;  // entries that begin with byte b: [first_[b], first_[b + 1])
};

}  // namespace ambit::language
