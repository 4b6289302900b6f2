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
    float rate = 2.5e-3F;
    float decay = 0.01F;
    float smoothing = 0.1F;         // of intents
    float slot_weight = 2.0F;       // of a word's tag beside a sentence's intent
    unsigned hidden_of_256 = 30;    // known words treated as unknown
    unsigned swapped_of_256 = 110;  // sentences that get other slot values
    Dropout dropout{.words_of_256 = 64, .layers_of_256 = 80, .pooled_of_256 = 90};
};

class Training {
  public:
    Training(const Corpus& corpus, const Plan& plan);

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
    Network network_;
    std::size_t steps_ = 0;
    std::size_t step_ = 0;
    std::size_t order_epoch_ = ~std::size_t{0};
    std::vector<std::uint32_t> order_;
    Batch batch_;
    Work work_;
    std::vector<HeadRange> ranges_;  // the sentences of each head's set
    std::vector<Sentence> chosen_;   // those of the batch, by head
};

}  // namespace ambit::intent_model
