#include "base/ids.h"

#include <gtest/gtest.h>

#include <type_traits>

namespace ambit {
namespace {

TEST(Id, KindsDoNotConvertIntoEachOther) {
    static_assert(!std::is_convertible_v<Digest, DeviceId>);
    static_assert(!std::is_constructible_v<DeviceId, Digest>);
}

TEST(Id, RoundTripsThroughHex) {
    std::array<std::uint8_t, 16> bytes{};
    bytes[0] = 0xab;
    bytes[15] = 0x01;
    const PersonId id(bytes);
    EXPECT_EQ(PersonId::from_hex(id.hex()).value(), id);
    EXPECT_EQ(id.short_hex(), "ab000000");
    EXPECT_FALSE(id.is_zero());
    EXPECT_TRUE(PersonId().is_zero());
}

TEST(Id, RefusesTheWrongLengthAndBadDigits) {
    EXPECT_EQ(PersonId::from_hex("ab").error().code, ErrorCode::BadEncoding);
    EXPECT_EQ(PersonId::from_hex("abc").error().code, ErrorCode::BadEncoding);
    EXPECT_EQ(PersonId::from_hex(std::string(32, 'g')).error().code, ErrorCode::BadEncoding);
}

TEST(Bytes, HexRoundTripsEveryByte) {
    Bytes all;
    for (int i = 0; i < 256; ++i) {
        all.push_back(static_cast<std::uint8_t>(i));
    }
    EXPECT_EQ(from_hex(to_hex(all)).value(), all);
}

}  // namespace
}  // namespace ambit
