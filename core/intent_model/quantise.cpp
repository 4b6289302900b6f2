// Float weights to weights of 8 bits.
#include <algorithm>
#include <cmath>

#include "intent_model/model_parts.h"

namespace ambit::intent_model {
namespace {

constexpr float kSteps = 127;

std::int8_t step_of(float value, float scale) {
    return scale > 0 ? static_cast<std::int8_t>(std::nearbyint(value / scale)) : std::int8_t{0};
}

// From inputs x columns floats (outputs of the columns are used) to outputs x inputs small ones.
SmallMatrix small_matrix(
    const float* weights, const float* bias, std::size_t inputs, std::size_t outputs, std::size_t columns) {
    SmallMatrix out{.outputs = outputs, .inputs = inputs, .weights = {}, .scales = {}, .bias = {}};
    out.weights.reserve(inputs * outputs);
    for (std::size_t o = 0; o < outputs; ++o) {
        float largest = 0;
        for (std::size_t i = 0; i < inputs; ++i) {
            largest = std::max(largest, std::fabs(weights[i * columns + o]));
        }
        const float scale = largest / kSteps;
        for (std::size_t i = 0; i < inputs; ++i) {
            out.weights.push_back(step_of(weights[i * columns + o], scale));
        }
        out.scales.push_back(scale);
        out.bias.push_back(bias != nullptr ? bias[o] : 0.0F);
    }
    return out;
}

void set_table(ModelParts& parts, const Network& network) {
    const std::size_t width = parts.sizes.width;
    parts.table.reserve(network.table().size());
    for (std::size_t begin = 0; begin < network.table().size(); begin += width) {
        float largest = 0;
        for (std::size_t i = 0; i < width; ++i) {
            largest = std::max(largest, std::fabs(network.table()[begin + i]));
        }
        parts.table_scales.push_back(largest / kSteps);
        for (std::size_t i = 0; i < width; ++i) {
            parts.table.push_back(step_of(network.table()[begin + i], largest / kSteps));
        }
    }
}

WidePart wide_part(const Linear& linear, float factor) {
    WidePart out;
    const std::size_t columns = padded(linear.intents());
    for (std::size_t c = 0; c < linear.intents(); ++c) {
        float largest = 0;
        for (std::size_t row = 0; row < linear.buckets(); ++row) {
            largest = std::max(largest, std::fabs(linear.weights()[row * columns + c]));
        }
        out.scales.push_back(largest / kSteps);
    }
    for (std::size_t row = 0; row < linear.buckets(); ++row) {
        for (std::size_t c = 0; c < linear.intents(); ++c) {
            out.weights.push_back(step_of(linear.weights()[row * columns + c], out.scales[c]));
        }
    }
    for (float& scale : out.scales) {
        scale *= factor;
    }
    return out;
}

}  // namespace

ModelParts parts_of(const Network& network,
                    const Vocabulary& vocabulary,
                    const std::vector<Head>& heads,
                    const WideModels& wide_intents,
                    const WideModels& wide_tags) {
    const Sizes& sizes = network.sizes();
    const Layout& layout = network.layout();
    const float* const dense = network.dense().data();
    ModelParts parts;
    parts.sizes = sizes;
    parts.vocabulary = vocabulary;
    parts.heads = heads;
    set_table(parts, network);
    for (std::size_t layer = 0; layer < sizes.layers; ++layer) {
        parts.convolutions.push_back(small_matrix(
            dense + layout.convolutions[layer].begin, dense + layout.convolution_biases[layer].begin,
            sizes.window * sizes.width, 2 * sizes.width, 2 * sizes.width));
    }
    parts.slot_word = small_matrix(dense + layout.slot_word.begin, dense + layout.slot_bias.begin,
                                   sizes.width, sizes.slot_width, sizes.slot_width);
    parts.slot_sentence = small_matrix(dense + layout.slot_sentence.begin, nullptr, sizes.pooled(),
                                       sizes.slot_width, sizes.slot_width);
    for (std::size_t h = 0; h < heads.size(); ++h) {
        const Layout::HeadRegions& regions = layout.heads[h];
        HeadParts head;
        head.intents = small_matrix(dense + regions.intents.begin, dense + regions.intents_bias.begin,
                                    sizes.pooled(), heads[h].intents.size(), padded(heads[h].intents.size()));
        if (!heads[h].slots.empty()) {
            head.tags = small_matrix(dense + regions.tags.begin, dense + regions.tags_bias.begin,
                                     sizes.slot_width, heads[h].tags(), padded(heads[h].tags()));
        }
        if (!wide_intents.models.empty() && heads[h].is_wide()) {
            parts.wide_buckets = wide_intents.models[h]->buckets();
            head.wide_intents = wide_part(*wide_intents.models[h], wide_intents.factor);
        }
        if (!wide_tags.models.empty() && !heads[h].slots.empty() && heads[h].is_wide()) {
            parts.wide_tag_buckets = wide_tags.models[h]->buckets();
            head.wide_tags = wide_part(*wide_tags.models[h], wide_tags.factor);
        }
        parts.head_parts.push_back(std::move(head));
    }
    return parts;
}

}  // namespace ambit::intent_model
