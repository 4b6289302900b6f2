#include "crypto/hash.h"

#include <sodium.h>

#include "base/check.h"
#include "crypto/sodium.h"

namespace ambit::crypto {
namespace {

class Hasher {
  public:
    Hasher(ByteView key, std::string_view domain) {
        ensure_sodium();
        AMBIT_CHECK(domain.size() < 256 && key.size() <= crypto_generichash_KEYBYTES_MAX);
        crypto_generichash_init(&state_, key.data(), key.size(), Digest::kSize);
        const auto length = static_cast<std::uint8_t>(domain.size());
        add({&length, 1});
        add(view_of(domain));
    }

    void add(ByteView bytes) { crypto_generichash_update(&state_, bytes.data(), bytes.size()); }

    Digest finish() {
        std::array<std::uint8_t, Digest::kSize> out{};
        crypto_generichash_final(&state_, out.data(), out.size());
        sodium_memzero(&state_, sizeof state_);
        return Digest(out);
    }

  private:
    crypto_generichash_state state_;
};

}  // namespace

Digest hash(std::string_view domain, ByteView bytes) {
    return keyed_hash({}, domain, bytes);
}

Digest hash_parts(std::string_view domain, std::initializer_list<ByteView> parts) {
    Hasher hasher({}, domain);
    for (const ByteView part : parts) {
        std::array<std::uint8_t, 8> length{};
        for (std::size_t i = 0; i < length.size(); ++i) {
            length[i] = static_cast<std::uint8_t>(std::uint64_t{part.size()} >> (56 - 8 * i));
        }
        hasher.add(length);
        hasher.add(part);
    }
    return hasher.finish();
}

Digest keyed_hash(ByteView key, std::string_view domain, ByteView bytes) {
    Hasher hasher(key, domain);
    hasher.add(bytes);
    return hasher.finish();
}

}  // namespace ambit::crypto
