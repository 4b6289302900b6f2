// Random: where a core object gets nonces and keys from, because it reads no randomness of its own.
//
// Ownership: lent by reference.  Threads: one.  Failure: none.
// Implementations: crypto::SeededRandom (deterministic, from a seed), edge system random.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace ambit {

class Random {
  public:
    virtual ~Random() = default;
    virtual void fill(std::span<std::uint8_t> out) = 0;

    template <std::size_t N>
    std::array<std::uint8_t, N> bytes() {
        std::array<std::uint8_t, N> out{};
        fill(out);
        return out;
    }
    template <typename IdType>
    IdType id() {
        return IdType(bytes<IdType::kSize>());
    }
    // Uniform in [0, bound) by rejection; `bound` > 0.
    std::uint64_t below(std::uint64_t bound) {
        const std::uint64_t limit = ~std::uint64_t{0} - ~std::uint64_t{0} % bound;
        for (;;) {
            std::uint64_t value = 0;
            for (const std::uint8_t byte : bytes<8>()) {
                value = value << 8U | byte;
            }
            if (value < limit) {
                return value % bound;
            }
        }
    }
};

}  // namespace ambit
