// Training: many small steps from random weights to a model; stops and goes on at any step with the same
// result.
//
// All noise comes from (seed, step), so a run is a function of corpus, plan and seed.
// Ownership: owns the network; borrows the corpus, which must outlive it.  Threads: one.
// Failure: resume() gives ModelBroken (3121) for a checkpoint of another plan or corpus.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "intent_model/corpus.h"

namespace ambit::intent_model {

struct Plan {
    std::uint64_t seed = 1;
    Sizes sizes;
    std::size_t epochs = 20;
    std::size_t batch = 64;  // sentences
    float rate = 2e-3F;
    float decay = 0.01F;
    float smoothing = 0.1F;  // of intents
    float tag_smoothing = 0.0F;
    float slot_weight = 1.5F;      // of a word's tag beside a sentence's intent
    unsigned hidden_of_256 = 20;   // known words treated as unknown
    unsigned swapped_of_256 = 100;  // sentences that get other slot values
    Dropout dropout{.words_of_256 = 50, .layers_of_256 = 64, .pooled_of_256 = 77};
    float soft_weight = 0;        // of a teacher's opinion, where there is one
    float foreign_weight = 0.3F;  // of a teacher's opinion on sentences of other sets
};

// A teacher's opinion of every sentence of a corpus: probabilities of intents in every head, of tags in its
// own.
struct Opinions {
    std::vector<std::vector<float>> intents;  // [head][sentence * intents]
    std::vector<std::vector<float>> tags;     // [sentence][word * tags]; empty where the head has no slots
};

class Training {
  public:
    // `opinions` may be null; else of this corpus, and outliving the training.
    Training(const Corpus& corpus, const Plan& plan, const Opinions* opinions);

    // One that is done: `network` is what it gave.
    Training(const Corpus& corpus, const Plan& plan, const Opinions* opinions, const Network& network);

    std::size_t steps() const { return steps_; }

    std::size_t step() const { return step_; }

    bool done() const { return step_ == steps_; }

    // One batch; returns its mean loss of intents.
    double run_step();

    Bytes checkpoint() const;
    Result<void> resume(ByteView checkpoint);

    const Network& network() const { return network_; }

  private:
    std::uint64_t belongs_to() const;
    void fill_batch(Noise& noise);
    double set_gradients();
    double intent_gradients(std::size_t head);
    void tag_gradients(std::size_t head);
    const std::vector<std::uint32_t>& order_of(std::size_t epoch);

    const Corpus& corpus_;
    Plan plan_;
    const Opinions* opinions_;
    Network network_;
    std::size_t steps_ = 0;
    std::size_t step_ = 0;
    std::size_t order_epoch_ = ~std::size_t{0};
    std::vector<std::uint32_t> order_;
    Batch batch_;
    Work work_;
    std::vector<HeadRange> ranges_;
    std::vector<HeadRange> own_;           // the sentences of each head's own set
    std::vector<Sentence> chosen_;         // those of the batch, by head
    std::vector<std::int64_t> chosen_at_;  // their places in the corpus, -1 when values were swapped
};

// What networks make of each sentence of the corpus, on average; each with the logits of `wide`, one for each
// head or none, times `wide_factor`.
Opinions opinions_of(const Corpus& corpus,
                     const std::vector<const Network*>& networks,
                     const std::vector<const Linear*>& wide,
                     float wide_factor);

}  // namespace ambit::intent_model
