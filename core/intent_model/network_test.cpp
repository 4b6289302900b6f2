#include "intent_model/network.h"

#include <gmock/gmock.h>

#include "intent_model/corpus.h"

namespace ambit::intent_model {
namespace {

// A loss that reaches every part: the sum of squares of all logits, halved.
double loss_of(const Network& network, const Batch& batch, const std::vector<HeadRange>& ranges, Work& work) {
    Noise noise(1);
    network.forward(batch, ranges, {}, noise, work);
    double sum = 0;
    for (const auto* lists : {&work.intents, &work.tags}) {
        for (const std::vector<float>& logits : *lists) {
            sum += sum_of_squares(logits.data(), logits.size());
        }
    }
    return sum / 2;
}

TEST(Network, GradientIsTheSlopeOfTheLoss) {
    const Sizes sizes{.width = 16, .layers = 2, .window = 3, .slot_width = 16};
    const std::vector<Head> heads = {{"a", {"x", "y"}, {"s"}}, {"b", {"u", "v", "w"}, {}}};
    Network network(sizes, 12, heads, 5);
    Batch batch;
    BatchBuilder builder(batch, sizes.margin());
    const std::vector<std::uint32_t> words[] = {{1, 9, 5, 6}, {2, 10, 6, 7}, {3, 11, 8}};
    builder.add({&words[0], &words[1]}, {false, false});
    builder.add({&words[2], &words[0], &words[1]}, {false, false, true});
    const std::vector<HeadRange> ranges = {{0, 2}, {1, 2}};
    Work work;
    const double before = loss_of(network, batch, ranges, work);
    network.backward(batch, ranges, work);
    const std::vector<float> gradient = network.dense_gradient();
    // Along the gradient the loss must rise by its squared length, times the step.
    constexpr float kStep = 1e-4F;
    double expected = 0;
    for (std::size_t i = 0; i < gradient.size(); ++i) {
        (*network.state()[1])[i] += kStep * gradient[i];
        expected +=
            static_cast<double>(kStep) * static_cast<double>(gradient[i]) * static_cast<double>(gradient[i]);
    }
    Work after;
    const double risen = loss_of(network, batch, ranges, after) - before;
    EXPECT_NEAR(risen / expected, 1, 0.05);
    // And for single weights of each matrix.
    for (const Region& region : {network.layout().convolutions[0], network.layout().convolutions[1],
                                 network.layout().slot_word, network.layout().slot_sentence,
                                 network.layout().heads[0].intents, network.layout().heads[0].tags}) {
        std::size_t most = region.begin;
        for (std::size_t i = region.begin; i < region.begin + region.count; ++i) {
            most = std::abs(gradient[i]) > std::abs(gradient[most]) ? i : most;
        }
        Network moved(sizes, 12, heads, 5);
        (*moved.state()[1])[most] += 1e-2F;
        const double slope = (loss_of(moved, batch, ranges, after) - before) / 1e-2;
        EXPECT_NEAR(slope / static_cast<double>(gradient[most]), 1, 0.1) << region.begin;
    }
}

TEST(Network, StepOnTheTableLowersTheLoss) {
    const Sizes sizes{.width = 16, .layers = 1, .window = 3, .slot_width = 16};
    const std::vector<Head> heads = {{"a", {"x", "y"}, {}}};
    Network network(sizes, 4, heads, 5);
    const std::vector<float> table = network.table();
    Batch batch;
    BatchBuilder builder(batch, sizes.margin());
    const std::vector<std::uint32_t> word = {1, 2};
    builder.add({&word}, {false});
    Work work;
    const double before = loss_of(network, batch, {{0, 1}}, work);
    network.backward(batch, {{0, 1}}, work);
    network.step({.rate = 0.01F, .decay = 0, .first_correction = 10, .second_correction = 50}, 5);
    EXPECT_LT(loss_of(network, batch, {{0, 1}}, work), before);
    EXPECT_NE(network.table()[16], table[16]);          // row 1 was used
    EXPECT_EQ(network.table()[3 * 16], table[3 * 16]);  // row 3 was not
}

}  // namespace
}  // namespace ambit::intent_model
