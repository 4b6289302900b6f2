#include "intent_model/intent_model.h"

#include <algorithm>
#include <cmath>

#include "intent_model/adaptation.h"
#include "intent_model/integer.h"
#include "intent_model/model_parts.h"
#include "intent_model/tags.h"

namespace ambit::intent_model {
namespace {

constexpr float kResidual = 0.70710678F;
constexpr std::size_t kNextBest = 3;

// logits[i] += the part's sum over the features.
void add_wide(const WidePart& wide, const std::vector<LinearFeature>& features, float* logits) {
    const std::size_t count = wide.scales.size();
    std::vector<float> sums(count, 0.0F);
    for (const LinearFeature& feature : features) {
        add_small(sums.data(), &wide.weights[feature.bucket * count], feature.value, count);
    }
    for (std::size_t i = 0; i < count; ++i) {
        logits[i] += sums[i] * wide.scales[i];
    }
}

}  // namespace

struct IntentModel::State {
    ModelParts parts;
    std::vector<WideMatrix> convolutions;
    WideMatrix slot_word;
    WideMatrix slot_sentence;
    std::vector<WideMatrix> intents;
    std::vector<WideMatrix> tags;

    explicit State(ModelParts from) : parts(std::move(from)) {
        for (const SmallMatrix& convolution : parts.convolutions) {
            convolutions.emplace_back(convolution);
        }
        slot_word = WideMatrix(parts.slot_word);
        slot_sentence = WideMatrix(parts.slot_sentence);
        for (const HeadParts& head : parts.head_parts) {
            intents.emplace_back(head.intents);
            tags.emplace_back(head.tags);
        }
    }

    std::size_t index_of(std::string_view name) const {
        const auto at = std::find_if(parts.heads.begin(), parts.heads.end(),
                                     [name](const Head& head) { return head.name == name; });
        return static_cast<std::size_t>(at - parts.heads.begin());
    }

    // Words x width, with `margin` empty rows before and behind.
    std::vector<float> embed(const std::vector<Token>& words) const;
    void convolve(std::vector<float>& x, std::size_t words, std::size_t layer) const;
    Encoded encode(std::string_view text, std::size_t head) const;
    void set_tags(const float* x, const std::vector<float>& pooled, std::size_t head, Encoded& out) const;
};

std::vector<float> IntentModel::State::embed(const std::vector<Token>& words) const {
    const std::size_t width = parts.sizes.width;
    const std::size_t margin = parts.sizes.margin();
    std::vector<float> x((words.size() + 2 * margin) * width, 0.0F);
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::vector<std::uint32_t> rows = rows_of(parts.vocabulary, words[i].text);
        const float of_gram = rows.size() > 2 ? 1.0F / std::sqrt(static_cast<float>(rows.size() - 2)) : 0.0F;
        for (std::size_t j = 0; j < rows.size(); ++j) {
            add_small(&x[(i + margin) * width], &parts.table[rows[j] * width],
                      parts.table_scales[rows[j]] * (j < 2 ? 1.0F : of_gram), width);
        }
    }
    return x;
}

void IntentModel::State::convolve(std::vector<float>& x, std::size_t words, std::size_t layer) const {
    const std::size_t width = parts.sizes.width;
    const std::size_t window = parts.sizes.window * width;
    const std::size_t margin = parts.sizes.margin();
    std::vector<std::int16_t> steps(x.size());
    const float scale = to_steps(x.data(), steps.data(), x.size());
    std::vector<float> gates(2 * width);
    std::vector<float> opened(width);
    for (std::size_t i = 0; i < words; ++i) {
        convolutions[layer].multiply(&steps[i * width], scale, gates.data(), window);
        gate(gates.data(), opened.data(), 1, width);
        float* const row = &x[(i + margin) * width];
        for (std::size_t j = 0; j < width; ++j) {
            row[j] = (opened[j] + row[j]) * kResidual;
        }
    }
}

void IntentModel::State::set_tags(const float* x,
                                  const std::vector<float>& pooled,
                                  std::size_t head,
                                  Encoded& out) const {
    const std::size_t width = parts.sizes.width;
    const std::size_t hidden = parts.sizes.slot_width;
    const std::size_t count = parts.heads[head].tags();
    std::vector<float> sentence(hidden);
    slot_sentence.multiply_floats(pooled.data(), sentence.data());
    std::vector<float> slot(hidden);
    out.tag_logits.resize(out.words.size() * count);
    for (std::size_t i = 0; i < out.words.size(); ++i) {
        slot_word.multiply_floats(x + i * width, slot.data());
        for (std::size_t j = 0; j < hidden; ++j) {
            slot[j] = std::max(0.0F, slot[j] + sentence[j]);
        }
        tags[head].multiply_floats(slot.data(), &out.tag_logits[i * count]);
        if (parts.wide_tag_buckets != 0 && parts.heads[head].is_wide()) {
            add_wide(parts.head_parts[head].wide_tags,
                     linear_tag_features(out.words, i, parts.wide_tag_buckets), &out.tag_logits[i * count]);
        }
    }
}

