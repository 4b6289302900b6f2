#include "intent_model/tags.h"

#include <algorithm>

namespace ambit::intent_model {

std::vector<std::uint16_t> best_tags(const std::vector<float>& logits, std::size_t words, std::size_t tags) {
    std::vector<std::uint16_t> out(words, 0);
    if (words == 0 || tags < 2) {
        return out;
    }
    std::vector<double> scores(tags);
    std::vector<double> before(tags);
    std::vector<std::uint16_t> from(words * tags, 0);
    for (std::size_t word = 0; word < words; ++word) {
        before.swap(scores);
        const auto best =
            static_cast<std::size_t>(std::max_element(before.begin(), before.end()) - before.begin());
        for (std::size_t tag = 0; tag < tags; ++tag) {
            const bool goes_on = tag != 0 && tag % 2 == 0;
            std::size_t source = best;
            if (goes_on) {
                source = before[tag] > before[tag - 1] ? tag : tag - 1;
            }
            const double way = word == 0 ? (goes_on ? -1e9 : 0.0) : before[source];
            scores[tag] = way + static_cast<double>(logits[word * tags + tag]);
            from[word * tags + tag] = static_cast<std::uint16_t>(source);
        }
    }
    out[words - 1] =
        static_cast<std::uint16_t>(std::max_element(scores.begin(), scores.end()) - scores.begin());
    for (std::size_t word = words - 1; word > 0; --word) {
        out[word - 1] = from[word * tags + out[word]];
    }
    return out;
}

std::vector<SlotValue> slots_of(const std::vector<std::uint16_t>& tags,
                                const std::vector<std::string>& names,
                                const std::vector<Token>& words,
                                std::string_view text) {
    std::vector<SlotValue> slots;
    for (std::size_t i = 0; i < tags.size(); ++i) {
        if (tags[i] % 2 == 0) {
            continue;
        }
        std::size_t last = i;
        while (last + 1 < tags.size() && tags[last + 1] == tags[i] + 1) {
            ++last;
        }
        const std::size_t begin = words[i].begin;
        const std::size_t end = words[last].end;
        slots.push_back(
            {names[(tags[i] - 1U) / 2], std::string(text.substr(begin, end - begin)), begin, end});
    }
    return slots;
}

}  // namespace ambit::intent_model
