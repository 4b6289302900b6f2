// The vectors of draft-irtf-cfrg-cpace-21, section "CPace using group ristretto255 and hash SHA-512" (set 1),
// and of the older testvectors.md of its repository (set 2).
#include "crypto/cpace.h"

#include <gtest/gtest.h>

#include "crypto/seeded_random.h"

namespace ambit::crypto {
namespace {

Bytes hex(std::string_view text) {
    return from_hex(text).value();
}

Seed scalar(std::string_view text) {
    Seed seed{};
    const Bytes bytes = hex(text);
    std::copy(bytes.begin(), bytes.end(), seed.begin());
    return seed;
}

struct Vector {
    std::string_view channel, generator_length, generator, share_a, share_b, point, key_ir, key_oc;
};

constexpr std::string_view kSession = "7e4b4791d6a8ef019b936c79fb7f2c57";
constexpr std::string_view kScalarA = "da3d23700a9e5699258aef94dc060dfda5ebb61f02a5ea77fad53f4ff0976d08";
constexpr std::string_view kScalarB = "d2316b454718c35362d83d69df6320f38578ed5984651435e2949762d900b80d";

constexpr Vector kVectors[] = {
    {"0b415f696e69746961746f720b425f726573706f6e646572", "170",
     "222b6b195fe84b1652badb6f6a3ae3d24341e7306967f0b8115b40d5698c7e56",
     "d6bac480f2c386c394efc7c47adb9925dcd2630b64f240c50f8d0eec482b9157",
     "3ea7e0b19560d7c0b0f5734f63b955286dfa8232b5ebe63324e2d9e7433f7258",
     "80b69a8a76457ab6a4d7f887a4bf6b55a2f80ac19c333f917a05fc9887c8b40f",
     "b69effbf61b51d56401c0f65601abe428de8206feaaf0e32198896dcae7b35cd2b38950a39dfd5d4a79164614c2984f7daa460b"
     "5"
     "88c1e80c3fa2068af7900447",
     "544199d71f62f8d9a1fee55727e24fe4a45844593c2b6013c4fa3969d0e5debb2244675c0b43397cbb68d342b01fc0f98fc9614"
     "6"
     "9a25134de9f0f813c1a57476"},
    {"6f630b425f726573706f6e6465720b415f696e69746961746f72", "172",
     "a6fc82c3b8968fbb2e06fee81ca858586dea50d248f0c7ca6a18b0902a30b36b",
     "d40fb265a7abeaee7939d91a585fe59f7053f982c296ec413c624c669308f87a",
     "08bcf6e9777a9c313a3db6daa510f2d398403319c2341bd506a92e672eb7e307",
     "e22b1ef7788f661478f3cddd4c600774fc0f41e6b711569190ff88fa0e607e09",
     "4c5469a16b2364c4b944ebc1a79e51d1674ad47db26e8718154f59faebfaa52d8346f30aa58377117eb20d527f2cbc5c76381f7"
     "f"
     "d372e89df8239f87f2e02ed1",
     "980dcc5a1c52ceea031e75f38ed266586616488c5c5780285fcbcf79087c7bcdbd993502eee606b718ba31e840a000a7b7befe1"
     "5"
     "ea427c5cfe88344fa1237f35"},
};

class CpaceVectors : public testing::TestWithParam<Vector> {
  protected:
    CpaceContext context() const { return {hex(GetParam().channel), hex(kSession)}; }

