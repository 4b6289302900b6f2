// Tagger: slots by an averaged perceptron over words, left to right; the floor for slots.
//
// Features of a word: the words within two, its beginnings and ends, its shape, the tag before (Collins
// 2002). Ownership: owns its weights.  Threads: any for reading.  Failure: none.
#pragma once

#include <cstdint>
#include <vector>

#include "intent_model/tokens.h"

namespace ambit::intent_model {

struct TaggedWords {
    std::vector<Token> words;
    std::vector<std::uint16_t> tags;
};

class Tagger {
  public:
    Tagger(std::size_t buckets, std::size_t tags);

    void train(const std::vector<TaggedWords>& sentences, std::size_t passes, std::uint64_t seed);
    std::vector<std::uint16_t> tags_of(const std::vector<Token>& words) const;

  private:
    std::size_t best_tag(const std::vector<std::uint32_t>& features, std::vector<float>& scores) const;

    std::size_t buckets_;
    std::size_t tags_;
    std::vector<float> weights_;  // buckets x tags
};

}  // namespace ambit::intent_model
