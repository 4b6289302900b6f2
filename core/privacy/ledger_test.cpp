#include "privacy/ledger.h"

#include <gmock/gmock.h>

#include "privacy/home_testing.h"
#include "storage/memory_storage.h"

namespace ambit::privacy {
namespace {

using testing::now_at;

class LedgerTest : public ::testing::Test {
  protected:
    LedgerTest() : ledger(std::make_unique<Ledger>(storage, home.key(home.phone))) {}

    storage::Ticket clear(std::int64_t at, const std::string& what = "light.set") {
        return ledger->append_cleared("device:x", {what, "command"}, Label{Audience(Household{})},
                                      now_at(at));
    }

    void refuse(std::int64_t at, const std::string& to = "device:y") {
        ledger->append_refused(to, {"heart rate", "audience"}, Label{Audience(OnePerson{home.ada})},
                               ErrorCode::AudienceForbids, now_at(at));
    }

    void restart() {
        storage.settle();
        ledger = std::make_unique<Ledger>(storage, home.key(home.phone));
        ASSERT_TRUE(ledger->load());
    }

    // Loads the ledger from a disk whose row `seq` is as `change` leaves it.
    void tamper(std::uint64_t seq, const std::function<void(Bytes&)>& change) {
        storage.settle();
        ASSERT_TRUE(storage.load_streams("ledger", [&](const std::string&, std::uint64_t at, ByteView item) {
            Bytes copy(item.begin(), item.end());
            if (at == seq) {
                change(copy);
            }
            tampered.commit({storage::Append{"ledger", at, {copy}}});
        }));
        tampered.settle();
        ledger = std::make_unique<Ledger>(tampered, home.key(home.phone));
        ASSERT_TRUE(ledger->load());
    }

