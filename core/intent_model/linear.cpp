#include "intent_model/linear.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace ambit::intent_model {
namespace {

constexpr std::size_t kShortest = 2;
constexpr std::size_t kLongest = 5;

void add_word_grams(std::vector<std::uint32_t>& found, const std::string& word, std::size_t buckets) {
    const std::string marked = " " + word + " ";
    for (std::size_t size = kShortest; size <= kLongest; ++size) {
        for (std::size_t begin = 0; begin + size <= marked.size(); ++begin) {
            found.push_back(static_cast<std::uint32_t>(
                hash_of(std::string_view(marked).substr(begin, size), 11) % buckets));
        }
    }
}

// The word `offset` from `at`, or a sign for the utterance's edge.
std::string_view word_at(const std::vector<Token>& tokens, std::size_t at, std::ptrdiff_t offset) {
    const std::ptrdiff_t i = static_cast<std::ptrdiff_t>(at) + offset;
    if (i < 0 || i >= static_cast<std::ptrdiff_t>(tokens.size())) {
        return i < 0 ? "<" : ">";
    }
    return tokens[static_cast<std::size_t>(i)].text;
}

}  // namespace

std::vector<LinearFeature> linear_tag_features(const std::vector<Token>& tokens,
                                               std::size_t at,
                                               std::size_t buckets) {
    constexpr std::pair<std::ptrdiff_t, std::ptrdiff_t> kPairs[] = {
        {-1, 0}, {0, 1}, {-2, -1}, {1, 2}, {-1, 1}};
    constexpr std::size_t kEndsMax = 4;
    std::vector<std::uint32_t> found;
    const auto add = [&](std::string_view text, std::uint64_t kind) {
        found.push_back(static_cast<std::uint32_t>(hash_of(text, 200 + kind) % buckets));
    };
    for (std::ptrdiff_t offset = -3; offset <= 3; ++offset) {
        add(word_at(tokens, at, offset), static_cast<std::uint64_t>(offset + 3));
    }
    std::uint64_t kind = 10;
    for (const auto& [left, right] : kPairs) {
        add(std::string(word_at(tokens, at, left)) + " " + std::string(word_at(tokens, at, right)), kind++);
    }
    const std::string_view own = tokens[at].text;
    for (std::size_t size = 1; size <= std::min(kEndsMax, own.size()); ++size) {
        add(own.substr(0, size), 20);
        add(own.substr(own.size() - size), 21);
    }
    for (const std::ptrdiff_t offset : {-1, 1}) {
        const std::string_view beside = word_at(tokens, at, offset);
        add(beside.substr(beside.size() - std::min<std::size_t>(3, beside.size())), offset < 0 ? 22 : 23);
    }
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    const float value = 1.0F / std::sqrt(static_cast<float>(found.size()));
    std::vector<LinearFeature> features;
    for (const std::uint32_t bucket : found) {
        features.push_back({bucket, value});
    }
    return features;
}

std::vector<LinearFeature> linear_features(const std::vector<Token>& tokens, std::size_t buckets) {
    std::vector<std::uint32_t> found;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        found.push_back(static_cast<std::uint32_t>(hash_of(tokens[i].text, 12) % buckets));
        if (i > 0) {
            found.push_back(static_cast<std::uint32_t>(
                hash_of(tokens[i].text, hash_of(tokens[i - 1].text, 13)) % buckets));
        }
        add_word_grams(found, tokens[i].text, buckets);
    }
    std::sort(found.begin(), found.end());
    std::vector<LinearFeature> features;
    float squares = 0;
    for (std::size_t i = 0; i < found.size();) {
        std::size_t count = 0;
        const std::uint32_t bucket = found[i];
        for (; i < found.size() && found[i] == bucket; ++i) {
            ++count;
        }
        const auto value = static_cast<float>(logarithm(1.0 + static_cast<double>(count)));
        squares += value * value;
        features.push_back({bucket, value});
    }
    const float factor = squares > 0 ? 1.0F / std::sqrt(squares) : 0.0F;
    for (LinearFeature& feature : features) {
        feature.value *= factor;
    }
    return features;
}

Linear::Linear(std::size_t buckets, std::size_t intents)
    : buckets_(buckets), intents_(intents), weights_(buckets * padded(intents), 0.0F) {}

void Linear::add_logits(const std::vector<LinearFeature>& features, float* out) const {
    const std::size_t columns = padded(intents_);
    for (const LinearFeature& feature : features) {
        add_scaled(out, &weights_[feature.bucket * columns], feature.value, columns);
    }
}

void Linear::train(const std::vector<LinearExample>& examples,
                   std::size_t passes,
                   float rate,
                   std::uint64_t seed) {
    const std::size_t columns = padded(intents_);
    std::vector<float> squares(weights_.size(), 1e-3F);
    std::vector<std::uint32_t> order(examples.size());
    std::iota(order.begin(), order.end(), 0U);
    std::vector<float> logits(columns);
    for (std::size_t pass = 0; pass < passes; ++pass) {
        Noise noise(mixed(seed, pass));
        for (std::size_t i = order.size(); i > 1; --i) {
            std::swap(order[i - 1], order[noise.below(i)]);
        }
        for (const std::uint32_t at : order) {
            const LinearExample& example = examples[at];
            std::fill(logits.begin(), logits.end(), 0.0F);
            add_logits(example.features, logits.data());
            softmax(logits.data(), intents_);
            std::fill(logits.begin() + static_cast<std::ptrdiff_t>(intents_), logits.end(), 0.0F);
            if (example.intent >= 0) {
                logits[static_cast<std::size_t>(example.intent)] -= 1.0F;
            } else {
                for (std::size_t i = 0; i < intents_; ++i) {
                    logits[i] -= 1.0F / static_cast<float>(intents_);
                }
            }
            for (const LinearFeature& feature : example.features) {
                adagrad(&weights_[feature.bucket * columns], &squares[feature.bucket * columns],
                        logits.data(), feature.value, rate, columns);
            }
        }
    }
}

}  // namespace ambit::intent_model
