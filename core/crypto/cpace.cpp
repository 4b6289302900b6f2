#include "crypto/cpace.h"

#include <sodium.h>

#include "crypto/sodium.h"

namespace ambit::crypto {
namespace {

constexpr std::string_view kDsi = "CPaceRistretto255";
constexpr std::size_t kSha512BlockSize = 128;
using Sha512 = std::array<std::uint8_t, crypto_hash_sha512_BYTES>;

void append(Bytes& out, ByteView bytes) {
    out.insert(out.end(), bytes.begin(), bytes.end());
}

Sha512 sha512(ByteView bytes) {
    ensure_sodium();
    Sha512 out{};
    crypto_hash_sha512(out.data(), bytes.data(), bytes.size());
    return out;
}

}  // namespace

namespace cpace {

Bytes prepend_len(ByteView bytes) {
    Bytes out;
    std::size_t length = bytes.size();
    while (length >= 0x80) {
        out.push_back(static_cast<std::uint8_t>(length & 0x7fU) | 0x80U);
        length >>= 7U;
    }
    out.push_back(static_cast<std::uint8_t>(length));
    append(out, bytes);
    return out;
}

Bytes lv_cat(std::initializer_list<ByteView> parts) {
    Bytes out;
    for (const ByteView part : parts) {
        append(out, prepend_len(part));
    }
    return out;
}

Bytes o_cat(ByteView a, ByteView b) {
    const bool a_is_larger = std::lexicographical_compare(b.begin(), b.end(), a.begin(), a.end());
    Bytes out = to_bytes("oc");
    append(out, a_is_larger ? a : b);
    append(out, a_is_larger ? b : a);
    return out;
}

Bytes transcript_ir(ByteView share_a, ByteView data_a, ByteView share_b, ByteView data_b) {
    return lv_cat({share_a, data_a, share_b, data_b});
}

Bytes transcript_oc(ByteView share_a, ByteView data_a, ByteView share_b, ByteView data_b) {
    return o_cat(lv_cat({share_a, data_a}), lv_cat({share_b, data_b}));
}

Bytes generator_string(ByteView password, const CpaceContext& context) {
    // The padding keeps the secret in the first hash block, apart from what an attacker may choose.
    const std::size_t used = prepend_len(password).size() + prepend_len(view_of(kDsi)).size() + 1;
    const Bytes padding(used < kSha512BlockSize ? kSha512BlockSize - used : 0);
    return lv_cat({view_of(kDsi), password, padding, context.channel, context.session});
}

CpaceShare calculate_generator(ByteView password, const CpaceContext& context) {
    Bytes text = generator_string(password, context);
    Sha512 digest = sha512(text);
    CpaceShare generator{};
    crypto_core_ristretto255_from_hash(generator.data(), digest.data());
    wipe(text);
    wipe(digest);
    return generator;
}

Result<CpaceShare> scalar_mult_vfy(const Seed& scalar, ByteView point) {
    ensure_sodium();
    CpaceShare out{};
    if (point.size() != out.size() ||
        crypto_scalarmult_ristretto255(out.data(), scalar.data(), point.data()) != 0) {
        return Error{ErrorCode::BadKey, "not a usable CPace share"};
    }
    return out;
}

CpaceKey derive_key(ByteView session, ByteView shared_point, ByteView transcript) {
    const std::string label = std::string(kDsi) + "_ISK";
    Bytes input = lv_cat({view_of(label), session, shared_point});
    append(input, transcript);
    Sha512 digest = sha512(input);
    CpaceKey key(digest);
    wipe(input);
    wipe(digest);
    return key;
}

}  // namespace cpace

CpaceKey& CpaceKey::operator=(CpaceKey&& other) noexcept {
    if (this != &other) {
        bytes_ = other.bytes_;
        wipe(other.bytes_);
    }
    return *this;
}

Cpace Cpace::start(ByteView password, CpaceContext context, Random& random) {
    ensure_sodium();
    Sha512 wide = random.bytes<crypto_core_ristretto255_NONREDUCEDSCALARBYTES>();
    Seed scalar{};
    crypto_core_ristretto255_scalar_reduce(scalar.data(), wide.data());
    Cpace run = with_scalar(password, std::move(context), scalar);
    wipe(wide);
    wipe(scalar);
    return run;
}

Cpace Cpace::with_scalar(ByteView password, CpaceContext context, const Seed& scalar) {
    Cpace run(std::move(context), scalar);
    CpaceShare generator = cpace::calculate_generator(password, run.context_);
    auto share = cpace::scalar_mult_vfy(scalar, generator);
    wipe(generator);
    AMBIT_CHECK(share.has_value());  // only a zero scalar could fail
    run.share_ = *share;
    return run;
}

Cpace::Cpace(Cpace&& other) noexcept
    : context_(std::move(other.context_)), scalar_(other.scalar_), share_(other.share_) {
    wipe(other.scalar_);
}

Result<CpaceKey> Cpace::finish_as_initiator(ByteView own_data,
                                            ByteView peer_share,
                                            ByteView peer_data) const {
    AMBIT_TRY_ASSIGN(CpaceShare point, cpace::scalar_mult_vfy(scalar_, peer_share));
    CpaceKey key = cpace::derive_key(context_.session, point,
                                     cpace::transcript_ir(share_, own_data, peer_share, peer_data));
    wipe(point);
    return key;
}

Result<CpaceKey> Cpace::finish_as_responder(ByteView own_data,
                                            ByteView peer_share,
                                            ByteView peer_data) const {
    AMBIT_TRY_ASSIGN(CpaceShare point, cpace::scalar_mult_vfy(scalar_, peer_share));
    CpaceKey key = cpace::derive_key(context_.session, point,
                                     cpace::transcript_ir(peer_share, peer_data, share_, own_data));
    wipe(point);
    return key;
}

}  // namespace ambit::crypto