Encoded IntentModel::State::encode(std::string_view text, std::size_t head) const {
    Encoded out{.words = tokens_of(text), .sentence = {}, .intent_logits = {}, .tag_logits = {}};
    const std::size_t width = parts.sizes.width;
    const std::size_t words = out.words.size();
    out.intent_logits.assign(parts.heads[head].intents.size(), 0.0F);
    if (words == 0) {
        return out;
    }
    std::vector<float> x = embed(out.words);
    for (std::size_t layer = 0; layer < parts.sizes.layers; ++layer) {
        convolve(x, words, layer);
    }
    const float* const first = &x[parts.sizes.margin() * width];
    std::vector<float> pooled(2 * width, 0.0F);
    std::copy_n(first, width, pooled.begin());
    for (std::size_t i = 0; i < words; ++i) {
        for (std::size_t j = 0; j < width; ++j) {
            pooled[j] = std::max(pooled[j], first[i * width + j]);
        }
        add_scaled(&pooled[width], first + i * width, 1.0F / static_cast<float>(words), width);
    }
    intents[head].multiply_floats(pooled.data(), out.intent_logits.data());
    if (parts.wide_buckets != 0 && parts.heads[head].is_wide()) {
        add_wide(parts.head_parts[head].wide_intents, linear_features(out.words, parts.wide_buckets),
                 out.intent_logits.data());
    }
    if (!parts.heads[head].slots.empty()) {
        set_tags(first, pooled, head, out);
    }
    const auto length = static_cast<float>(std::sqrt(sum_of_squares(pooled.data(), pooled.size())));
    for (float& value : pooled) {
        value /= length > 0 ? length : 1.0F;
    }
    out.sentence = std::move(pooled);
    return out;
}

IntentModel::IntentModel(std::unique_ptr<State> state) : state_(std::move(state)) {}

IntentModel::~IntentModel() = default;
IntentModel::IntentModel(IntentModel&&) noexcept = default;
IntentModel& IntentModel::operator=(IntentModel&&) noexcept = default;

Result<IntentModel> IntentModel::load(ByteView file) {
    AMBIT_TRY_ASSIGN(ModelParts parts, decode(file));
    return IntentModel(std::make_unique<State>(std::move(parts)));
}

std::vector<std::string> IntentModel::heads() const {
    std::vector<std::string> names;
    for (const Head& head : state_->parts.heads) {
        names.push_back(head.name);
    }
    return names;
}

const Head* IntentModel::head(std::string_view name) const {
    const std::size_t index = state_->index_of(name);
    return index < state_->parts.heads.size() ? &state_->parts.heads[index] : nullptr;
}

float IntentModel::threshold(std::string_view head) const {
    const std::size_t index = state_->index_of(head);
    return index < state_->parts.heads.size() ? state_->parts.head_parts[index].threshold : 1.0F;
}

const ModelParts& IntentModel::parts() const {
    return state_->parts;
}

Encoded IntentModel::encode(std::string_view text, std::string_view head) const {
    return state_->encode(text, state_->index_of(head));
}

Result<Prediction> IntentModel::read(std::string_view text,
                                     std::string_view head,
                                     const Personal* personal) const {
    const std::size_t index = state_->index_of(head);
    if (index == state_->parts.heads.size()) {
        return Error{ErrorCode::UnknownHead, std::string(head.substr(0, 64))};
    }
    const Head& labels = state_->parts.heads[index];
    const HeadParts& part = state_->parts.head_parts[index];
    Encoded encoded = state_->encode(text, index);
    Prediction prediction;
    if (encoded.words.empty()) {
        return prediction;
    }
    for (float& logit : encoded.intent_logits) {
        logit *= part.sharpness;
    }
    if (personal != nullptr) {
        prediction.lesson = personal->change(encoded, labels);
    }
    softmax(encoded.intent_logits.data(), encoded.intent_logits.size());
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < labels.intents.size(); ++i) {
        if (labels.intents[i] == kForeign) {
            prediction.foreign = encoded.intent_logits[i];
        } else {
            order.push_back(i);
        }
    }
    const std::size_t shown = std::min(order.size(), 1 + kNextBest);
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(shown), order.end(),
                      [&encoded](std::size_t a, std::size_t b) {
                          return std::pair(-encoded.intent_logits[a], a) <
                                 std::pair(-encoded.intent_logits[b], b);
                      });
    prediction.intent = labels.intents[order[0]];
    prediction.confidence = encoded.intent_logits[order[0]];
    prediction.out_of_scope = prediction.confidence < part.threshold;
    for (std::size_t i = 1; i < shown; ++i) {
        prediction.next_best.push_back({labels.intents[order[i]], encoded.intent_logits[order[i]]});
    }
    const std::vector<std::uint16_t> tags =
        best_tags(encoded.tag_logits, encoded.words.size(), labels.tags());
    prediction.slots = slots_of(tags, labels.slots, encoded.words, text);
    return prediction;
}

}  // namespace ambit::intent_model
