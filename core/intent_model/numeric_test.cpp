#include "intent_model/numeric.h"

#include <cmath>

#include <gmock/gmock.h>

#include "intent_model/tile.h"

namespace ambit::intent_model {
namespace {

std::vector<float> numbers(std::size_t count, std::uint64_t seed) {
    Noise noise(seed);
    std::vector<float> values(count);
    for (float& value : values) {
        value = noise.normal();
    }
    return values;
}

TEST(Numeric, ProductIsThePlainSumInOrder) {
    constexpr std::size_t kRows = 15;
    constexpr std::size_t kInner = 7;
    constexpr std::size_t kColumns = 48;
    const std::vector<float> left = numbers(kRows * kInner, 1);
    const std::vector<float> right = numbers(kInner * kColumns, 2);
    std::vector<float> out = numbers(kRows * kColumns, 3);
    std::vector<float> expected = out;
    for (std::size_t r = 0; r < kRows; ++r) {
        for (std::size_t c = 0; c < kColumns; ++c) {
            for (std::size_t k = 0; k < kInner; ++k) {
                expected[r * kColumns + c] =
                    std::fma(left[r * kInner + k], right[k * kColumns + c], expected[r * kColumns + c]);
            }
        }
    }
    std::vector<float> scratch;
    multiply_add({left.data(), kInner, 1}, right.data(), out.data(), kRows, kInner, kColumns, scratch);
    EXPECT_EQ(out, expected);
}

TEST(Numeric, EveryInstructionSetGivesTheSameBits) {
    const std::vector<float> left = numbers(40 * 30, 4);
    const std::vector<float> panel = numbers(30 * 32, 5);
    for (const bool both : {true, false}) {
        std::vector<float> plain(40 * 32, 0.5F);
        Strip strip{left.data(), 30, 1, panel.data(), plain.data(), 40, 30, 32, both};
        strip_any(strip);
#if defined(__x86_64__)
        std::vector<float> wide(40 * 32, 0.5F);
        strip.out = wide.data();
        if (__builtin_cpu_supports("avx512f")) {
            strip_avx512(strip);
            EXPECT_EQ(wide, plain);
        }
        std::fill(wide.begin(), wide.end(), 0.5F);
        if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
            strip_avx2(strip);
            EXPECT_EQ(wide, plain);
        }
#endif
    }
}

TEST(Numeric, ExponentialAndLogarithmAreClose) {
    for (float x = -80; x < 80; x += 0.37F) {
        EXPECT_NEAR(exponential(x) / std::exp(x), 1, 1e-6) << x;
    }
    EXPECT_EQ(exponential(0), 1);
    EXPECT_GT(exponential(-1e9F), 0);
    EXPECT_TRUE(std::isfinite(exponential(1e9F)));
    for (double x = 1e-9; x < 1e9; x *= 3.3) {
        EXPECT_NEAR(logarithm(x), std::log(x), 1e-9 * std::max(1.0, std::fabs(std::log(x))));
    }
}

TEST(Numeric, NoiseIsTheSameEverywhere) {
    Noise noise(42);
    EXPECT_EQ(noise.next(), 0xBDD732262FEB6E95ULL);  // SplitMix64's published first output for seed 42
    EXPECT_NE(mixed(1, 2), mixed(2, 1));
}

TEST(Numeric, GradientOfTheGate) {
    const std::vector<float> in = numbers(2 * 16, 6);
    std::vector<float> gates = in;
    std::vector<float> out(16);
    gate(gates.data(), out.data(), 1, 16);
    const std::vector<float> ones(16, 1.0F);
    std::vector<float> gradient(32);
    gate_back(gates.data(), ones.data(), gradient.data(), 1, 16);
    constexpr float kStep = 1e-3F;
    for (std::size_t i = 0; i < 32; ++i) {
        std::vector<float> moved = in;
        std::vector<float> after(16);
        moved[i] += kStep;
        gate(moved.data(), after.data(), 1, 16);
        EXPECT_NEAR((after[i % 16] - out[i % 16]) / kStep, gradient[i], 5e-3);
    }
}

}  // namespace
}  // namespace ambit::intent_model
