// AeadKey: encrypts and authenticates with XChaCha20-Poly1305 (24-byte nonces) and associated data.
//
// Ownership: value, move-only; wiped when destroyed; neither == nor <<.  Threads: any (const).
// Failure: BadCiphertext (1103) for anything that was not sealed with this key, nonce and associated data.
// Spec: draft-irtf-cfrg-xchacha-03 through libsodium.
#pragma once

#include "crypto/keys.h"

namespace ambit::crypto {

class AeadKey {
  public:
    static constexpr std::size_t kNonceSize = 24;
    static constexpr std::size_t kTagSize = 16;

    explicit AeadKey(const Seed& key) : key_(key) {}

    AeadKey(AeadKey&& other) noexcept;
    AeadKey& operator=(AeadKey&& other) noexcept;
    AeadKey(const AeadKey&) = delete;
    AeadKey& operator=(const AeadKey&) = delete;
    ~AeadKey();

    // nonce || ciphertext || tag, with a nonce from `random`.
    Bytes seal(ByteView associated, ByteView message, Random& random) const;
    Result<Bytes> open(ByteView associated, ByteView sealed) const;

    // ciphertext || tag, with `number` as nonce (16 zero bytes, then 8 bytes big-endian).  REQUIRES: one
    // number is used once with one key.
    Bytes seal_numbered(std::uint64_t number, ByteView associated, ByteView message) const;
    Result<Bytes> open_numbered(std::uint64_t number, ByteView associated, ByteView sealed) const;

  private:
    Seed key_;
};

}  // namespace ambit::crypto
