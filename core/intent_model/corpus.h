// Corpus: the sets of one training, as numbers: words, tags, intents; and the batches that training takes
// from it.
//
// Ownership: values; a Corpus keeps no text.  Threads: any.  Failure: none.
#pragma once

#include <vector>

#include "intent_model/network.h"
#include "intent_model/tokens.h"

namespace ambit::intent_model {

struct NamedSet {
    std::string name;  // of its head
    std::vector<Example> examples;
};

constexpr int kNoIntent = -1;  // out of scope

struct Sentence {
    std::size_t head = 0;
    int intent = kNoIntent;
    std::vector<std::uint32_t> words;  // indices of Corpus::word_rows; never empty
    std::vector<std::uint16_t> tags;   // one for each word, or none if they are not known
};

struct Corpus {
    std::vector<Head> heads;
    Vocabulary vocabulary;
    std::vector<std::vector<std::uint32_t>> word_rows;
    std::vector<Sentence> sentences;  // to train on
    std::vector<std::vector<std::vector<std::vector<std::uint32_t>>>>
        values;  // [head][slot]: words of what stood there
};

struct VocabularySizes {
    std::size_t least = 2;  // times a word must have been seen to have a row
    std::size_t words_max = 12'000;
    std::size_t gram_rows = 8'192;
};

// Leaves the sentences of the tuning slice out.
Corpus corpus_of(const std::vector<NamedSet>& sets, const VocabularySizes& sizes);
// A sentence with each slot's words replaced by what stood in that slot elsewhere.
Sentence with_other_values(const Corpus& corpus, const Sentence& sentence, Noise& noise);
// The tag of each word of an example: the slot it lies in, if the head has that slot.
std::vector<std::uint16_t> tags_of(const Head& head,
                                   const Example& example,
                                   const std::vector<Token>& tokens);

// Appends sentences to an empty `batch`.
class BatchBuilder {
  public:
    BatchBuilder(Batch& batch, std::size_t margin);
    // `rows[i]` are the rows of word i, as rows_of() gives them; a word whose bit is set in `hidden` takes
    // row 0.
    void add(const std::vector<const std::vector<std::uint32_t>*>& rows, const std::vector<bool>& hidden);

  private:
    void empty_rows();

    Batch& batch_;
    std::size_t margin_;
};

}  // namespace ambit::intent_model