    testing::Home home;
    storage::MemoryStorage storage;
    storage::MemoryStorage tampered;
    std::unique_ptr<Ledger> ledger;
};

TEST_F(LedgerTest, SurvivesARestartRowByRow) {
    clear(1);
    refuse(2);
    clear(3);
    const auto before = ledger->query({});
    const Digest head = ledger->head();
    restart();
    EXPECT_EQ(ledger->head(), head);
    const auto after = ledger->query({});
    ASSERT_EQ(after.size(), before.size());
    constexpr Here here{"test"};
    for (std::size_t i = 0; i < after.size(); ++i) {
        EXPECT_EQ(after[i].read(here).time, before[i].read(here).time);
        EXPECT_EQ(after[i].label(), before[i].label());
        EXPECT_EQ(after[i].read(here).seq, i + 1);
    }
    EXPECT_FALSE(ledger->verify().error);
    clear(4);
    EXPECT_FALSE(ledger->verify().error);
}

TEST_F(LedgerTest, WhatWasNotDurableIsNotInTheChain) {
    const auto ticket = clear(1);
    storage.settle();
    EXPECT_LE(ticket, storage.durable());
    clear(2);
    storage.crash();
    restart();
    EXPECT_EQ(ledger->query({}).size(), 1U);
    clear(3);
    EXPECT_FALSE(ledger->verify().error);
}

TEST_F(LedgerTest, ShowsTheFirstRowThatWasChanged) {
    for (int i = 0; i < 10; ++i) {
        clear(i);
    }
    tamper(5, [](Bytes& item) { item.back() ^= 1U; });
    const auto report = ledger->verify();
    EXPECT_EQ(report.broken_seq, 5U);
    EXPECT_EQ(report.error->code, ErrorCode::LedgerBroken);
}

TEST_F(LedgerTest, ShowsARowWithoutItsHash) {
    for (int i = 0; i < 3; ++i) {
        clear(i);
    }
    tamper(2, [](Bytes& item) { item.resize(7); });
    EXPECT_EQ(ledger->verify().broken_seq, 2U);
    clear(4);  // and goes on
    EXPECT_EQ(ledger->query({}).size(), 3U);
}

TEST_F(LedgerTest, RefusalsOfOneMinuteShareARow) {
    for (int i = 0; i < 50; ++i) {
        refuse(i);
    }
    EXPECT_EQ(ledger->query({}).size(), 1U);
    ASSERT_TRUE(ledger->next_wake());
    ledger->on_tick(now_at(61));
    const auto rows = ledger->query({.refused_only = true});
    ASSERT_EQ(rows.size(), 2U);
    constexpr Here here{"test"};
    EXPECT_EQ(rows[0].read(here).count, 1U);
    EXPECT_EQ(rows[1].read(here).count, 49U);
    EXPECT_EQ(rows[1].read(here).reason, ErrorCode::AudienceForbids);
    EXPECT_FALSE(ledger->next_wake());
    EXPECT_EQ(ledger->verify().refused, 50U);
}

TEST_F(LedgerTest, AFloodOfKindsStaysBounded) {
    for (int i = 0; i < 5'000; ++i) {
        refuse(0, "device:" + std::to_string(i));
    }
    ledger->flush(now_at(1));
    EXPECT_LE(ledger->query({}).size(), Ledger::kRefusalsMax + 1);
    EXPECT_EQ(ledger->verify().refused, 5'000U);
}

TEST_F(LedgerTest, QueriesByTimeAndVerdict) {
    clear(10);
    refuse(20);
    clear(30);
    EXPECT_EQ(ledger->query({.since = now_at(20).wall}).size(), 2U);
    EXPECT_EQ(ledger->query({.to = now_at(20).wall}).size(), 1U);
    EXPECT_EQ(ledger->query({.refused_only = true}).size(), 1U);
    constexpr Here here{"test"};
    const auto newest = ledger->query({.limit = 1});
    ASSERT_EQ(newest.size(), 1U);
    EXPECT_EQ(newest[0].read(here).seq, 3U);
}

TEST_F(LedgerTest, AMonthEndsInSignedTotals) {
    constexpr std::int64_t kMonth = 31 * 86'400;
    clear(0);
    refuse(1);
    clear(kMonth);
    ASSERT_EQ(ledger->segments().size(), 1U);
    EXPECT_EQ(ledger->segments()[0].month, "2026-11");
    EXPECT_EQ(ledger->segments()[0].cleared, 1U);
    EXPECT_EQ(ledger->segments()[0].refused, 1U);
    restart();
    EXPECT_FALSE(ledger->verify().error);
    EXPECT_EQ(ledger->verify().cleared, 2U);
}

TEST_F(LedgerTest, AClockThatGoesBackKeepsTheOrder) {
    constexpr std::int64_t kMonth = 31 * 86'400;
    clear(kMonth);
    clear(0);
    clear(kMonth);
    EXPECT_TRUE(ledger->segments().empty());
    EXPECT_FALSE(ledger->verify().error);
}

TEST_F(LedgerTest, ShowsTotalsThatWereChanged) {
    constexpr std::int64_t kMonth = 31 * 86'400;
    clear(0);
    clear(kMonth);
    storage.settle();
    auto records = storage.load_table("ledger-segment").value();
    ASSERT_EQ(records.size(), 1U);
    Bytes record = records.begin()->second;
    record.back() ^= 1U;
    storage.commit({storage::Put{"ledger-segment", records.begin()->first, record}});
    restart();
    EXPECT_EQ(ledger->verify().broken_seq, 1U);
}

TEST_F(LedgerTest, OldSegmentsAreTrimmedWholeAndStayProven) {
    for (std::size_t i = 0; i < 2 * Ledger::kLedgerRowsMax; ++i) {
        clear(static_cast<std::int64_t>(i / 100));
        if (i % 1'000 == 0) {
            storage.settle();
        }
    }
    const auto report = ledger->verify();
    EXPECT_FALSE(report.error) << report.error->detail;
    EXPECT_LE(report.rows, Ledger::kLedgerRowsMax);
    EXPECT_EQ(report.cleared, 2 * Ledger::kLedgerRowsMax);
    const Digest old_head = ledger->segments().front().head;
    EXPECT_TRUE(ledger->stood_at(old_head));
    EXPECT_FALSE(ledger->stood_at(Digest(crypto::Seed{3})));
    restart();
    EXPECT_FALSE(ledger->verify().error);
    EXPECT_EQ(ledger->verify().cleared, 2 * Ledger::kLedgerRowsMax);

    // Of the oldest months only the totals are left: one of them that is missing must show.
    const auto records = storage.load_table("ledger-segment").value();
    storage.commit({storage::Erase{"ledger-segment", std::next(records.begin())->first}});
    restart();
    EXPECT_TRUE(ledger->verify().error);
}

TEST_F(LedgerTest, LongTextsAreCut) {
    clear(0, std::string(100'000, 'x'));
    constexpr Here here{"test"};
    EXPECT_EQ(ledger->query({})[0].read(here).what.size(), Ledger::kTextMax);
}

}  // namespace
}  // namespace ambit::privacy
