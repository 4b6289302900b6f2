// SeededRandom: the same seed gives the same stream (ChaCha20), for keys and nonces inside the core.
//
// Ownership: value; wiped when destroyed.  Threads: one.  Failure: none.
#pragma once

#include "crypto/keys.h"

namespace ambit::crypto {

class SeededRandom final : public Random {
  public:
    explicit SeededRandom(const Seed& seed);
    SeededRandom(const SeededRandom&) = delete;
    SeededRandom& operator=(const SeededRandom&) = delete;
    ~SeededRandom() override;
    void fill(std::span<std::uint8_t> out) override;

  private:
    Seed key_;
    std::uint64_t block_ = 0;
};

}  // namespace ambit::crypto
