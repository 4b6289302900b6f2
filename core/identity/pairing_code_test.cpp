#include "identity/pairing_code.h"

#include <gtest/gtest.h>

#include "crypto/seeded_random.h"

namespace ambit::identity {
namespace {

TEST(PairingCode, ReadsWhatPeopleType) {
    for (const std::string_view text : {"4821-7730", "48217730", "4821 7730", " 4 8 2 1-7730"}) {
        EXPECT_EQ(PairingCode::parse(text).value().text(), "4821-7730") << text;
    }
    for (const std::string_view text : {"", "4821773", "482177301", "4821773x", "+48217730"}) {
        EXPECT_EQ(PairingCode::parse(text).error().code, ErrorCode::InvalidArgument) << text;
    }
}

TEST(PairingCode, IsGeneratedFromTheGivenRandomness) {
    crypto::SeededRandom a(crypto::Seed{1});
    crypto::SeededRandom b(crypto::Seed{1});
    EXPECT_EQ(PairingCode::generate(a).text(), PairingCode::generate(b).text());
    EXPECT_NE(PairingCode::generate(a).text(), PairingCode::generate(a).text());
}

TEST(PairingInvitation, RoundTripsAndIgnoresUnknownFields) {
    crypto::SeededRandom random(crypto::Seed{2});
    const PairingInvitation invitation{PairingCode::generate(random), "192.168.1.20:7443",
                                       random.id<DeviceId>()};
    const auto read = PairingInvitation::parse(invitation.text() + "&later=1");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->text(), invitation.text());
    for (const std::string_view bad :
         {"", "ambit:pair?", "ambit:pair?code=1", "ambit:pair?code", "http://x/?code=48217730",
          "ambit:pair?code=48217730&at=x&device=00"}) {
        EXPECT_FALSE(PairingInvitation::parse(bad)) << bad;
    }
}

}  // namespace
}  // namespace ambit::identity
