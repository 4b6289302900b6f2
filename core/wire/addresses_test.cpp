#include "wire/addresses.h"

#include <gmock/gmock.h>

#include "privacy/home_testing.h"
#include "wire/limits.h"

namespace ambit::wire {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Address at(int host) {
    return {"10.0.0." + std::to_string(host), 7447};
}

class AddressBookTest : public ::testing::Test {
  protected:
    AddressBookTest() { book.set_roster(home.view()); }

    AddressRecord record(const DeviceId& device,
                         std::vector<Address> addresses,
                         std::uint64_t sequence) const {
        return sign_address_record(home.key(device), std::move(addresses), sequence, now_at(0).wall);
    }

    static Now now_at(std::int64_t at) { return ambit::testing::now_at(at); }

    ambit::testing::Home home;
    AddressBook book;
};

TEST_F(AddressBookTest, BestSourceFirstAndTheNewestHintBeforeOlderOnes) {
    ASSERT_TRUE(book.add_hint(home.hub, at(4)));
    ASSERT_TRUE(book.add_hint(home.hub, at(5)));
    ASSERT_TRUE(book.merge(record(home.hub, {at(2), at(3)}, 1)));
    ASSERT_TRUE(book.add_static(home.hub, at(1)));
    EXPECT_THAT(book.candidates(home.hub), ElementsAre(at(1), at(2), at(3), at(5), at(4)));
    book.note_success(home.hub, at(4));
    EXPECT_THAT(book.candidates(home.hub), ElementsAre(at(4), at(1), at(2), at(3), at(5)));
}

TEST_F(AddressBookTest, NoAddressTwice) {
    ASSERT_TRUE(book.add_static(home.hub, at(1)));
    ASSERT_TRUE(book.add_static(home.hub, at(1)));
    ASSERT_TRUE(book.merge(record(home.hub, {at(1), at(1)}, 1)));
    EXPECT_TRUE(book.add_hint(home.hub, at(1)));
    EXPECT_FALSE(book.add_hint(home.hub, at(1)));
    EXPECT_THAT(book.candidates(home.hub), ElementsAre(at(1)));
}

TEST_F(AddressBookTest, TheRecordWithTheHigherSequenceReplacesTheOther) {
    EXPECT_TRUE(book.merge(record(home.hub, {at(2)}, 2)).value());
    EXPECT_FALSE(book.merge(record(home.hub, {at(1)}, 1)).value());
    EXPECT_FALSE(book.merge(record(home.hub, {at(9)}, 2)).value());
    EXPECT_THAT(book.candidates(home.hub), ElementsAre(at(2)));
    EXPECT_TRUE(book.merge(record(home.hub, {at(3)}, 3)).value());
    EXPECT_THAT(book.candidates(home.hub), ElementsAre(at(3)));
    EXPECT_THAT(book.records(), SizeIs(1));
    EXPECT_EQ(book.record(home.hub)->sequence, 3U);
}

TEST_F(AddressBookTest, TakesARecordOnlyFromTheDeviceItself) {
    AddressRecord forged = record(home.phone, {at(66)}, 9);
    forged.device = home.hub;
    const auto taken = book.merge(forged);
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, ErrorCode::BadAddressRecord);
    AddressRecord changed = record(home.hub, {at(1)}, 1);
    changed.body.back() ^= 1U;
    EXPECT_FALSE(book.merge(changed));
    EXPECT_THAT(book.candidates(home.hub), IsEmpty());
}

TEST_F(AddressBookTest, StrangersHaveNoEntryAndALeaverLosesTheirs) {
    const auto key = crypto::SigningKey::from_seed(crypto::Seed{77});
    const DeviceId stranger = crypto::device_id_of(key.verify_key());
    EXPECT_FALSE(book.add_static(stranger, at(1)));
    EXPECT_FALSE(book.add_hint(stranger, at(1)));
    EXPECT_FALSE(book.merge(sign_address_record(key, {at(1)}, 1, now_at(0).wall)));
    book.note_success(stranger, at(1));
    EXPECT_THAT(book.candidates(stranger), IsEmpty());

    ASSERT_TRUE(book.add_static(home.hub, at(1)));
    home.roster.devices.erase(home.hub);
    book.set_roster(home.view());
    EXPECT_THAT(book.candidates(home.hub), IsEmpty());
}

TEST_F(AddressBookTest, EachSourceHasItsLimit) {
    for (std::size_t i = 0; i < kStaticPerDeviceMax; ++i) {
        EXPECT_TRUE(book.add_static(home.hub, at(static_cast<int>(i))));
    }
    const auto more = book.add_static(home.hub, at(99));
    ASSERT_FALSE(more);
    EXPECT_EQ(more.error().code, ErrorCode::LimitExceeded);
    for (std::size_t i = 0; i <= kHintsPerDeviceMax; ++i) {
        EXPECT_TRUE(book.add_hint(home.phone, at(static_cast<int>(i))));
    }
    // The oldest hint, which is the least likely to be true, made room.
    EXPECT_THAT(book.candidates(home.phone), ElementsAre(at(4), at(3), at(2), at(1)));
}

TEST_F(AddressBookTest, RecordsTravelAsTheyWereSigned) {
    const AddressRecord mine = record(home.hub, {at(1), {"fe80::1%eth0", 2}}, 5);
    const auto read = decode_address_records(encode_address_records({mine}));
    ASSERT_TRUE(read);
    ASSERT_THAT(*read, SizeIs(1));
    EXPECT_EQ(read->front().device, home.hub);
    EXPECT_EQ(read->front().addresses, mine.addresses);
    EXPECT_EQ(read->front().body, mine.body);
    EXPECT_TRUE(book.merge(read->front()).value());
}

TEST_F(AddressBookTest, ARecordSaysAtMostEightAddresses) {
    std::vector<Address> many;
    for (int i = 0; i < 12; ++i) {
        many.push_back(at(i));
    }
    EXPECT_THAT(record(home.hub, many, 1).addresses, SizeIs(kAddressesPerRecordMax));
}

TEST(Address, ReadsNamesAndBothKindsOfIp) {
    EXPECT_EQ(Address::parse("hub.local:80").value(), (Address{"hub.local", 80}));
    EXPECT_EQ(Address::parse("10.0.0.1:7447").value(), (Address{"10.0.0.1", 7447}));
    EXPECT_EQ(Address::parse("[fe80::1%eth0]:1").value(), (Address{"fe80::1%eth0", 1}));
    EXPECT_EQ((Address{"fe80::1", 1}).to_string(), "[fe80::1]:1");
    for (const char* bad :
         {"", ":1", "hub", "hub:", "hub:0", "hub:65536", "hub:1x", "fe80::1:1", "a b:1", "[]:1"}) {
        EXPECT_FALSE(Address::parse(bad)) << bad;
    }
}

TEST(OpaqueInstance, ChangesByTheDayAndTellsNothing) {
    const HouseholdId household({1});
    const DeviceId device({2});
    const std::string today = opaque_instance(household, device, 20'000);
    EXPECT_EQ(today.size(), 32U);
    EXPECT_EQ(today, opaque_instance(household, device, 20'000));
    EXPECT_NE(today, opaque_instance(household, device, 20'001));
    EXPECT_NE(today, opaque_instance(HouseholdId({3}), device, 20'000));
    EXPECT_NE(today, opaque_instance(household, DeviceId({4}), 20'000));
}

}  // namespace
}  // namespace ambit::wire
