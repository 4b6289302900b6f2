// Sealed boxes in libsodium's format, with the ephemeral key from the caller's randomness: crypto_box_seal
// would read the system's, which the core must not (ARCHITECTURE.md, rule 7).
#include <sodium.h>

#include "crypto/keys.h"
#include "crypto/sodium.h"

namespace ambit::crypto {
namespace {

using BoxNonce = std::array<std::uint8_t, crypto_box_NONCEBYTES>;
using BoxSecret = std::array<std::uint8_t, crypto_box_SECRETKEYBYTES>;

// Same as X25519's secret for crypto_box_seed_keypair: SHA-512 of the seed, first half.
std::array<std::uint8_t, 32> keypair_from(const Seed& seed, BoxSecret& secret) {
    ensure_sodium();
    std::array<std::uint8_t, 32> pub{};
    crypto_box_seed_keypair(pub.data(), secret.data(), seed.data());
    return pub;
}

BoxNonce nonce_of(ByteView ephemeral, ByteView recipient) {
    BoxNonce nonce{};
    crypto_generichash_state state;
    crypto_generichash_init(&state, nullptr, 0, nonce.size());
    crypto_generichash_update(&state, ephemeral.data(), ephemeral.size());
    crypto_generichash_update(&state, recipient.data(), recipient.size());
    crypto_generichash_final(&state, nonce.data(), nonce.size());
    return nonce;
}

}  // namespace

Result<SealPublicKey> SealPublicKey::from_bytes(ByteView bytes) {
    ensure_sodium();
    auto id = Id::from_bytes(bytes);
    // Any 32 bytes are a point; those of small order give everybody the same secret.
    static constexpr BoxSecret kAnyScalar = {8};
    std::array<std::uint8_t, crypto_scalarmult_BYTES> shared{};
    if (!id || crypto_scalarmult(shared.data(), kAnyScalar.data(), bytes.data()) != 0) {
        return Error{ErrorCode::BadKey, "not an X25519 public key"};
    }
    return SealPublicKey(*id);
}

Bytes SealPublicKey::seal(ByteView message, Random& random) const {
    Seed seed = random.bytes<32>();
    BoxSecret secret{};
    const auto ephemeral = keypair_from(seed, secret);
    const BoxNonce nonce = nonce_of(ephemeral, bytes());

    Bytes out(ephemeral.begin(), ephemeral.end());
    out.resize(crypto_box_SEALBYTES + message.size());
    const int failed = crypto_box_easy(out.data() + ephemeral.size(), message.data(), message.size(),
                                       nonce.data(), bytes().data(), secret.data());
    wipe(secret);
    wipe(seed);
    AMBIT_CHECK(failed == 0);  // from_bytes() refused the keys that could make it fail
    return out;
}

SealKey SealKey::generate(Random& random) {
    Seed seed = random.bytes<32>();
    SealKey key = from_seed(seed);
    wipe(seed);
    return key;
}

SealKey SealKey::from_seed(const Seed& seed) {
    SealKey key;
    key.seed_ = seed;
    BoxSecret secret{};
    key.public_key_ = SealPublicKey(keypair_from(seed, secret));
    wipe(secret);
    return key;
}

SealKey::SealKey(SealKey&& other) noexcept : seed_(other.seed_), public_key_(other.public_key_) {
    wipe(other.seed_);
}

SealKey& SealKey::operator=(SealKey&& other) noexcept {
    if (this != &other) {
        seed_ = other.seed_;
        public_key_ = other.public_key_;
        wipe(other.seed_);
    }
    return *this;
}

SealKey::~SealKey() {
    wipe(seed_);
}

Result<Bytes> SealKey::open(ByteView sealed) const {
    if (sealed.size() < crypto_box_SEALBYTES) {
        return Error{ErrorCode::BadCiphertext, "sealed box too short"};
    }
    BoxSecret secret{};
    const auto pub = keypair_from(seed_, secret);
    Bytes out(sealed.size() - crypto_box_SEALBYTES);
    const int failed =
        crypto_box_seal_open(out.data(), sealed.data(), sealed.size(), pub.data(), secret.data());
    wipe(secret);
    if (failed != 0) {
        return Error{ErrorCode::BadCiphertext, "sealed box"};
    }
    return out;
}

}  // namespace ambit::crypto
