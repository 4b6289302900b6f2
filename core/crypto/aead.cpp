#include "crypto/aead.h"

#include <sodium.h>

#include "crypto/sodium.h"

namespace ambit::crypto {
namespace {

using Nonce = std::array<std::uint8_t, AeadKey::kNonceSize>;
static_assert(AeadKey::kNonceSize == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
static_assert(AeadKey::kTagSize == crypto_aead_xchacha20poly1305_ietf_ABYTES);

Nonce numbered_nonce(std::uint64_t number) {
    Nonce nonce{};
    for (std::size_t i = 0; i < 8; ++i) {
        nonce[nonce.size() - 1 - i] = static_cast<std::uint8_t>(number >> (8 * i));
    }
    return nonce;
}

void append_sealed(Bytes& out, const Seed& key, const Nonce& nonce, ByteView associated, ByteView message) {
    ensure_sodium();
    const std::size_t start = out.size();
    out.resize(start + message.size() + AeadKey::kTagSize);
    crypto_aead_xchacha20poly1305_ietf_encrypt(out.data() + start, nullptr, message.data(), message.size(),
                                               associated.data(), associated.size(), nullptr, nonce.data(),
                                               key.data());
}

Result<Bytes> opened(const Seed& key, ByteView nonce, ByteView associated, ByteView sealed) {
    ensure_sodium();
    if (sealed.size() < AeadKey::kTagSize) {
        return Error{ErrorCode::BadCiphertext, "too short"};
    }
    Bytes out(sealed.size() - AeadKey::kTagSize);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(out.data(), nullptr, nullptr, sealed.data(), sealed.size(),
                                                   associated.data(), associated.size(), nonce.data(),
                                                   key.data()) != 0) {
        return Error{ErrorCode::BadCiphertext, "authentication failed"};
    }
    return out;
}

}  // namespace

AeadKey::AeadKey(AeadKey&& other) noexcept : key_(other.key_) {
    wipe(other.key_);
}

AeadKey& AeadKey::operator=(AeadKey&& other) noexcept {
    if (this != &other) {
        key_ = other.key_;
        wipe(other.key_);
    }
    return *this;
}

AeadKey::~AeadKey() {
    wipe(key_);
}

Bytes AeadKey::seal(ByteView associated, ByteView message, Random& random) const {
    const Nonce nonce = random.bytes<kNonceSize>();
    Bytes out(nonce.begin(), nonce.end());
    append_sealed(out, key_, nonce, associated, message);
    return out;
}

Result<Bytes> AeadKey::open(ByteView associated, ByteView sealed) const {
    if (sealed.size() < kNonceSize) {
        return Error{ErrorCode::BadCiphertext, "too short"};
    }
    return opened(key_, sealed.first(kNonceSize), associated, sealed.subspan(kNonceSize));
}

Bytes AeadKey::seal_numbered(std::uint64_t number, ByteView associated, ByteView message) const {
    Bytes out;
    append_sealed(out, key_, numbered_nonce(number), associated, message);
    return out;
}

Result<Bytes> AeadKey::open_numbered(std::uint64_t number, ByteView associated, ByteView sealed) const {
    return opened(key_, numbered_nonce(number), associated, sealed);
}

}  // namespace ambit::crypto
