#include "sim/disk.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "crypto/seeded_random.h"
#include "store/database.h"

namespace ambit::sim {
namespace {

using storage::Append;
using storage::Batch;
using storage::Put;

class DiskTest : public testing::Test {
  protected:
    std::unique_ptr<store::Database> open() {
        auto opened = store::Database::open("/ambit.db", disk.vfs());
        EXPECT_TRUE(opened.has_value()) << opened.error().message();
        return std::move(opened).value();
    }

    static Result<void> put(store::Database& database, const std::string& key, std::size_t size = 10) {
        const Batch batch{Put{"table", key, Bytes(size, std::uint8_t{7})}};
        return database.apply({&batch, 1});
    }

    // As a real power loss: the process, and all it had in memory, is gone.
    void lose_power(std::unique_ptr<store::Database> database) {
        disk.power_off();
        database.reset();
        disk.power_on();
    }

    crypto::SeededRandom random{crypto::Seed{42}};
    Disk disk{random};
};

TEST_F(DiskTest, KeepsAcrossACleanStop) {
    auto database = open();
    ASSERT_TRUE(put(*database, "a").has_value());
    database.reset();
    EXPECT_EQ(open()->load_table("table").value().size(), 1U);
}

TEST_F(DiskTest, WhatWasCommittedSurvivesAPowerLossAtAnyWrite) {
    std::size_t losses = 0;
    for (std::uint64_t at = 1; at <= 60; ++at) {
        std::size_t committed = 0;
        auto database = open();
        const std::size_t before = database->load_table("table").value().size();
        disk.lose_power_at(at, [&] { ++losses; });
        while (committed < 20 && put(*database, std::to_string(before + committed), 3000)) {
            ++committed;
        }
        lose_power(std::move(database));
        const std::size_t after = open()->load_table("table").value().size();
        EXPECT_GE(after, before + committed);
        EXPECT_LE(after, before + committed + 1);
    }
    EXPECT_EQ(losses, 60U);
}

TEST_F(DiskTest, ALyingDiskLosesWhatItSaidItSynced) {
    disk.lies_about_syncs = true;
    auto database = open();
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(put(*database, std::to_string(i)).has_value());
    }
    disk.power_off();
    database.reset();
    disk.power_on();
    const auto again = store::Database::open("/ambit.db", disk.vfs());
    EXPECT_TRUE(!again || (*again)->load_table("table").value().size() < 20);
}

TEST_F(DiskTest, AFullDiskRefusesAndKeepsWhatItHas) {
    auto database = open();
    ASSERT_TRUE(put(*database, "a").has_value());
    disk.bytes_max = disk.bytes_used() + 8192;
    EXPECT_FALSE(put(*database, "big", 100'000).has_value());
    EXPECT_EQ(database->load_table("table").value().size(), 1U);
}

TEST_F(DiskTest, AnUnreadableDiskIsAnErrorAndNoCrash) {
    open();
    disk.fails_reads = true;
    EXPECT_FALSE(store::Database::open("/ambit.db", disk.vfs()).has_value());
}

TEST_F(DiskTest, AnImageIsTheDiskAsItWas) {
    auto database = open();
    ASSERT_TRUE(put(*database, "a").has_value());
    const Disk::Image image = disk.image();
    ASSERT_TRUE(put(*database, "b").has_value());
    database.reset();
    Disk clone(random);
    clone.restore(image);
    const auto copy = store::Database::open("/ambit.db", clone.vfs());
    ASSERT_TRUE(copy.has_value());
    EXPECT_EQ((*copy)->load_table("table").value().size(), 1U);
    EXPECT_EQ(open()->load_table("table").value().size(), 2U);
}

}  // namespace
}  // namespace ambit::sim
