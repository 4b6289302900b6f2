// Numeric: the arithmetic that training and reading are made of, with one fixed order of additions.
//
// The same input gives the same bits on every machine: each sum runs over k = 0, 1, 2 ... for each output by
// itself (lanes lie across outputs), nothing is fused (-ffp-contract=off) and exp and log are our own.
// Ownership: borrows what it is given.  Threads: any.  Failure: none; sizes are the caller's duty.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ambit::intent_model {

constexpr std::size_t kLanes = 16;  // rows of matrices are padded to a multiple of it

constexpr std::size_t padded(std::size_t count) {
    return (count + kLanes - 1) / kLanes * kLanes;
}

// Element (row, column) of the left factor is data[row * row_step + column * column_step]: so a transposed
// matrix, and the overlapping windows of a convolution, are factors as they lie.
struct LeftFactor {
    const float* data;
    std::size_t row_step;
    std::size_t column_step;
};

// out (rows x columns, densely stored) += left (rows x inner) * right (inner x columns, densely stored).
// REQUIRES: columns is a multiple of kLanes.  `scratch` is resized as needed.
void multiply_add(const LeftFactor& left,
                  const float* right,
                  float* out,
                  std::size_t rows,
                  std::size_t inner,
                  std::size_t columns,
                  std::vector<float>& scratch);
// out (columns x rows) = in (rows x columns), both densely stored.
void transpose(const float* in, float* out, std::size_t rows, std::size_t columns);

// e^x within 2 units in the last place, for x clamped to [-87, 88].
float exponential(float x);
// Natural logarithm; x > 0.
double logarithm(double x);
// In place: values[i] = e^values[i] / sum, over the first `count`.
void softmax(float* values, std::size_t count);

// For each row of `gates` (rows x 2*width, the values before the gates): out[i] = a[i] * sigmoid(g[i]), and
// the sigmoids are kept in place of g.
void gate(float* gates, float* out, std::size_t rows, std::size_t width);
// Turns the gradient of gate()'s output into that of its input; `gates` as gate() left them.
void gate_back(
    const float* gates, const float* out_gradient, float* in_gradient, std::size_t rows, std::size_t width);

void add_scaled(float* out, const float* in, float factor, std::size_t count);

struct AdamStep {
    float rate;
    float decay;             // of the weights, decoupled
    float first_correction;  // 1 / (1 - beta1^t)
    float second_correction;
};

// One step of Adam (Kingma and Ba, 2015) with beta 0.9 and 0.98; the gradient is cleared.
void adam(
    float* weights, float* gradient, float* first, float* second, std::size_t count, const AdamStep& step);
// One step of AdaGrad (Duchi et al. 2011) on weights whose gradient is gradient[i] * factor.
void adagrad(
    float* weights, float* squares, const float* gradient, float factor, float rate, std::size_t count);
double sum_of_squares(const float* values, std::size_t count);

// A stream of numbers from a seed (SplitMix64, Steele et al. 2014).
class Noise {
  public:
    explicit Noise(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next();
    std::size_t below(std::size_t bound);  // bound > 0; bias below 2^-32
    float unit();                          // [0, 1)
    float normal();                        // roughly: mean 0, deviation 1

  private:
    std::uint64_t state_;
};

// A number that depends on all of its arguments: seeds for parts of one run.
std::uint64_t mixed(std::uint64_t a, std::uint64_t b);

// values[i] *= 0 with probability drop/256, else 256/(256-drop); the factors go to `mask`.
void drop(float* values, float* mask, std::size_t count, unsigned drop_of_256, Noise& noise);
void times(float* values, const float* factors, std::size_t count);

}  // namespace ambit::intent_model
