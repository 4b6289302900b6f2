#include "intent_model/vocabulary.h"

#include <algorithm>
#include <map>
#include <set>

#include "intent_model/tokens.h"

namespace ambit::intent_model {
namespace {

std::uint32_t word_hash(std::string_view word) {
    return static_cast<std::uint32_t>(hash_of(word, 1));
}

// "7pm" -> "0a": runs of digits and letters as one sign each.
std::string shape_of(std::string_view word) {
    std::string shape;
    for (const char c : word) {
        const char sign = c >= '0' && c <= '9' ? '0' : (c >= 'a' && c <= 'z') || (c & 0x80) != 0 ? 'a' : c;
        if (shape.empty() || shape.back() != sign) {
            shape += sign;
        }
    }
    if (shape == "0") {
        shape += static_cast<char>('0' + std::min<std::size_t>(word.size(), 6));
    }
    return shape;
}

}  // namespace

std::optional<std::size_t> Head::intent(std::string_view intent_name) const {
    const auto at = std::lower_bound(intents.begin(), intents.end(), intent_name);
    return at != intents.end() && *at == intent_name
               ? std::optional(static_cast<std::size_t>(at - intents.begin()))
               : std::nullopt;
}

std::vector<std::uint32_t> rows_of(const Vocabulary& vocabulary, std::string_view word) {
    const std::uint32_t hash = word_hash(word);
    const auto at = std::lower_bound(vocabulary.words.begin(), vocabulary.words.end(), hash);
    const bool known = at != vocabulary.words.end() && *at == hash;
    const auto grams_begin = static_cast<std::uint32_t>(1 + vocabulary.words.size());
    const auto shapes_begin = static_cast<std::uint32_t>(grams_begin + vocabulary.gram_rows);
    std::vector<std::uint32_t> rows = {
        known ? static_cast<std::uint32_t>(at - vocabulary.words.begin() + 1) : 0U,
        shapes_begin + static_cast<std::uint32_t>(hash_of(shape_of(word), 2) % kShapeRows)};
    if (vocabulary.gram_rows == 0) {
        return rows;
    }
    const std::string marked = "<" + std::string(word) + ">";
    for (std::size_t size = 3; size <= 5; ++size) {
        for (std::size_t begin = 0; begin + size <= marked.size(); ++begin) {
            if (rows.size() == 2 + kGramsMax) {
                return rows;
            }
            rows.push_back(grams_begin + static_cast<std::uint32_t>(
                                             hash_of(std::string_view(marked).substr(begin, size), 3) %
                                             vocabulary.gram_rows));
        }
    }
    return rows;
}

Vocabulary vocabulary_of(const std::vector<const Example*>& examples,
                         std::size_t least,
                         std::size_t most,
                         std::size_t gram_rows) {
    std::map<std::uint32_t, std::size_t> counts;
    for (const Example* example : examples) {
        for (const Token& token : tokens_of(example->text)) {
            ++counts[word_hash(token.text)];
        }
    }
    std::vector<std::pair<std::size_t, std::uint32_t>> often;
    for (const auto& [hash, count] : counts) {
        if (count >= least) {
            often.emplace_back(count, hash);
        }
    }
    std::sort(often.begin(), often.end(), std::greater<>());
    often.resize(std::min(often.size(), most));
    Vocabulary vocabulary{.words = {}, .gram_rows = gram_rows};
    for (const auto& [count, hash] : often) {
        vocabulary.words.push_back(hash);
    }
    std::sort(vocabulary.words.begin(), vocabulary.words.end());
    return vocabulary;
}

Head head_of(std::string name, const std::vector<Example>& examples) {
    std::set<std::string> intents;
    std::set<std::string> slots;
    for (const Example& example : examples) {
        if (example.intent != kOutOfScope) {
            intents.insert(example.intent);
        }
        for (const SlotSpan& slot : example.slots) {
            slots.insert(slot.name);
        }
    }
    return {std::move(name), {intents.begin(), intents.end()}, {slots.begin(), slots.end()}};
}

}  // namespace ambit::intent_model
