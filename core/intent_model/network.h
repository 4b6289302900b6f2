// Network: the float model that is trained: embeddings, gated convolutions, pooled intents and tags of words.
//
// Word rows are summed into a vector per word; `layers` gated convolutions (Dauphin et al. 2017) with
// residuals follow; maximum and mean over the words, together, give the intents of each head; a hidden layer
// over (word, sentence) gives its tags.  forward() fills `Work`, backward() the gradients; both are pure but
// for their noise, which is an argument. Ownership: owns its weights.  Threads: one per object.  Failure:
// none; a Batch must be well formed.
#pragma once

#include <cstdint>
#include <vector>

#include "intent_model/numeric.h"
#include "intent_model/vocabulary.h"

namespace ambit::intent_model {

struct Sizes {
    std::size_t width = 160;  // of a word's vector; a multiple of kLanes, as slot_width
    std::size_t layers = 3;
    std::size_t window = 3;  // words a convolution sees; odd
    std::size_t slot_width = 96;

    std::size_t margin() const { return window / 2; }

    std::size_t pooled() const { return 2 * width; }
};

struct Region {
    std::size_t begin = 0;
    std::size_t count = 0;
};

// Where each dense weight matrix lies; all are rows x columns, densely, columns padded to kLanes.
struct Layout {
    struct HeadRegions {
        Region intents;  // pooled x padded(intents)
        Region intents_bias;
        Region tags;  // slot_width x padded(tags)
        Region tags_bias;
    };

    std::vector<Region> convolutions;  // window*width x 2*width
    std::vector<Region> convolution_biases;
    Region slot_word;      // width x slot_width
    Region slot_sentence;  // pooled x slot_width
    Region slot_bias;
    std::vector<HeadRegions> heads;
    std::size_t size = 0;
};

Layout layout_of(const Sizes& sizes, const std::vector<Head>& heads);

// Sentences one after the other, `margin` empty rows before, between and behind them.
struct Batch {
    struct Row {
        std::uint32_t row;
        float weight;
    };

    std::size_t rows = 0;
    std::vector<std::size_t> first;   // of each sentence
    std::vector<std::size_t> length;  // words; at least 1
    std::vector<Row> features;
    std::vector<std::size_t> feature_end;  // of each row of the batch
    std::vector<std::size_t> empty;        // the rows between sentences
};

struct Work {
    std::vector<std::vector<float>> x;  // one more than layers: rows x width
    std::vector<std::vector<float>> gates;
    std::vector<std::vector<float>> masks;
    std::vector<float> pooled;  // sentences x pooled
    std::vector<float> pooled_mask;
    std::vector<std::uint32_t> highest;       // the row that gave each maximum
    std::vector<float> slot;                  // rows x slot_width, after the rectifier
    std::vector<std::vector<float>> intents;  // per head: sentences x padded(intents)
    std::vector<std::vector<float>> tags;     // per head: rows x padded(tags); empty without slots
    std::vector<float> scratch;
};

struct Dropout {
    unsigned words_of_256 = 0;
    unsigned layers_of_256 = 0;
    unsigned pooled_of_256 = 0;
};

// Which sentences of a batch a head is computed for.
struct HeadRange {
    std::size_t begin = 0;
    std::size_t end = 0;
};

class Network {
  public:
    Network(const Sizes& sizes, std::size_t rows, const std::vector<Head>& heads, std::uint64_t seed);

    // Fills `work` with the logits of each head over its range.
    void forward(const Batch& batch,
                 const std::vector<HeadRange>& ranges,
                 const Dropout& dropout,
                 Noise& noise,
                 Work& work) const;
    // `work` as forward() left it, but with gradients in place of the logits; adds to the gradients.
    void backward(const Batch& batch, const std::vector<HeadRange>& ranges, Work& work);
    // One step with the gradients collected; they are scaled down to `norm_max` and cleared.
    void step(AdamStep step, double norm_max);

    const Sizes& sizes() const { return sizes_; }

    const Layout& layout() const { return layout_; }

    const std::vector<float>& table() const { return table_; }

    const std::vector<float>& dense() const { return dense_; }

    const std::vector<float>& dense_gradient() const { return dense_gradient_; }

    // Weights and moments, in a fixed order: what a checkpoint holds.
    std::vector<std::vector<float>*> state();
    std::vector<const std::vector<float>*> state() const;

  private:
    void embed(const Batch& batch, std::vector<float>& x) const;
    void convolve(const Batch& batch, std::size_t layer, Work& work) const;
    void pool(const Batch& batch, Work& work) const;
    void heads_forward(const Batch& batch, const std::vector<HeadRange>& ranges, Work& work) const;
    void heads_backward(const Batch& batch,
                        const std::vector<HeadRange>& ranges,
                        Work& work,
                        std::vector<float>& pooled_gradient,
                        std::vector<float>& x_gradient);
    void slots_backward(const Batch& batch,
                        Work& work,
                        std::vector<float>& slot_gradient,
                        std::vector<float>& pooled_gradient,
                        std::vector<float>& x_gradient);
    void convolve_back(const Batch& batch, std::size_t layer, Work& work, std::vector<float>& x_gradient);
    void embed_back(const Batch& batch, const std::vector<float>& x_gradient);

    const float* at(const Region& region) const { return dense_.data() + region.begin; }

    float* gradient_at(const Region& region) { return dense_gradient_.data() + region.begin; }

    Sizes sizes_;
    std::vector<Head> heads_;
    Layout layout_;
    std::vector<float> table_;
    std::vector<float> dense_;
    std::vector<float> dense_gradient_;
    std::vector<float> table_gradient_;  // of touched_ rows, in their order
    std::vector<std::uint32_t> touched_;
    std::vector<std::uint32_t> touched_at_;  // per row: 1 + place in touched_, or 0
    std::vector<float> table_first_;
    std::vector<float> table_second_;
    std::vector<float> dense_first_;
    std::vector<float> dense_second_;
};

}  // namespace ambit::intent_model
