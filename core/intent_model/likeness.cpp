#include "intent_model/likeness.h"

#include "intent_model/numeric.h"

namespace ambit::intent_model {
namespace {

constexpr std::size_t kGramBuckets = 1U << 16U;
constexpr float kGramShare = 0.5F;

float dot(const std::vector<float>& a, const std::vector<float>& b) {
    float sums[kLanes] = {};
    for (std::size_t i = 0; i + kLanes <= a.size(); i += kLanes) {
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            sums[lane] += a[i + lane] * b[i + lane];
        }
    }
    float sum = 0;
    for (const float part : sums) {
        sum += part;
    }
    return sum;
}

float dot(const std::vector<LinearFeature>& a, const std::vector<LinearFeature>& b) {
    float sum = 0;
    for (auto left = a.begin(), right = b.begin(); left != a.end() && right != b.end();) {
        if (left->bucket == right->bucket) {
            sum += left++->value * right++->value;
        } else if (left->bucket < right->bucket) {
            ++left;
        } else {
            ++right;
        }
    }
    return sum;
}

}  // namespace

Trace trace_of(const Encoded& encoded) {
    return {encoded.sentence, linear_features(encoded.words, kGramBuckets)};
}

float nearness(const Trace& a, const Trace& b) {
    return (1 - kGramShare) * dot(a.sentence, b.sentence) + kGramShare * dot(a.grams, b.grams);
}

std::optional<Recall::Hit> Recall::nearest(const Encoded& encoded) const {
    const Trace trace = trace_of(encoded);
    std::optional<Hit> best;
    for (std::size_t i = 0; i < traces_.size(); ++i) {
        const float near = nearness(trace, traces_[i]);
        if (!best || near >= best->nearness) {
            best = Hit{i, near};
        }
    }
    return best;
}

}  // namespace ambit::intent_model
