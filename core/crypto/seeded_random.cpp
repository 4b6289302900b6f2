#include "crypto/seeded_random.h"

#include <sodium.h>

#include "crypto/sodium.h"

namespace ambit::crypto {
namespace {

constexpr std::size_t kBlockSize = 64;

}  // namespace

SeededRandom::SeededRandom(const Seed& seed) : key_(seed) {
    ensure_sodium();
}

SeededRandom::~SeededRandom() {
    wipe(key_);
}

void SeededRandom::fill(std::span<std::uint8_t> out) {
    static constexpr std::array<std::uint8_t, crypto_stream_chacha20_NONCEBYTES> kNonce{};
    std::fill(out.begin(), out.end(), std::uint8_t{0});
    crypto_stream_chacha20_xor_ic(out.data(), out.data(), out.size(), kNonce.data(), block_, key_.data());
    // Every call starts a new block: what is left of the last one is never used.
    block_ += (out.size() + kBlockSize - 1) / kBlockSize;
}

}  // namespace ambit::crypto
