#include "intent_model/tagger.h"

#include <algorithm>
#include <numeric>

#include "intent_model/numeric.h"

namespace ambit::intent_model {
namespace {

// The buckets of what is known about a word, but for the tag before it.
std::vector<std::uint32_t> word_features(const std::vector<Token>& words,
                                         std::size_t at,
                                         std::size_t buckets) {
    std::vector<std::uint32_t> features;
    const auto add = [&](std::string_view text, std::uint64_t kind) {
        features.push_back(static_cast<std::uint32_t>(hash_of(text, 100 + kind) % buckets));
    };
    const auto word = [&](std::ptrdiff_t offset) -> std::string_view {
        const std::ptrdiff_t i = static_cast<std::ptrdiff_t>(at) + offset;
        return i < 0                                            ? "<"
               : i >= static_cast<std::ptrdiff_t>(words.size()) ? ">"
                                                                : std::string_view(words[i].text);
    };
    for (std::ptrdiff_t offset = -2; offset <= 2; ++offset) {
        add(word(offset), static_cast<std::uint64_t>(offset + 2));
    }
    add(std::string(word(-1)) + " " + std::string(word(0)), 5);
    add(std::string(word(0)) + " " + std::string(word(1)), 6);
    add(std::string(word(-2)) + " " + std::string(word(-1)), 7);
    const std::string_view own = word(0);
    for (std::size_t size = 1; size <= 4 && size <= own.size(); ++size) {
        add(own.substr(0, size), 8);
        add(own.substr(own.size() - size), 9);
    }
    const bool digit = std::any_of(own.begin(), own.end(), [](char c) { return c >= '0' && c <= '9'; });
    add(digit ? "digit" : "none", 10);
    add("", 11);
    return features;
}

void add_history(std::vector<std::uint32_t>& features,
                 std::size_t before,
                 std::size_t second,
                 std::string_view word,
                 std::size_t buckets) {
    const std::string tag = std::to_string(before);
    features.push_back(static_cast<std::uint32_t>(hash_of(tag, 120) % buckets));
    features.push_back(
        static_cast<std::uint32_t>(hash_of(tag + "," + std::to_string(second), 121) % buckets));
    features.push_back(static_cast<std::uint32_t>(hash_of(tag + " " + std::string(word), 122) % buckets));
}

}  // namespace

Tagger::Tagger(std::size_t buckets, std::size_t tags)
    : buckets_(buckets), tags_(tags), weights_(buckets * tags, 0.0F) {}

std::size_t Tagger::best_tag(const std::vector<std::uint32_t>& features, std::vector<float>& scores) const {
    scores.assign(tags_, 0.0F);
    for (const std::uint32_t feature : features) {
        add_scaled(scores.data(), &weights_[feature * tags_], 1.0F, tags_);
    }
    return static_cast<std::size_t>(std::max_element(scores.begin(), scores.end()) - scores.begin());
}

std::vector<std::uint16_t> Tagger::tags_of(const std::vector<Token>& words) const {
    std::vector<std::uint16_t> tags;
    std::vector<float> scores;
    for (std::size_t i = 0; i < words.size(); ++i) {
        std::vector<std::uint32_t> features = word_features(words, i, buckets_);
        add_history(features, i > 0 ? tags[i - 1] : 0, i > 1 ? tags[i - 2] : 0, words[i].text, buckets_);
        tags.push_back(static_cast<std::uint16_t>(best_tag(features, scores)));
    }
    return tags;
}

void Tagger::train(const std::vector<TaggedWords>& sentences, std::size_t passes, std::uint64_t seed) {
    std::vector<float> sums(weights_.size(), 0.0F);  // of each change times the moment it was made
    std::vector<float> scores;
    std::vector<std::uint32_t> order(sentences.size());
    std::iota(order.begin(), order.end(), 0U);
    float moment = 1;
    for (std::size_t pass = 0; pass < passes; ++pass) {
        Noise noise(mixed(seed, pass));
        for (std::size_t i = order.size(); i > 1; --i) {
            std::swap(order[i - 1], order[noise.below(i)]);
        }
        for (const std::uint32_t at : order) {
            const TaggedWords& sentence = sentences[at];
            std::size_t before = 0;
            std::size_t second = 0;
            for (std::size_t i = 0; i < sentence.words.size(); ++i, moment += 1) {
                std::vector<std::uint32_t> features = word_features(sentence.words, i, buckets_);
                add_history(features, before, second, sentence.words[i].text, buckets_);
                const std::size_t guess = best_tag(features, scores);
                const std::size_t truth = sentence.tags[i];
                if (guess != truth) {
                    for (const std::uint32_t feature : features) {
                        weights_[feature * tags_ + truth] += 1;
                        weights_[feature * tags_ + guess] -= 1;
                        sums[feature * tags_ + truth] += moment;
                        sums[feature * tags_ + guess] -= moment;
                    }
                }
                second = before;
                before = guess;
            }
        }
    }
    for (std::size_t i = 0; i < weights_.size(); ++i) {
        weights_[i] -= sums[i] / moment;
    }
}

}  // namespace ambit::intent_model
