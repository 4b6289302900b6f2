#include "crypto/keys.h"

#include <sodium.h>

#include "base/check.h"
#include "crypto/hash.h"
#include "crypto/sodium.h"

namespace ambit::crypto {
namespace {

Bytes signed_bytes(Purpose purpose, ByteView message) {
    Bytes bytes = to_bytes("ambit/v1/");
    bytes.insert(bytes.end(), purpose.name.begin(), purpose.name.end());
    bytes.push_back(0);
    bytes.insert(bytes.end(), message.begin(), message.end());
    return bytes;
}

}  // namespace

void wipe(std::span<std::uint8_t> secret) {
    sodium_memzero(secret.data(), secret.size());
}

bool equal_in_constant_time(ByteView a, ByteView b) {
    return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

Result<VerifyKey> VerifyKey::from_bytes(ByteView bytes) {
    ensure_sodium();
    auto id = Id::from_bytes(bytes);
    // A point of small order would accept signatures that nobody made.
    std::array<std::uint8_t, crypto_scalarmult_curve25519_BYTES> montgomery{};
    if (!id || crypto_sign_ed25519_pk_to_curve25519(montgomery.data(), bytes.data()) != 0) {
        return Error{ErrorCode::BadKey, "not an Ed25519 public key"};
    }
    return VerifyKey(*id);
}

Result<void> VerifyKey::verify(Purpose purpose, ByteView message, const Signature& signature) const {
    ensure_sodium();
    const Bytes bytes_signed = signed_bytes(purpose, message);
    if (crypto_sign_verify_detached(signature.bytes().data(), bytes_signed.data(), bytes_signed.size(),
                                    bytes().data()) != 0) {
        return Error{ErrorCode::BadSignature, std::string(purpose.name)};
    }
    return {};
}

SigningKey SigningKey::generate(Random& random) {
    Seed seed = random.bytes<32>();
    SigningKey key = from_seed(seed);
    wipe(seed);
    return key;
}

SigningKey SigningKey::from_seed(const Seed& seed) {
    ensure_sodium();
    SigningKey key;
    key.seed_ = seed;
    std::array<std::uint8_t, crypto_sign_SECRETKEYBYTES> secret{};
    std::array<std::uint8_t, VerifyKey::kSize> pub{};
    crypto_sign_seed_keypair(pub.data(), secret.data(), seed.data());
    wipe(secret);
    key.verify_key_ = VerifyKey(pub);
    return key;
}

SigningKey::SigningKey(SigningKey&& other) noexcept : seed_(other.seed_), verify_key_(other.verify_key_) {
    wipe(other.seed_);
}

SigningKey& SigningKey::operator=(SigningKey&& other) noexcept {
    if (this != &other) {
        seed_ = other.seed_;
        verify_key_ = other.verify_key_;
        wipe(other.seed_);
    }
    return *this;
}

SigningKey::~SigningKey() {
    wipe(seed_);
}

Signature SigningKey::sign(Purpose purpose, ByteView message) const {
    // libsodium's secret key is the seed, then the public key.
    std::array<std::uint8_t, crypto_sign_SECRETKEYBYTES> secret{};
    std::copy(seed_.begin(), seed_.end(), secret.begin());
    std::copy(verify_key_.bytes().begin(), verify_key_.bytes().end(), secret.begin() + seed_.size());
    const Bytes bytes = signed_bytes(purpose, message);
    std::array<std::uint8_t, Signature::kSize> out{};
    crypto_sign_detached(out.data(), nullptr, bytes.data(), bytes.size(), secret.data());
    wipe(secret);
    return Signature(out);
}

DeviceId device_id_of(const VerifyKey& key) {
    return DeviceId::from_bytes(hash("device-id", key.bytes()).bytes()).value();
}

}  // namespace ambit::crypto
