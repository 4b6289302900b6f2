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

void set_wide(HeadParts& head, const Linear& wide, float factor) {
    const std::size_t columns = padded(wide.intents());
    for (std::size_t c = 0; c < wide.intents(); ++c) {
        float largest = 0;
        for (std::size_t row = 0; row < wide.buckets(); ++row) {
            largest = std::max(largest, std::fabs(wide.weights()[row * columns + c]));
        }
        head.wide_scales.push_back(largest / kSteps);
    }
    for (std::size_t row = 0; row < wide.buckets(); ++row) {
        for (std::size_t c = 0; c < wide.intents(); ++c) {
            head.wide.push_back(step_of(wide.weights()[row * columns + c], head.wide_scales[c]));
        }
    }
    for (float& scale : head.wide_scales) {
        scale *= factor;
    }
}

}  // namespace

ModelParts parts_of(const Network& network,
                    const Vocabulary& vocabulary,
                    const std::vector<Head>& heads,
                    const std::vector<const Linear*>& wide,
                    float wide_factor) {
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
        if (!wide.empty()) {
            parts.wide_buckets = wide[h]->buckets();
            set_wide(head, *wide[h], wide_factor);
        }
        parts.head_parts.push_back(std::move(head));
    }
    return parts;
}

}  // namespace ambit::intent_model
