// The inner loops of multiply_add(), compiled once for each instruction set (tile_avx512.cpp, tile_avx2.cpp,
// tile_any.cpp): every product is added with one rounding (a fused multiply-add), in the order of k, so all
// give the same bits.  Includes nothing that the linker could share between them.
#pragma once

#include <cstddef>

#if defined(__AVX512F__) || defined(__AVX2__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace ambit::intent_model {

// out (rows x columns) += left * panel, for the 32 or 16 columns of a packed panel.
struct Strip {
    const float* left;
    std::size_t row_step;
    std::size_t column_step;
    const float* panel;
    float* out;
    std::size_t rows;
    std::size_t inner;
    std::size_t columns;
    bool both;  // 32 columns, not 16
};

void strip_avx512(const Strip& strip);
void strip_avx2(const Strip& strip);
void strip_any(const Strip& strip);

#ifdef AMBIT_TILE
namespace {

#if defined(__AVX512F__)
constexpr std::size_t kWide = 16;
constexpr std::size_t kRows = 12;
using Wide = __m512;

inline Wide load(const float* from) {
    return _mm512_loadu_ps(from);
}

inline void store(float* to, Wide value) {
    _mm512_storeu_ps(to, value);
}

inline Wide fused(float a, Wide b, Wide c) {
    return _mm512_fmadd_ps(_mm512_set1_ps(a), b, c);
}
#elif defined(__AVX2__)
constexpr std::size_t kWide = 8;
constexpr std::size_t kRows = 3;
using Wide = __m256;

inline Wide load(const float* from) {
    return _mm256_loadu_ps(from);
}

inline void store(float* to, Wide value) {
    _mm256_storeu_ps(to, value);
}

inline Wide fused(float a, Wide b, Wide c) {
    return _mm256_fmadd_ps(_mm256_set1_ps(a), b, c);
}
#elif defined(__aarch64__)
constexpr std::size_t kWide = 4;
constexpr std::size_t kRows = 2;
using Wide = float32x4_t;

inline Wide load(const float* from) {
    return vld1q_f32(from);
}

inline void store(float* to, Wide value) {
    vst1q_f32(to, value);
}

inline Wide fused(float a, Wide b, Wide c) {
    return vfmaq_n_f32(c, b, a);
}
#else
constexpr std::size_t kWide = 1;
constexpr std::size_t kRows = 1;
using Wide = float;

inline Wide load(const float* from) {
    return *from;
}

inline void store(float* to, Wide value) {
    *to = value;
}

inline Wide fused(float a, Wide b, Wide c) {
    return __builtin_fmaf(a, b, c);
}
#endif

template <std::size_t R, std::size_t V>
inline void tile(const Strip& strip, const float* from, float* out) {
    Wide sums[R][V];
    for (std::size_t r = 0; r < R; ++r) {
        for (std::size_t v = 0; v < V; ++v) {
            sums[r][v] = load(out + r * strip.columns + v * kWide);
        }
    }
    const float* panel = strip.panel;
    for (std::size_t k = 0; k < strip.inner; ++k, panel += V * kWide, from += strip.column_step) {
        Wide right[V];
        for (std::size_t v = 0; v < V; ++v) {
            right[v] = load(panel + v * kWide);
        }
        for (std::size_t r = 0; r < R; ++r) {
            const float factor = from[r * strip.row_step];
            for (std::size_t v = 0; v < V; ++v) {
                sums[r][v] = fused(factor, right[v], sums[r][v]);
            }
        }
    }
    for (std::size_t r = 0; r < R; ++r) {
        for (std::size_t v = 0; v < V; ++v) {
            store(out + r * strip.columns + v * kWide, sums[r][v]);
        }
    }
}

template <std::size_t V>
inline void strip_of(const Strip& strip) {
    const float* left = strip.left;
    float* out = strip.out;
    std::size_t rows = strip.rows;
    for (; rows >= kRows; rows -= kRows) {
        tile<kRows, V>(strip, left, out);
        left += kRows * strip.row_step;
        out += kRows * strip.columns;
    }
    for (; rows > 0; --rows) {
        tile<1, V>(strip, left, out);
        left += strip.row_step;
        out += strip.columns;
    }
}

inline void run(const Strip& strip) {
    if (strip.both) {
        strip_of<32 / kWide>(strip);
    } else {
        strip_of<16 / kWide>(strip);
    }
}

}  // namespace
#endif

}  // namespace ambit::intent_model
