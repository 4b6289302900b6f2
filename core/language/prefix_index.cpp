#include "language/prefix_index.h"

#include <algorithm>

namespace ambit::language {

void PrefixIndex::add(std::string_view text, std::uint32_t value) {
    if (!text.empty()) {
        entries_.push_back(
            {static_cast<std::uint32_t>(text_.size()), static_cast<std::uint32_t>(text.size()), value});
        text_ += text;
    }
}

void PrefixIndex::finish() {
    std::stable_sort(entries_.begin(), entries_.end(),
                     [this](const Entry& a, const Entry& b) { return text_of(a) < text_of(b); });
    entries_.shrink_to_fit();
    text_.shrink_to_fit();
    first_.assign(257, 0);
    for (const Entry& entry : entries_) {
        ++first_[static_cast<unsigned char>(text_[entry.begin]) + 1U];
    }
    for (std::size_t byte = 1; byte < first_.size(); ++byte) {
        first_[byte] += first_[byte - 1];
    }
}

void PrefixIndex::prefixes_of(std::string_view text, std::vector<Hit>& out) const {
    if (entries_.empty() || text.empty()) {
        return;
    }
    const auto byte = static_cast<unsigned char>(text.front());
    auto low = entries_.begin() + first_[byte];
    auto high = entries_.begin() + first_[byte + 1U];
    for (std::uint32_t length = 1; low != high; ++length) {
        for (; low != high && low->size == length; ++low) {
            out.push_back({low->value, length});
        }
        if (length >= text.size() || low == high) {
            return;
        }
        const auto next = static_cast<unsigned char>(text[length]);
        const auto at = [this, length](const Entry& e) {
            return static_cast<unsigned char>(text_[e.begin + length]);
        };
        low = std::lower_bound(low, high, next, [&at](const Entry& e, unsigned char c) { return at(e) < c; });
        high =
            std::upper_bound(low, high, next, [&at](unsigned char c, const Entry& e) { return c < at(e); });
    }
}

}  // namespace ambit::language
