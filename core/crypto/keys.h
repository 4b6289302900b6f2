// Keys and signatures: one type per kind of key, and every signature bound to its purpose.
//
// Ownership: values; secret keys live in wiped memory, and have neither == nor <<.  Threads: any.
// Failure: BadSignature, BadKey, BadCiphertext (1100-1199).
// Spec: Ed25519 (RFC 8032), X25519 sealed boxes, XChaCha20-Poly1305 and BLAKE2b through libsodium;
//       docs/spec/wire.md section "Signatures".
#pragma once

#include <string_view>

#include "base/ids.h"
#include "base/random.h"

namespace ambit::crypto {

using Seed = std::array<std::uint8_t, 32>;

// What a signature is for.  The signed bytes are "ambit/v1/<purpose>" || 0x00 || message, so that a signature
// made for one purpose never verifies for another.
struct Purpose {
    std::string_view name;
};

inline constexpr Purpose kRosterOperation{"roster-op"};
inline constexpr Purpose kRosterConsent{"roster-consent"};
inline constexpr Purpose kRecoveryProof{"recovery-proof"};
inline constexpr Purpose kChannelHead{"channel-head"};
inline constexpr Purpose kLedgerSegment{"ledger-segment"};
inline constexpr Purpose kReleaseRule{"release-rule"};
inline constexpr Purpose kConfirmation{"confirmation"};
inline constexpr Purpose kAddress{"address"};

using Signature = Id<struct SignatureTag, 64>;

// An Ed25519 public key.
class VerifyKey : public Id<struct VerifyKeyTag, 32> {
  public:
    using Id::Id;
    VerifyKey() = default;

    explicit VerifyKey(const Id& id) : Id(id) {}

    static Result<VerifyKey> from_bytes(ByteView bytes);

    // BadSignature unless `signature` is this key's, over `message`, for `purpose`.
    Result<void> verify(Purpose purpose, ByteView message, const Signature& signature) const;
};

// An Ed25519 private key.  Move-only; wiped when destroyed.
class SigningKey {
  public:
    static SigningKey generate(Random& random);
    static SigningKey from_seed(const Seed& seed);
    SigningKey(SigningKey&& other) noexcept;
    SigningKey& operator=(SigningKey&& other) noexcept;
    SigningKey(const SigningKey&) = delete;
    SigningKey& operator=(const SigningKey&) = delete;
    ~SigningKey();

    const VerifyKey& verify_key() const { return verify_key_; }

    Signature sign(Purpose purpose, ByteView message) const;

    // For the key file and the TLS certificate only: the caller wipes it.
    Seed export_seed() const { return seed_; }

  private:
    SigningKey() = default;

    Seed seed_{};
    VerifyKey verify_key_;
};

// An X25519 public key: what others seal secrets to.
class SealPublicKey : public Id<struct SealPublicKeyTag, 32> {
  public:
    using Id::Id;
    SealPublicKey() = default;

    explicit SealPublicKey(const Id& id) : Id(id) {}

    static Result<SealPublicKey> from_bytes(ByteView bytes);

    // The format of libsodium's crypto_box_seal; the ephemeral key comes from `random`.
    Bytes seal(ByteView message, Random& random) const;
};

// An X25519 private key, separate from the signing key.  Move-only; wiped when destroyed.
class SealKey {
  public:
    static SealKey generate(Random& random);
    static SealKey from_seed(const Seed& seed);
    SealKey(SealKey&& other) noexcept;
    SealKey& operator=(SealKey&& other) noexcept;
    SealKey(const SealKey&) = delete;
    SealKey& operator=(const SealKey&) = delete;
    ~SealKey();

    const SealPublicKey& public_key() const { return public_key_; }

    // BadCiphertext if it was not sealed to this key.
    Result<Bytes> open(ByteView sealed) const;

    // For the key file only: the caller wipes it.
    Seed export_seed() const { return seed_; }

  private:
    SealKey() = default;

    Seed seed_{};
    SealPublicKey public_key_;
};

// Overwrites a secret so that the compiler cannot leave it out.
void wipe(std::span<std::uint8_t> secret);

// For authentication codes: takes equally long wherever the two differ.
bool equal_in_constant_time(ByteView a, ByteView b);

// The DeviceId that belongs to a public key.
DeviceId device_id_of(const VerifyKey& key);

}  // namespace ambit::crypto
