#include <algorithm>
#include <cmath>

#include "intent_model/network.h"

namespace ambit::intent_model {
namespace {

constexpr float kResidual = 0.70710678F;

void add_columns(const float* rows_of_values, float* out, std::size_t rows, std::size_t columns) {
    for (std::size_t row = 0; row < rows; ++row) {
        add_scaled(out, rows_of_values + row * columns, 1.0F, columns);
    }
}

}  // namespace

void Network::heads_backward(const Batch& batch,
                             const std::vector<HeadRange>& ranges,
                             Work& work,
                             std::vector<float>& pooled_gradient,
                             std::vector<float>& slot_gradient) {
    const std::size_t pooled = sizes_.pooled();
    const std::size_t hidden = sizes_.slot_width;
    std::vector<float> turned;
    for (std::size_t h = 0; h < heads_.size(); ++h) {
        const HeadRange& range = ranges[h];
        const std::size_t count = range.end - range.begin;
        if (count == 0) {
            continue;
        }
        const Layout::HeadRegions& regions = layout_.heads[h];
        const std::size_t intents = padded(heads_[h].intents.size());
        const float* const gradient = work.intents[h].data();
        add_columns(gradient, gradient_at(regions.intents_bias), count, intents);
        multiply_add({&work.pooled[range.begin * pooled], 1, pooled}, gradient, gradient_at(regions.intents),
                     pooled, count, intents, work.scratch);
        turned.resize(regions.intents.count);
        transpose(at(regions.intents), turned.data(), pooled, intents);
        multiply_add({gradient, intents, 1}, turned.data(), &pooled_gradient[range.begin * pooled], count,
                     intents, pooled, work.scratch);
        if (heads_[h].slots.empty()) {
            continue;
        }
        const std::size_t first = batch.first[range.begin];
        const std::size_t tags = padded(heads_[h].tags());
        const std::size_t rows = work.tags[h].size() / tags;
        const float* const tag_gradient = work.tags[h].data();
        add_columns(tag_gradient, gradient_at(regions.tags_bias), rows, tags);
        multiply_add({&work.slot[first * hidden], 1, hidden}, tag_gradient, gradient_at(regions.tags), hidden,
                     rows, tags, work.scratch);
        turned.resize(regions.tags.count);
        transpose(at(regions.tags), turned.data(), hidden, tags);
        multiply_add({tag_gradient, tags, 1}, turned.data(), &slot_gradient[first * hidden], rows, tags,
                     hidden, work.scratch);
    }
}

void Network::slots_backward(const Batch& batch,
                             Work& work,
                             std::vector<float>& slot_gradient,
                             std::vector<float>& pooled_gradient,
                             std::vector<float>& x_gradient) {
    const std::size_t width = sizes_.width;
    const std::size_t pooled = sizes_.pooled();
    const std::size_t hidden = sizes_.slot_width;
    const std::size_t sentences = batch.first.size();
    for (std::size_t i = 0; i < slot_gradient.size(); ++i) {
        slot_gradient[i] = work.slot[i] > 0 ? slot_gradient[i] : 0.0F;
    }
    add_columns(slot_gradient.data(), gradient_at(layout_.slot_bias), batch.rows, hidden);
    multiply_add({work.x.back().data(), 1, width}, slot_gradient.data(), gradient_at(layout_.slot_word),
                 width, batch.rows, hidden, work.scratch);
    std::vector<float> turned(width * hidden);
    transpose(at(layout_.slot_word), turned.data(), width, hidden);
    multiply_add({slot_gradient.data(), hidden, 1}, turned.data(), x_gradient.data(), batch.rows, hidden,
                 width, work.scratch);
    std::vector<float> sums(sentences * hidden, 0.0F);
    for (std::size_t s = 0; s < sentences; ++s) {
        add_columns(&slot_gradient[batch.first[s] * hidden], &sums[s * hidden], batch.length[s], hidden);
    }
    multiply_add({work.pooled.data(), 1, pooled}, sums.data(), gradient_at(layout_.slot_sentence), pooled,
                 sentences, hidden, work.scratch);
    turned.resize(pooled * hidden);
    transpose(at(layout_.slot_sentence), turned.data(), pooled, hidden);
    multiply_add({sums.data(), hidden, 1}, turned.data(), pooled_gradient.data(), sentences, hidden, pooled,
                 work.scratch);
}

// x_gradient: of the layer's output on entry, of its input on return.
void Network::convolve_back(const Batch& batch,
                            std::size_t layer,
                            Work& work,
                            std::vector<float>& x_gradient) {
    const std::size_t width = sizes_.width;
    const std::size_t window = sizes_.window;
    const std::size_t margin = sizes_.margin();
    const std::size_t rows = batch.rows - 2 * margin;
    for (float& value : x_gradient) {
        value *= kResidual;
    }
    std::vector<float> out_gradient = x_gradient;
    if (!work.masks[layer + 1].empty()) {
        times(out_gradient.data(), work.masks[layer + 1].data(), out_gradient.size());
    }
    std::vector<float> gates_gradient(batch.rows * 2 * width);
    gate_back(work.gates[layer].data(), out_gradient.data(), gates_gradient.data(), batch.rows, width);
    add_columns(gates_gradient.data(), gradient_at(layout_.convolution_biases[layer]), batch.rows, 2 * width);
    multiply_add({work.x[layer].data(), 1, width}, &gates_gradient[margin * 2 * width],
                 gradient_at(layout_.convolutions[layer]), window * width, rows, 2 * width, work.scratch);
    std::vector<float> turned(window * 2 * width * width);
    for (std::size_t i = 0; i < window; ++i) {
        transpose(at(layout_.convolutions[layer]) + (window - 1 - i) * width * 2 * width,
                  &turned[i * 2 * width * width], width, 2 * width);
    }
    multiply_add({gates_gradient.data(), 2 * width, 1}, turned.data(), &x_gradient[margin * width], rows,
                 window * 2 * width, width, work.scratch);
    for (const std::size_t row : batch.empty) {
        std::fill_n(x_gradient.begin() + static_cast<std::ptrdiff_t>(row * width), width, 0.0F);
    }
}

void Network::embed_back(const Batch& batch, const std::vector<float>& x_gradient) {
    const std::size_t width = sizes_.width;
    std::size_t feature = 0;
    for (std::size_t row = 0; row < batch.rows; ++row) {
        for (; feature < batch.feature_end[row]; ++feature) {
            const Batch::Row& from = batch.features[feature];
            if (touched_at_[from.row] == 0) {
                touched_.push_back(from.row);
                touched_at_[from.row] = static_cast<std::uint32_t>(touched_.size());
                table_gradient_.resize(touched_.size() * width, 0.0F);
            }
            add_scaled(&table_gradient_[(touched_at_[from.row] - 1) * width], &x_gradient[row * width],
                       from.weight, width);
        }
    }
}

void Network::backward(const Batch& batch, const std::vector<HeadRange>& ranges, Work& work) {
    const std::size_t width = sizes_.width;
    std::vector<float> pooled_gradient(batch.first.size() * sizes_.pooled(), 0.0F);
    std::vector<float> slot_gradient(batch.rows * sizes_.slot_width, 0.0F);
    std::vector<float> x_gradient(batch.rows * width, 0.0F);
    heads_backward(batch, ranges, work, pooled_gradient, slot_gradient);
    slots_backward(batch, work, slot_gradient, pooled_gradient, x_gradient);
    if (!work.pooled_mask.empty()) {
        times(pooled_gradient.data(), work.pooled_mask.data(), pooled_gradient.size());
    }
    for (std::size_t s = 0; s < batch.first.size(); ++s) {
        const float* const best = &pooled_gradient[s * 2 * width];
        const float part = 1.0F / static_cast<float>(batch.length[s]);
        for (std::size_t i = 0; i < width; ++i) {
            x_gradient[work.highest[s * width + i] * width + i] += best[i];
        }
        for (std::size_t row = batch.first[s]; row < batch.first[s] + batch.length[s]; ++row) {
            add_scaled(&x_gradient[row * width], best + width, part, width);
        }
    }
    for (const std::size_t row : batch.empty) {
        std::fill_n(x_gradient.begin() + static_cast<std::ptrdiff_t>(row * width), width, 0.0F);
    }
    for (std::size_t layer = sizes_.layers; layer-- > 0;) {
        convolve_back(batch, layer, work, x_gradient);
    }
    if (!work.masks[0].empty()) {
        times(x_gradient.data(), work.masks[0].data(), x_gradient.size());
    }
    embed_back(batch, x_gradient);
}

}  // namespace ambit::intent_model
