#include "intent_model/network.h"

#include <algorithm>
#include <cmath>

namespace ambit::intent_model {
namespace {

constexpr float kResidual = 0.70710678F;  // keeps the size of the sum of two

Region take(std::size_t& end, std::size_t count) {
    const Region region{end, count};
    end += count;
    return region;
}

void fill(std::vector<float>& weights, const Region& region, float deviation, Noise& noise) {
    for (std::size_t i = 0; i < region.count; ++i) {
        weights[region.begin + i] = deviation * noise.normal();
    }
}

// `rows` copies of `bias`.
void spread(std::vector<float>& out, const float* bias, std::size_t rows, std::size_t columns) {
    out.resize(rows * columns);
    for (std::size_t row = 0; row < rows; ++row) {
        std::copy(bias, bias + columns, out.begin() + static_cast<std::ptrdiff_t>(row * columns));
    }
}

void clear_rows(const Batch& batch, std::vector<float>& x, std::size_t width) {
    for (const std::size_t row : batch.empty) {
        std::fill_n(x.begin() + static_cast<std::ptrdiff_t>(row * width), width, 0.0F);
    }
}

}  // namespace

Layout layout_of(const Sizes& sizes, const std::vector<Head>& heads) {
    Layout layout;
    std::size_t& end = layout.size;
    for (std::size_t layer = 0; layer < sizes.layers; ++layer) {
        layout.convolutions.push_back(take(end, sizes.window * sizes.width * 2 * sizes.width));
        layout.convolution_biases.push_back(take(end, 2 * sizes.width));
    }
    layout.slot_word = take(end, sizes.width * sizes.slot_width);
    layout.slot_sentence = take(end, sizes.pooled() * sizes.slot_width);
    layout.slot_bias = take(end, sizes.slot_width);
    for (const Head& head : heads) {
        Layout::HeadRegions regions;
        const std::size_t intents = padded(head.intents.size());
        regions.intents = take(end, sizes.pooled() * intents);
        regions.intents_bias = take(end, intents);
        if (!head.slots.empty()) {
            const std::size_t tags = padded(head.tags());
            regions.tags = take(end, sizes.slot_width * tags);
            regions.tags_bias = take(end, tags);
        }
        layout.heads.push_back(regions);
    }
    return layout;
}

Network::Network(const Sizes& sizes, std::size_t rows, const std::vector<Head>& heads, std::uint64_t seed)
    : sizes_(sizes), heads_(heads), layout_(layout_of(sizes, heads)) {
    Noise noise(mixed(seed, 1));
    table_.resize(rows * sizes.width);
    fill(table_, {0, table_.size()}, 0.25F, noise);
    dense_.assign(layout_.size, 0.0F);
    const auto scale = [](std::size_t inputs) { return 1.0F / std::sqrt(static_cast<float>(inputs)); };
    for (const Region& region : layout_.convolutions) {
        fill(dense_, region, 1.4F * scale(sizes.window * sizes.width), noise);
    }
    fill(dense_, layout_.slot_word, scale(sizes.width), noise);
    fill(dense_, layout_.slot_sentence, 0.5F * scale(sizes.pooled()), noise);
    for (const Layout::HeadRegions& head : layout_.heads) {
        fill(dense_, head.intents, 0.5F * scale(sizes.pooled()), noise);
        fill(dense_, head.tags, scale(sizes.slot_width), noise);
    }
    dense_gradient_.assign(dense_.size(), 0.0F);
    touched_at_.assign(rows, 0);
    for (std::vector<float>* moments : {&table_first_, &table_second_}) {
        moments->assign(table_.size(), 0.0F);
    }
    for (std::vector<float>* moments : {&dense_first_, &dense_second_}) {
        moments->assign(dense_.size(), 0.0F);
    }
}

void Network::embed(const Batch& batch, std::vector<float>& x) const {
    const std::size_t width = sizes_.width;
    x.assign(batch.rows * width, 0.0F);
    std::size_t feature = 0;
    for (std::size_t row = 0; row < batch.rows; ++row) {
        for (; feature < batch.feature_end[row]; ++feature) {
            add_scaled(&x[row * width], &table_[batch.features[feature].row * width],
                       batch.features[feature].weight, width);
        }
    }
}

void Network::convolve(const Batch& batch, std::size_t layer, Work& work) const {
    const std::size_t width = sizes_.width;
    const std::size_t margin = sizes_.margin();
    const std::vector<float>& x = work.x[layer];
    std::vector<float>& gates = work.gates[layer];
    std::vector<float>& out = work.x[layer + 1];
    spread(gates, at(layout_.convolution_biases[layer]), batch.rows, 2 * width);
    multiply_add({x.data(), width, 1}, at(layout_.convolutions[layer]), &gates[margin * 2 * width],
                 batch.rows - 2 * margin, sizes_.window * width, 2 * width, work.scratch);
    out.resize(x.size());
    gate(gates.data(), out.data(), batch.rows, width);
}

void Network::pool(const Batch& batch, Work& work) const {
    const std::size_t width = sizes_.width;
    const std::vector<float>& x = work.x.back();
    work.pooled.assign(batch.first.size() * 2 * width, 0.0F);
    work.highest.resize(batch.first.size() * width);
    for (std::size_t sentence = 0; sentence < batch.first.size(); ++sentence) {
        const std::size_t first = batch.first[sentence];
        float* const best = &work.pooled[sentence * 2 * width];
        float* const mean = best + width;
        std::uint32_t* const highest = &work.highest[sentence * width];
        std::copy_n(&x[first * width], width, best);
        std::fill_n(highest, width, static_cast<std::uint32_t>(first));
        const float part = 1.0F / static_cast<float>(batch.length[sentence]);
        for (std::size_t row = first; row < first + batch.length[sentence]; ++row) {
            const float* const from = &x[row * width];
            for (std::size_t i = 0; i < width; ++i) {
                if (from[i] > best[i]) {
                    best[i] = from[i];
                    highest[i] = static_cast<std::uint32_t>(row);
                }
            }
            add_scaled(mean, from, part, width);
        }
    }
}

void Network::heads_forward(const Batch& batch, const std::vector<HeadRange>& ranges, Work& work) const {
    const std::size_t width = sizes_.width;
    const std::size_t hidden = sizes_.slot_width;
    spread(work.slot, at(layout_.slot_bias), batch.rows, hidden);
    std::vector<float> sentence(batch.first.size() * hidden, 0.0F);
    multiply_add({work.pooled.data(), 2 * width, 1}, at(layout_.slot_sentence), sentence.data(),
                 batch.first.size(), 2 * width, hidden, work.scratch);
    multiply_add({work.x.back().data(), width, 1}, at(layout_.slot_word), work.slot.data(), batch.rows, width,
                 hidden, work.scratch);
    for (std::size_t s = 0; s < batch.first.size(); ++s) {
        for (std::size_t row = batch.first[s]; row < batch.first[s] + batch.length[s]; ++row) {
            add_scaled(&work.slot[row * hidden], &sentence[s * hidden], 1.0F, hidden);
        }
    }
    for (float& value : work.slot) {
        value = value > 0 ? value : 0.0F;
    }
    work.intents.resize(heads_.size());
    work.tags.resize(heads_.size());
    for (std::size_t h = 0; h < heads_.size(); ++h) {
        const HeadRange& range = ranges[h];
        const std::size_t count = range.end - range.begin;
        const std::size_t intents = padded(heads_[h].intents.size());
        spread(work.intents[h], at(layout_.heads[h].intents_bias), count, intents);
        if (count == 0) {
            work.tags[h].clear();
            continue;
        }
        multiply_add({&work.pooled[range.begin * 2 * width], 2 * width, 1}, at(layout_.heads[h].intents),
                     work.intents[h].data(), count, 2 * width, intents, work.scratch);
        if (!heads_[h].slots.empty()) {
            const std::size_t first = batch.first[range.begin];
            const std::size_t rows = batch.first[range.end - 1] + batch.length[range.end - 1] - first;
            const std::size_t tags = padded(heads_[h].tags());
            spread(work.tags[h], at(layout_.heads[h].tags_bias), rows, tags);
            multiply_add({&work.slot[first * hidden], hidden, 1}, at(layout_.heads[h].tags),
                         work.tags[h].data(), rows, hidden, tags, work.scratch);
        }
    }
}

void Network::forward(const Batch& batch,
                      const std::vector<HeadRange>& ranges,
                      const Dropout& dropout,
                      Noise& noise,
                      Work& work) const {
    work.x.resize(sizes_.layers + 1);
    work.gates.resize(sizes_.layers);
    work.masks.resize(sizes_.layers + 1);
    embed(batch, work.x[0]);
    const auto drop_some = [&](std::vector<float>& values, std::vector<float>& mask, unsigned of_256) {
        if (of_256 != 0) {
            mask.resize(values.size());
            drop(values.data(), mask.data(), values.size(), of_256, noise);
        } else {
            mask.clear();
        }
    };
    drop_some(work.x[0], work.masks[0], dropout.words_of_256);
    for (std::size_t layer = 0; layer < sizes_.layers; ++layer) {
        convolve(batch, layer, work);
        std::vector<float>& out = work.x[layer + 1];
        drop_some(out, work.masks[layer + 1], dropout.layers_of_256);
        add_scaled(out.data(), work.x[layer].data(), 1.0F, out.size());
        for (float& value : out) {
            value *= kResidual;
        }
        clear_rows(batch, out, sizes_.width);
    }
    pool(batch, work);
    drop_some(work.pooled, work.pooled_mask, dropout.pooled_of_256);
    heads_forward(batch, ranges, work);
}

std::vector<std::vector<float>*> Network::state() {
    return {&table_, &dense_, &table_first_, &table_second_, &dense_first_, &dense_second_};
}

std::vector<const std::vector<float>*> Network::state() const {
    return {&table_, &dense_, &table_first_, &table_second_, &dense_first_, &dense_second_};
}

void Network::step(AdamStep step, double norm_max) {
    const double norm = std::sqrt(sum_of_squares(dense_gradient_.data(), dense_gradient_.size()) +
                                  sum_of_squares(table_gradient_.data(), table_gradient_.size()));
    if (norm > norm_max) {
        const auto factor = static_cast<float>(norm_max / norm);
        for (float& value : dense_gradient_) {
            value *= factor;
        }
        for (float& value : table_gradient_) {
            value *= factor;
        }
    }
    adam(dense_.data(), dense_gradient_.data(), dense_first_.data(), dense_second_.data(), dense_.size(),
         step);
    step.decay = 0;
    const std::size_t width = sizes_.width;
    for (std::size_t i = 0; i < touched_.size(); ++i) {
        const std::size_t begin = touched_[i] * width;
        adam(&table_[begin], &table_gradient_[i * width], &table_first_[begin], &table_second_[begin], width,
             step);
        touched_at_[touched_[i]] = 0;
    }
    touched_.clear();
    table_gradient_.clear();
}

}  // namespace ambit::intent_model
