#include "intent_model/numeric.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "intent_model/tile.h"
#include "intent_model/wide.h"

namespace ambit::intent_model {
namespace {

constexpr std::size_t kPanel = 2 * kLanes;

constexpr float kLog2OfE = 1.44269504F;
constexpr float kLn2High = 0.693359375F;
constexpr float kLn2Low = -2.12194440e-4F;
constexpr float kRounder = 12582912.0F;  // 1.5 * 2^23: adding it rounds to a whole number

inline __attribute__((always_inline)) float exponential_inline(float x) {
    x = x < -87.0F ? -87.0F : x;
    x = x > 88.0F ? 88.0F : x;
    const float shifted = x * kLog2OfE + kRounder;
    const float whole = shifted - kRounder;
    const float rest = (x - whole * kLn2High) - whole * kLn2Low;
    float sum = 1.9875691500e-4F;
    sum = sum * rest + 1.3981999507e-3F;
    sum = sum * rest + 8.3334519073e-3F;
    sum = sum * rest + 4.1665795894e-2F;
    sum = sum * rest + 1.6666665459e-1F;
    sum = sum * rest + 5.0000001201e-1F;
    sum = sum * rest * rest + rest + 1.0F;
    const std::int32_t exponent = static_cast<std::int32_t>(whole) + 127;
    return sum * std::bit_cast<float>(exponent << 23);
}

// The columns [first, first + width) of `right`, one row after the other.
void pack(const float* right,
          float* panel,
          std::size_t inner,
          std::size_t columns,
          std::size_t first,
          std::size_t width) {
    for (std::size_t k = 0; k < inner; ++k) {
        std::memcpy(panel + k * width, right + k * columns + first, width * sizeof(float));
    }
}

using RunStrip = void (*)(const Strip&);

RunStrip choose() {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) {
        return strip_avx512;
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        return strip_avx2;
    }
#endif
    return strip_any;
}

}  // namespace

void multiply_add(const LeftFactor& left,
                  const float* right,
                  float* out,
                  std::size_t rows,
                  std::size_t inner,
                  std::size_t columns,
                  std::vector<float>& scratch) {
    if (scratch.size() < inner * kPanel) {
        scratch.resize(inner * kPanel);
    }
    const RunStrip run = choose();
    for (std::size_t first = 0; first < columns; first += kPanel) {
        const std::size_t width = std::min(kPanel, columns - first);
        pack(right, scratch.data(), inner, columns, first, width);
        run({.left = left.data,
             .row_step = left.row_step,
             .column_step = left.column_step,
             .panel = scratch.data(),
             .out = out + first,
             .rows = rows,
             .inner = inner,
             .columns = columns,
             .both = width == kPanel});
    }
}

void transpose(const float* in, float* out, std::size_t rows, std::size_t columns) {
    constexpr std::size_t kBlock = 16;
    for (std::size_t top = 0; top < rows; top += kBlock) {
        for (std::size_t left = 0; left < columns; left += kBlock) {
            for (std::size_t r = top; r < std::min(rows, top + kBlock); ++r) {
                for (std::size_t c = left; c < std::min(columns, left + kBlock); ++c) {
                    out[c * rows + r] = in[r * columns + c];
                }
            }
        }
    }
}

float exponential(float x) {
    return exponential_inline(x);
}

double logarithm(double x) {
    int exponent = 0;
    double part = std::frexp(x, &exponent);  // exact
    if (part < 0.70710678118654752) {
        part *= 2;
        --exponent;
    }
    const double s = (part - 1) / (part + 1);
    const double square = s * s;
    double sum = 0;
    for (int n = 21; n >= 1; n -= 2) {
        sum = sum * square + 1.0 / n;
    }
    return 2 * s * sum + exponent * 0.69314718055994530942;
}

AMBIT_WIDE void exponentials(float* values, float highest, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        values[i] = exponential_inline(values[i] - highest);
    }
}

void softmax(float* values, std::size_t count) {
    float highest = values[0];
    for (std::size_t i = 1; i < count; ++i) {
        highest = values[i] > highest ? values[i] : highest;
    }
    exponentials(values, highest, count);
    float sum = 0;
    for (std::size_t i = 0; i < count; ++i) {
        sum += values[i];
    }
    const float factor = 1.0F / sum;
    for (std::size_t i = 0; i < count; ++i) {
        values[i] *= factor;
    }
}

