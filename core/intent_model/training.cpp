#include "intent_model/training.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

namespace ambit::intent_model {
namespace {

constexpr double kNormMax = 5.0;
constexpr std::size_t kWarmUp = 200;  // steps with a rising rate
constexpr float kPerWord = 1.0F / 7;  // a sentence's words, about

float rate_at(const Plan& plan, std::size_t step, std::size_t steps) {
    const float warm = std::min(1.0F, static_cast<float>(step + 1) / kWarmUp);
    const float left = 1.0F - static_cast<float>(step) / static_cast<float>(steps);
    return plan.rate * warm * left;
}

// 1 / (1 - beta^steps), by squaring: no library's pow.
float correction(double beta, std::size_t steps) {
    double power = 1;
    for (std::size_t bits = steps; bits != 0; bits >>= 1U) {
        power *= (bits & 1U) != 0 ? beta : 1.0;
        beta *= beta;
    }
    return static_cast<float>(1 / (1 - power));
}

void add_sentence(BatchBuilder& builder,
                  const Corpus& corpus,
                  const Sentence& sentence,
                  unsigned hidden_of_256,
                  Noise& noise) {
    std::vector<const std::vector<std::uint32_t>*> rows;
    std::vector<bool> hidden;
    for (const std::uint32_t word : sentence.words) {
        rows.push_back(&corpus.word_rows[word]);
        hidden.push_back(hidden_of_256 != 0 && noise.below(256) < hidden_of_256);
    }
    builder.add(rows, hidden);
}

}  // namespace

Training::Training(const Corpus& corpus, const Plan& plan)
    : corpus_(corpus), plan_(plan), network_(plan.sizes, corpus.vocabulary.rows(), corpus.heads, plan.seed) {
    const std::size_t a_pass = (corpus.sentences.size() + plan.batch - 1) / plan.batch;
    steps_ = plan.epochs * a_pass;
}

const std::vector<std::uint32_t>& Training::order_of(std::size_t epoch) {
    if (order_epoch_ != epoch) {
        order_epoch_ = epoch;
        order_.resize(corpus_.sentences.size());
        std::iota(order_.begin(), order_.end(), 0U);
        Noise noise(mixed(plan_.seed, 1000 + epoch));
        for (std::size_t i = order_.size(); i > 1; --i) {
            std::swap(order_[i - 1], order_[noise.below(i)]);
        }
    }
    return order_;
}

void Training::fill_batch(Noise& noise) {
    const std::size_t a_pass = steps_ / plan_.epochs;
    const std::vector<std::uint32_t>& order = order_of(step_ / a_pass);
    const std::size_t begin = step_ % a_pass * plan_.batch;
    std::vector<std::uint32_t> places(
        order.begin() + static_cast<std::ptrdiff_t>(begin),
        order.begin() + static_cast<std::ptrdiff_t>(std::min(begin + plan_.batch, order.size())));
    std::sort(places.begin(), places.end(), [this](std::uint32_t a, std::uint32_t b) {
        return std::pair(corpus_.sentences[a].head, a) < std::pair(corpus_.sentences[b].head, b);
    });
    chosen_.clear();
    ranges_.assign(corpus_.heads.size(), {});
    BatchBuilder builder(batch_, plan_.sizes.margin());
    for (const std::uint32_t place : places) {
        const Sentence& sentence = corpus_.sentences[place];
        const bool swapped =
            noise.below(256) < plan_.swapped_of_256 &&
            std::any_of(sentence.tags.begin(), sentence.tags.end(), [](auto tag) { return tag != 0; });
        chosen_.push_back(swapped ? with_other_values(corpus_, sentence, noise) : sentence);
        HeadRange& own = ranges_[sentence.head];
        own.begin = own.end == 0 ? chosen_.size() - 1 : own.begin;
        own.end = chosen_.size();
        add_sentence(builder, corpus_, chosen_.back(), plan_.hidden_of_256, noise);
    }
}

// Turns the logits of a head's intents into the gradient of the loss.
double Training::intent_gradients(std::size_t head) {
    const std::size_t count = corpus_.heads[head].intents.size();
    const std::size_t columns = padded(count);
    const float share = 1.0F / static_cast<float>(chosen_.size());
    double loss = 0;
    for (std::size_t s = ranges_[head].begin; s < ranges_[head].end; ++s) {
        float* const row = &work_.intents[head][(s - ranges_[head].begin) * columns];
        softmax(row, count);
        std::fill(row + count, row + columns, 0.0F);
        const bool none = chosen_[s].intent == kNoIntent;
        const float even = (none ? 1.0F : plan_.smoothing) / static_cast<float>(count);
        if (!none) {
            loss -=
                logarithm(static_cast<double>(row[chosen_[s].intent]) + 1e-12) * static_cast<double>(share);
        }
        for (std::size_t i = 0; i < count; ++i) {
            row[i] = share * (row[i] - even);
        }
        if (!none) {
            row[chosen_[s].intent] -= share * (1.0F - plan_.smoothing);
        }
    }
    return loss;
}

void Training::tag_gradients(std::size_t head) {
    const std::size_t count = corpus_.heads[head].tags();
    const std::size_t columns = padded(count);
    std::vector<float>& tags = work_.tags[head];
    const HeadRange& range = ranges_[head];
    if (tags.empty() || range.begin == range.end) {
        return;
    }
    const std::size_t first = batch_.first[range.begin];
    const float weight = plan_.slot_weight * kPerWord / static_cast<float>(chosen_.size());
    std::vector<float> gradient(tags.size(), 0.0F);
    for (std::size_t s = range.begin; s < range.end; ++s) {
        for (std::size_t i = 0; i < chosen_[s].tags.size(); ++i) {
            const std::size_t at = (batch_.first[s] + i - first) * columns;
            softmax(&tags[at], count);
            for (std::size_t t = 0; t < count; ++t) {
                gradient[at + t] = weight * tags[at + t];
            }
            gradient[at + chosen_[s].tags[i]] -= weight;
        }
    }
    tags.swap(gradient);
}

double Training::set_gradients() {
    double loss = 0;
    for (std::size_t head = 0; head < corpus_.heads.size(); ++head) {
        loss += intent_gradients(head);
        tag_gradients(head);
    }
    return loss;
}

double Training::run_step() {
    Noise noise(mixed(plan_.seed, 1'000'000 + step_));
    fill_batch(noise);
    network_.forward(batch_, ranges_, plan_.dropout, noise, work_);
    const double loss = set_gradients();
    network_.backward(batch_, ranges_, work_);
    network_.step({.rate = rate_at(plan_, step_, steps_),
                   .decay = plan_.decay,
                   .first_correction = correction(0.9, step_ + 1),
                   .second_correction = correction(0.98, step_ + 1)},
                  kNormMax);
    ++step_;
    return loss;
}

}  // namespace ambit::intent_model