    Bytes password_ = to_bytes("Password");
    Bytes data_a_ = to_bytes("ADa");
    Bytes data_b_ = to_bytes("ADb");
};

TEST_P(CpaceVectors, GeneratorAndSharesMatch) {
    const Vector& expected = GetParam();
    EXPECT_EQ(std::to_string(cpace::generator_string(password_, context()).size()),
              expected.generator_length);
    EXPECT_EQ(to_hex(cpace::calculate_generator(password_, context())), expected.generator);
    EXPECT_EQ(to_hex(Cpace::with_scalar(password_, context(), scalar(kScalarA)).share()), expected.share_a);
    EXPECT_EQ(to_hex(Cpace::with_scalar(password_, context(), scalar(kScalarB)).share()), expected.share_b);
}

TEST_P(CpaceVectors, SharedPointAndKeysMatch) {
    const Vector& expected = GetParam();
    const auto a = Cpace::with_scalar(password_, context(), scalar(kScalarA));
    const auto b = Cpace::with_scalar(password_, context(), scalar(kScalarB));
    const CpaceShare point = cpace::scalar_mult_vfy(scalar(kScalarA), b.share()).value();
    EXPECT_EQ(to_hex(point), expected.point);
    EXPECT_EQ(cpace::scalar_mult_vfy(scalar(kScalarB), a.share()).value(), point);

    EXPECT_EQ(to_hex(a.finish_as_initiator(data_a_, b.share(), data_b_).value().expose()), expected.key_ir);
    EXPECT_EQ(to_hex(b.finish_as_responder(data_b_, a.share(), data_a_).value().expose()), expected.key_ir);
    const Bytes symmetric = cpace::transcript_oc(a.share(), data_a_, b.share(), data_b_);
    EXPECT_EQ(to_hex(cpace::derive_key(context().session, point, symmetric).expose()), expected.key_oc);
}

INSTANTIATE_TEST_SUITE_P(Drafts, CpaceVectors, testing::ValuesIn(kVectors));

TEST(Cpace, ScalarMultiplicationVectors) {
    const Seed s = scalar("7cd0e075fa7955ba52c02759a6c90dbbfc10e6d40aea8d283e407d88cf538a05");
    const auto good =
        cpace::scalar_mult_vfy(s, hex("2c3c6b8c4f3800e7aef6864025b4ed79bd599117e427c41bd47d93d654b4a51c"));
    EXPECT_EQ(to_hex(good.value()), "7c13645fe790a468f62c39beb7388e541d8405d1ade69d1778c5fe3e7f6b600e");
    for (const std::string_view bad :
         {"2b3c6b8c4f3800e7aef6864025b4ed79bd599117e427c41bd47d93d654b4a51c",
          "0000000000000000000000000000000000000000000000000000000000000000", "00"}) {
        EXPECT_EQ(cpace::scalar_mult_vfy(s, hex(bad)).error().code, ErrorCode::BadKey) << bad;
    }
}

TEST(Cpace, StringVectors) {
    EXPECT_EQ(to_hex(cpace::prepend_len({})), "00");
    EXPECT_EQ(to_hex(cpace::prepend_len(view_of("1234"))), "0431323334");
    const Bytes long_prefix = cpace::prepend_len(Bytes(128));
    EXPECT_EQ(to_hex(ByteView(long_prefix).first(2)), "8001");
    EXPECT_EQ(long_prefix.size(), 130U);
    EXPECT_EQ(to_hex(cpace::lv_cat({view_of("1234"), view_of("5"), view_of(""), view_of("678")})),
              "043132333401350003363738");
    EXPECT_EQ(to_hex(cpace::o_cat(view_of("ABCD"), view_of("BCD"))), "6f6342434441424344");
    EXPECT_EQ(to_hex(cpace::o_cat(view_of("BCD"), view_of("ABCDE"))), "6f634243444142434445");
    EXPECT_EQ(
        to_hex(cpace::transcript_ir(view_of("123"), view_of("PartyA"), view_of("234"), view_of("PartyB"))),
        "03313233065061727479410332333406506172747942");
    EXPECT_EQ(
        to_hex(cpace::transcript_oc(view_of("123"), view_of("PartyA"), view_of("234"), view_of("PartyB"))),
        "6f6303323334065061727479420331323306506172747941");
}

TEST(Cpace, AnyDifferenceGivesAnotherKey) {
    SeededRandom random(Seed{1});
    const auto key_of = [&](std::string_view password_b, std::string_view session_b,
                            std::string_view data_seen) {
        const auto a = Cpace::start(view_of("48217730"), {to_bytes("channel"), to_bytes("session")}, random);
        const auto b = Cpace::start(view_of(password_b), {to_bytes("channel"), to_bytes(session_b)}, random);
        const auto at_a = a.finish_as_initiator(view_of("A"), b.share(), view_of("B")).value();
        const auto at_b = b.finish_as_responder(view_of("B"), a.share(), view_of(data_seen)).value();
        return to_hex(at_a.expose()) == to_hex(at_b.expose());
    };
    EXPECT_TRUE(key_of("48217730", "session", "A"));
    EXPECT_FALSE(key_of("48217731", "session", "A"));
    EXPECT_FALSE(key_of("48217730", "sessiom", "A"));
    EXPECT_FALSE(key_of("48217730", "session", "M"));
}

}  // namespace
}  // namespace ambit::crypto