AMBIT_WIDE void gate(float* gates, float* out, std::size_t rows, std::size_t width) {
    for (std::size_t row = 0; row < rows; ++row) {
        float* const values = gates + row * 2 * width;
        float* const shut = values + width;
        float* const to = out + row * width;
        for (std::size_t i = 0; i < width; ++i) {
            shut[i] = 1.0F / (1.0F + exponential_inline(-shut[i]));
        }
        for (std::size_t i = 0; i < width; ++i) {
            to[i] = values[i] * shut[i];
        }
    }
}

AMBIT_WIDE void gate_back(
    const float* gates, const float* out_gradient, float* in_gradient, std::size_t rows, std::size_t width) {
    for (std::size_t row = 0; row < rows; ++row) {
        const float* const values = gates + row * 2 * width;
        const float* const shut = values + width;
        const float* const from = out_gradient + row * width;
        float* const to = in_gradient + row * 2 * width;
        for (std::size_t i = 0; i < width; ++i) {
            to[i] = from[i] * shut[i];
            to[width + i] = from[i] * values[i] * shut[i] * (1.0F - shut[i]);
        }
    }
}

AMBIT_WIDE void add_scaled(float* out, const float* in, float factor, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        out[i] += in[i] * factor;
    }
}

AMBIT_WIDE void adam(
    float* weights, float* gradient, float* first, float* second, std::size_t count, const AdamStep& step) {
    const float rate = step.rate;
    const float keep = 1.0F - step.rate * step.decay;
    const float first_correction = step.first_correction;
    const float second_correction = step.second_correction;
    for (std::size_t i = 0; i < count; ++i) {
        const float g = gradient[i];
        const float m = 0.9F * first[i] + 0.1F * g;
        const float v = 0.98F * second[i] + 0.02F * (g * g);
        first[i] = m;
        second[i] = v;
        weights[i] = weights[i] * keep -
                     rate * (m * first_correction) / (__builtin_sqrtf(v * second_correction) + 1e-6F);
        gradient[i] = 0.0F;
    }
}

AMBIT_WIDE void adagrad(
    float* weights, float* squares, const float* gradient, float factor, float rate, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        const float g = gradient[i] * factor;
        squares[i] += g * g;
        weights[i] -= rate * g / __builtin_sqrtf(squares[i]);
    }
}

double sum_of_squares(const float* values, std::size_t count) {
    double sums[8] = {};
    for (std::size_t i = 0; i < count; ++i) {
        sums[i % 8] += static_cast<double>(values[i]) * static_cast<double>(values[i]);
    }
    double sum = 0;
    for (const double part : sums) {
        sum += part;
    }
    return sum;
}

std::uint64_t Noise::next() {
    state_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31U);
}

std::size_t Noise::below(std::size_t bound) {
    return static_cast<std::size_t>(((next() >> 32U) * static_cast<std::uint64_t>(bound)) >> 32U);
}

float Noise::unit() {
    return static_cast<float>(next() >> 40U) * 0x1p-24F;
}

float Noise::normal() {
    float sum = 0;
    for (int i = 0; i < 12; ++i) {
        sum += unit();
    }
    return sum - 6.0F;
}

std::uint64_t mixed(std::uint64_t a, std::uint64_t b) {
    return Noise(a ^ (Noise(b).next() * 0x9E3779B97F4A7C15ULL)).next();
}

void drop(float* values, float* mask, std::size_t count, unsigned drop_of_256, Noise& noise) {
    const float kept = 256.0F / (256.0F - static_cast<float>(drop_of_256));
    for (std::size_t i = 0; i < count; i += 8) {
        std::uint64_t bits = noise.next();
        for (std::size_t j = i; j < std::min(count, i + 8); ++j, bits >>= 8U) {
            mask[j] = (bits & 255U) < drop_of_256 ? 0.0F : kept;
        }
    }
    times(values, mask, count);
}

AMBIT_WIDE void times(float* values, const float* factors, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        values[i] *= factors[i];
    }
}

}  // namespace ambit::intent_model
