#include "intent_model/integer.h"

#include <algorithm>
#include <cmath>

#include "intent_model/wide.h"

namespace ambit::intent_model {
namespace {

constexpr float kLargest = 2047;

AMBIT_WIDE void sums_of(const std::int16_t* weights,
                        const std::int16_t* steps,
                        std::size_t inputs,
                        std::int32_t* out,
                        std::size_t outputs) {
    for (std::size_t o = 0; o < outputs; ++o) {
        std::int32_t sum = 0;
        for (std::size_t i = 0; i < inputs; ++i) {
            sum += static_cast<std::int32_t>(weights[i]) * static_cast<std::int32_t>(steps[i]);
        }
        out[o] = sum;
        weights += inputs;
    }
}

}  // namespace

float to_steps(const float* values, std::int16_t* steps, std::size_t count) {
    float largest = 1e-6F;
    for (std::size_t i = 0; i < count; ++i) {
        largest = std::max(largest, std::fabs(values[i]));
    }
    const float factor = kLargest / largest;
    for (std::size_t i = 0; i < count; ++i) {
        const float scaled = values[i] * factor;
        steps[i] = static_cast<std::int16_t>(scaled + (scaled < 0 ? -0.5F : 0.5F));
    }
    return largest / kLargest;
}

AMBIT_WIDE void add_small(float* out, const std::int8_t* values, float factor, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        out[i] += static_cast<float>(values[i]) * factor;
    }
}

WideMatrix::WideMatrix(const SmallMatrix& from)
    : inputs_(from.inputs),
      weights_(from.weights.begin(), from.weights.end()),
      scales_(from.scales),
      bias_(from.bias) {}

void WideMatrix::multiply(const std::int16_t* steps, float scale, float* out, std::size_t inputs) const {
    std::vector<std::int32_t> sums(scales_.size());
    sums_of(weights_.data(), steps, inputs, sums.data(), sums.size());
    for (std::size_t o = 0; o < sums.size(); ++o) {
        out[o] = static_cast<float>(sums[o]) * (scales_[o] * scale) + bias_[o];
    }
}

void WideMatrix::multiply_floats(const float* in, float* out) const {
    std::vector<std::int16_t> steps(inputs_);
    const float scale = to_steps(in, steps.data(), inputs_);
    multiply(steps.data(), scale, out, inputs_);
}

}  // namespace ambit::intent_model
