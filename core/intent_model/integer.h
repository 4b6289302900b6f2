// Integer: products of 8-bit weights and 12-bit activations, summed in 32 bits, so that they are exact.
//
// Ownership: a WideMatrix owns its weights.  Threads: any.  Failure: none.
#pragma once

#include <cstdint>
#include <vector>

#include "intent_model/model_parts.h"

namespace ambit::intent_model {

// Rounds `count` values to whole steps of the scale that is returned; the largest becomes 2047.
float to_steps(const float* values, std::int16_t* steps, std::size_t count);
// out[i] += values[i] * factor
void add_small(float* out, const std::int8_t* values, float factor, std::size_t count);

// A SmallMatrix with its weights as 16 bits each: what multiplies fast everywhere.
class WideMatrix {
  public:
    WideMatrix() = default;
    explicit WideMatrix(const SmallMatrix& from);

    // out[o] = bias + scales * (weights x steps * scale); REQUIRES: `inputs` of the matrix at `steps`.
    void multiply(const std::int16_t* steps, float scale, float* out, std::size_t inputs) const;
    void multiply_floats(const float* in, float* out) const;

  private:
    std::size_t inputs_ = 0;
    std::vector<std::int16_t> weights_;
    std::vector<float> scales_;
    std::vector<float> bias_;
};

}  // namespace ambit::intent_model
