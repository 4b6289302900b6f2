// Linear: softmax regression over hashed features; for intents the floor any other model must beat, and for
// intents and tags the wide part of ours.
//
// Features of an utterance: words, pairs of words, and character n-grams of 2 to 5 inside words; log(1 +
// count), scaled to length 1. Ownership: owns its weights.  Threads: any for reading.  Failure: none.
#pragma once

#include <cstdint>
#include <vector>

#include "intent_model/numeric.h"
#include "intent_model/tokens.h"

namespace ambit::intent_model {

struct LinearFeature {
    std::uint32_t bucket;
    float value;
};

std::vector<LinearFeature> linear_features(const std::vector<Token>& tokens, std::size_t buckets);

// Of the word at `at`, for tagging: the words within three, pairs of near ones, its beginnings and ends, the
// ends of its neighbours; each as much as the others, scaled to length 1.
std::vector<LinearFeature> linear_tag_features(const std::vector<Token>& tokens,
                                               std::size_t at,
                                               std::size_t buckets);

struct LinearExample {
    std::vector<LinearFeature> features;
    int intent = 0;  // negative: none of them, so all are as likely
};

class Linear {
  public:
    Linear(std::size_t buckets, std::size_t intents);

    // Passes over the examples in an order from the seed, with AdaGrad steps (Duchi et al. 2011).
    void train(const std::vector<LinearExample>& examples,
               std::size_t passes,
               float rate,
               std::uint64_t seed);
    // Adds the logits to `out`, padded(intents) of them.
    void add_logits(const std::vector<LinearFeature>& features, float* out) const;

    std::size_t intents() const { return intents_; }

    std::size_t buckets() const { return buckets_; }

    const std::vector<float>& weights() const { return weights_; }  // buckets x padded(intents)

  private:
    std::size_t buckets_;
    std::size_t intents_;
    std::vector<float> weights_;
};

}  // namespace ambit::intent_model
