#include "crypto/keys.h"

#include <ostream>
#include <type_traits>

#include <gtest/gtest.h>
#include <sodium.h>

#include "crypto/aead.h"
#include "crypto/cpace.h"
#include "crypto/hash.h"
#include "crypto/seeded_random.h"
#include "crypto/words.h"

namespace ambit::crypto {
namespace {

template <typename T>
concept Comparable = requires(const T& a, const T& b) {
    a == b;
};

template <typename T>
concept Printable = requires(std::ostream& out, const T& a) {
    out << a;
};

template <typename T>
constexpr bool kKeepsItsSecret = !Comparable<T> && !Printable<T> && !std::is_copy_constructible_v<T>;

static_assert(kKeepsItsSecret<SigningKey>);
static_assert(kKeepsItsSecret<SealKey>);
static_assert(kKeepsItsSecret<AeadKey>);
static_assert(kKeepsItsSecret<Cpace>);
static_assert(kKeepsItsSecret<CpaceKey>);
static_assert(kKeepsItsSecret<RecoverySecret>);
static_assert(Comparable<VerifyKey>);
static_assert(!std::is_constructible_v<SealPublicKey, VerifyKey>);
static_assert(!std::is_constructible_v<VerifyKey, SealPublicKey>);
static_assert(!std::is_convertible_v<SigningKey, SealKey>);

TEST(SigningKey, SignsForOnePurposeOnly) {
    SeededRandom random(Seed{2});
    const SigningKey key = SigningKey::generate(random);
    const Bytes message = to_bytes("a message");
    const Signature signature = key.sign(kRosterOperation, message);
    EXPECT_TRUE(key.verify_key().verify(kRosterOperation, message, signature));
    EXPECT_EQ(key.verify_key().verify(kRosterConsent, message, signature).error().code,
              ErrorCode::BadSignature);
    EXPECT_FALSE(key.verify_key().verify(kRosterOperation, to_bytes("b message"), signature));
    EXPECT_FALSE(SigningKey::generate(random).verify_key().verify(kRosterOperation, message, signature));
}

TEST(SigningKey, SignsTheDocumentedBytes) {
    const SigningKey key = SigningKey::from_seed(Seed{3});
    Bytes documented = to_bytes("ambit/v1/roster-op");
    documented.push_back(0);
    documented.push_back('x');
    EXPECT_EQ(
        crypto_sign_verify_detached(key.sign(kRosterOperation, view_of("x")).bytes().data(),
                                    documented.data(), documented.size(), key.verify_key().bytes().data()),
        0);
}

TEST(SigningKey, MatchesRfc8032) {
    Seed seed{};
    const Bytes bytes = from_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60").value();
    std::copy(bytes.begin(), bytes.end(), seed.begin());
    EXPECT_EQ(SigningKey::from_seed(seed).verify_key().hex(),
              "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
}

TEST(VerifyKey, RefusesSmallOrderAndWrongLength) {
    EXPECT_EQ(VerifyKey::from_bytes(Bytes(32)).error().code, ErrorCode::BadKey);
    EXPECT_EQ(VerifyKey::from_bytes(Bytes(31)).error().code, ErrorCode::BadKey);
    const auto good = SigningKey::from_seed(Seed{4}).verify_key();
    EXPECT_EQ(VerifyKey::from_bytes(good.bytes()).value(), good);
}

TEST(SealKey, OpensWhatWasSealedToIt) {
    SeededRandom random(Seed{5});
    const SealKey key = SealKey::generate(random);
    Bytes sealed = key.public_key().seal(view_of("secret"), random);
    EXPECT_EQ(to_text(key.open(sealed).value()), "secret");
    EXPECT_EQ(SealKey::generate(random).open(sealed).error().code, ErrorCode::BadCiphertext);
    sealed.back() ^= 1;
    EXPECT_EQ(key.open(sealed).error().code, ErrorCode::BadCiphertext);
    EXPECT_EQ(key.open(Bytes(47)).error().code, ErrorCode::BadCiphertext);
    EXPECT_EQ(SealPublicKey::from_bytes(Bytes(32)).error().code, ErrorCode::BadKey);
}

TEST(SealKey, OpensWhatLibsodiumSealed) {
    const SealKey key = SealKey::from_seed(Seed{6});
    Bytes sealed(crypto_box_SEALBYTES + 3);
    crypto_box_seal(sealed.data(), view_of("abc").data(), 3, key.public_key().bytes().data());
    EXPECT_EQ(to_text(key.open(sealed).value()), "abc");
}

TEST(AeadKey, AuthenticatesAssociatedDataAndNonce) {
    SeededRandom random(Seed{7});
    const AeadKey key(random.bytes<32>());
    const Bytes sealed = key.seal(view_of("ad"), view_of("text"), random);
    EXPECT_EQ(to_text(key.open(view_of("ad"), sealed).value()), "text");
    EXPECT_FALSE(key.open(view_of("da"), sealed));
    EXPECT_FALSE(key.open(view_of("ad"), Bytes(23)));

    const Bytes numbered = key.seal_numbered(5, view_of("ad"), view_of("text"));
    EXPECT_EQ(to_text(key.open_numbered(5, view_of("ad"), numbered).value()), "text");
    EXPECT_FALSE(key.open_numbered(6, view_of("ad"), numbered));
    EXPECT_FALSE(key.open_numbered(5, view_of("ad"), Bytes(15)));
}

TEST(Hash, DomainsAndBoundariesMatter) {
    EXPECT_NE(hash("a", view_of("bc")), hash("ab", view_of("c")));
    EXPECT_NE(hash_parts("d", {view_of("ab"), view_of("c")}), hash_parts("d", {view_of("a"), view_of("bc")}));
    EXPECT_NE(keyed_hash(Bytes{1}, "d", view_of("x")), hash("d", view_of("x")));

    std::array<std::uint8_t, 32> documented{};
    const Bytes text = to_bytes(
        "\x04"
        "testabc");
    crypto_generichash(documented.data(), documented.size(), text.data(), text.size(), nullptr, 0);
    EXPECT_EQ(hash("test", view_of("abc")), Digest(documented));
}

TEST(SeededRandom, SameSeedSameStream) {
    SeededRandom a(Seed{8});
    SeededRandom b(Seed{8});
    SeededRandom c(Seed{9});
    const auto first = a.bytes<100>();
    EXPECT_EQ(first, b.bytes<100>());
    EXPECT_NE(first, c.bytes<100>());
    EXPECT_NE(a.bytes<100>(), first);
}

}  // namespace
}  // namespace ambit::crypto
