#include "store/store.h"

#include <csignal>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>

#include "store/database.h"
#include "store/small_disk_testing.h"

namespace ambit::store {
namespace {

using storage::Append;
using storage::Erase;
using storage::Put;
using storage::Ticket;
using storage::Trim;

class Recorder final : public storage::StorageEvents {
  public:
    void on_durable(Ticket up_to) override { durable = up_to; }

    void on_read(storage::ReadId id, Result<storage::Items> items) override {
        reads.emplace(id, std::move(items));
    }

    void on_storage_failed(const Error& error) override { failed = error; }

    Ticket durable = 0;
    std::map<storage::ReadId, Result<storage::Items>> reads;
    std::optional<Error> failed;
};

class StoreTest : public testing::Test {
  protected:
    StoreTest() {
        std::string name = (std::filesystem::temp_directory_path() / "ambit-store-XXXXXX").string();
        folder_ = mkdtemp(name.data());
    }

    ~StoreTest() override { std::filesystem::remove_all(folder_); }

    std::string state() const { return folder_ + "/state"; }

    // One store with its loop, as a daemon has.
    struct Running {
        explicit Running(const std::string& folder, const std::string& vfs = {}) {
            auto opened = SqliteStore::open({.folder = folder, .vfs = vfs}, loop);
            if (!opened) {
                error = opened.error();
                return;
            }
            store = std::move(*opened);
            store->set_events(&recorder);
        }

        void wait_for(Ticket ticket) {
            while (recorder.durable < ticket && !recorder.failed) {
                turn();
            }
        }

        Result<storage::Items> read(const storage::ReadRequest& request) {
            const auto id = store->read(request);
            while (!recorder.reads.contains(id)) {
                turn();
            }
            return recorder.reads.at(id);
        }

        void turn() {
            loop.io().restart();
            loop.io().run_one();
        }

        Loop loop;
        Recorder recorder;
        std::unique_ptr<SqliteStore> store;
        Error error;
    };

    std::string folder_;
};

TEST_F(StoreTest, KeepsStreamsAndRecordsAcrossRuns) {
    {
        Running first(state());
        ASSERT_TRUE(first.store) << first.error.message();
        EXPECT_TRUE(first.store->is_new());
        first.store->commit(
            {Append{"s", 1, {to_bytes("a"), to_bytes("b"), {}}}, Put{"t", "k", to_bytes("1")}});
        first.store->commit({Put{"t", "k", to_bytes("2")}, Put{"t", "gone", to_bytes("x")}});
        first.wait_for(
            first.store->commit({Erase{"t", "gone"}, Append{"s", 4, {to_bytes("d")}}, Trim{"s", 2}}));
        EXPECT_EQ(first.store->durable(), 3U);
    }
    Running second(state());
    ASSERT_TRUE(second.store) << second.error.message();
    EXPECT_FALSE(second.store->is_new());
    std::vector<std::pair<std::uint64_t, std::string>> items;
    ASSERT_TRUE(
        second.store->load_streams("s", [&items](const std::string&, std::uint64_t seq, ByteView item) {
            items.emplace_back(seq, to_text(item));
        }));
    EXPECT_EQ(items, (decltype(items){{2, "b"}, {3, ""}, {4, "d"}}));
    const auto table = second.store->load_table("t").value();
    EXPECT_EQ(table, (std::map<std::string, Bytes>{{"k", to_bytes("2")}}));
}

TEST_F(StoreTest, ReadsUpToItsLimitsButAtLeastOneItem) {
    Running running(state());
    running.wait_for(running.store->commit({Append{"s", 1, {Bytes(100), Bytes(100), Bytes(100)}}}));
    EXPECT_EQ(running.read({.stream = "s", .items_max = 2}).value().size(), 2U);
    EXPECT_EQ(running.read({.stream = "s", .first_seq = 2, .bytes_max = 10}).value().size(), 1U);
    EXPECT_EQ(running.read({.stream = "s", .first_seq = 4}).value().size(), 0U);
    EXPECT_EQ(running.read({.stream = "unknown"}).value().size(), 0U);
}

TEST_F(StoreTest, LoadingSeesWhatWasCommittedBefore) {
    Running running(folder_);
    running.store->commit({Append{"s", 1, {to_bytes("a")}}});
    std::size_t items = 0;
    ASSERT_TRUE(running.store->load_streams("s", [&](const auto&, auto, auto) { ++items; }).has_value());
    EXPECT_EQ(items, 1U);
}

// A stream of numbers, appended in transactions of many sizes: what a reader gets does not depend on them.
TEST_F(StoreTest, ReadsFromAnywhereHoweverItWasAppended) {
    constexpr std::uint64_t kItems = 60;
    Running running(state());
    std::uint64_t next = 1;
    for (std::uint64_t size = 1; next <= kItems; ++size) {
        Append append{"s", next, {}};
        for (; append.items.size() < size && next <= kItems; ++next) {
            append.items.push_back(to_bytes(std::to_string(next)));
        }
        running.wait_for(running.store->commit({std::move(append)}));
    }
    for (std::uint64_t first = 1; first <= kItems; ++first) {
        const auto some = running.read({.stream = "s", .first_seq = first, .items_max = 7}).value();
        ASSERT_EQ(some.size(), std::min<std::uint64_t>(7, kItems + 1 - first));
        std::uint64_t at = first;
        for (const ByteView item : some) {
            EXPECT_EQ(to_text(item), std::to_string(at++));
        }
    }
}

TEST_F(StoreTest, TrimsWithinWhatWasAppendedTogether) {
    Running running(state());
    const auto first_left = [&running] {
        const auto items = running.read({.stream = "s"}).value();
        return items.empty() ? "" : to_text(*items.begin());
    };
    running.store->commit({Append{"s", 1, {to_bytes("1"), to_bytes("2"), to_bytes("3")}}});
    running.wait_for(running.store->commit({Append{"s", 4, {to_bytes("4"), to_bytes("5")}}, Trim{"s", 2}}));
    EXPECT_EQ(first_left(), "2");
    running.wait_for(running.store->commit({Trim{"s", 5}}));
    EXPECT_EQ(first_left(), "5");
    running.wait_for(running.store->commit({Append{"s", 6, {to_bytes("6")}}, Trim{"s", 7}}));
    EXPECT_EQ(first_left(), "");
    running.wait_for(running.store->commit({Append{"s", 7, {to_bytes("7")}}}));
    EXPECT_EQ(first_left(), "7");
}

TEST_F(StoreTest, AppendsMoreThanOneRunHolds) {
    Running running(state());
    Append append{"s", 1, std::vector<Bytes>(10, Bytes(kRunBytes / 3, 1))};
    running.wait_for(running.store->commit({std::move(append)}));
    EXPECT_EQ(running.read({.stream = "s", .bytes_max = 1UL << 30U}).value().size(), 10U);
    EXPECT_EQ(running.read({.stream = "s", .first_seq = 10}).value().size(), 1U);
}

TEST_F(StoreTest, ADamagedRunIsAnErrorAndNoCrash) {
    { Running(state()).store->commit({Append{"s", 1, {to_bytes("a"), to_bytes("b")}}}); }
    sqlite3* handle = nullptr;
    ASSERT_EQ(sqlite3_open((state() + "/ambit.db").c_str(), &handle), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(handle, "UPDATE runs SET items = x'ffffffff00'", nullptr, nullptr, nullptr),
              SQLITE_OK);
    sqlite3_close(handle);
    Running running(state());
    EXPECT_EQ(running.read({.stream = "s"}).error().code, ErrorCode::StoreDamaged);
    const auto loaded = running.store->load_streams("s", [](const std::string&, std::uint64_t, ByteView) {});
    EXPECT_EQ(loaded.error().code, ErrorCode::StoreDamaged);
}

TEST_F(StoreTest, ManyCommitsBecomeDurableInOrder) {
    Running running(state());
    Ticket last = 0;
    for (std::uint64_t i = 1; i <= 500; ++i) {
        last = running.store->commit({Append{"s", i, {to_bytes(std::to_string(i))}}});
    }
    running.wait_for(last);
    EXPECT_EQ(running.read({.stream = "s", .items_max = 1000}).value().size(), 500U);
}

TEST_F(StoreTest, OnlyItsUserMayReadIt) {
    Running running(state());
    running.wait_for(running.store->commit({Put{"t", "k", {}}}));

    struct stat info {};

    ASSERT_EQ(stat(state().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0700U);
    for (const auto& file : std::filesystem::directory_iterator(state())) {
        ASSERT_EQ(stat(file.path().c_str(), &info), 0);
        EXPECT_EQ(info.st_mode & 0777U, 0600U) << file.path();
    }
}

TEST_F(StoreTest, ASecondDaemonIsRefused) {
    Running first(state());
    Running second(state());
    EXPECT_FALSE(second.store);
    EXPECT_EQ(second.error.code, ErrorCode::StoreLocked);
}

TEST_F(StoreTest, ANewerSchemaAndGarbageAreRefused) {
    { Running running(state()); }
    sqlite3* handle = nullptr;
    ASSERT_EQ(sqlite3_open((state() + "/ambit.db").c_str(), &handle), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(handle, "PRAGMA user_version = 99", nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(handle);
    EXPECT_EQ(Running(state()).error.code, ErrorCode::StoreNewer);
    std::ofstream(state() + "/ambit.db") << std::string(8192, 'x');
    EXPECT_EQ(Running(state()).error.code, ErrorCode::StoreDamaged);
    EXPECT_EQ(Running("/proc/nowhere/state").error.code, ErrorCode::StoreUnusable);
}

TEST_F(StoreTest, AFailedWriteMakesItReadOnlyForGood) {
    Running running(state());
    running.wait_for(running.store->commit({Append{"s", 1, {to_bytes("kept")}}}));
    running.wait_for(running.store->commit({Append{"s", 9, {to_bytes("a gap")}}, Put{"t", "k", {}}}));
    ASSERT_TRUE(running.recorder.failed);
    EXPECT_EQ(running.recorder.failed->code, ErrorCode::StorageFailed);
    running.store->commit({Append{"s", 2, {to_bytes("dropped")}}});
    EXPECT_EQ(running.read({.stream = "s"}).value(), std::vector<Bytes>{to_bytes("kept")});
    EXPECT_TRUE(running.store->load_table("t").value().empty());
    EXPECT_EQ(running.store->durable(), 1U);
}

// Every item of stream "s", which must be numbered without a gap.
std::uint64_t count_items(SqliteStore& store) {
    std::uint64_t count = 0;
    EXPECT_TRUE(store.load_streams(
        "s", [&](const std::string&, std::uint64_t seq, ByteView) { EXPECT_EQ(seq, ++count); }));
    return count;
}

TEST_F(StoreTest, AFullDiskIsSaidClearlyAndNothingAcknowledgedIsLost) {
    std::uint64_t committed = 0;
    std::uint64_t acknowledged = 0;
    {
        const SmallDisk disk("small", 600'000);
        std::filesystem::create_directory(state());
        Running running(state(), disk.name());
        ASSERT_TRUE(running.store) << running.error.message();
        while (!running.recorder.failed && committed < 1000) {
            running.wait_for(running.store->commit({Append{"s", ++committed, {Bytes(4000, 7)}}}));
            acknowledged = running.recorder.durable;
        }
        ASSERT_TRUE(running.recorder.failed);
        EXPECT_EQ(running.recorder.failed->code, ErrorCode::StorageFailed);
        EXPECT_EQ(running.recorder.failed->detail, "database or disk is full");
        EXPECT_GT(acknowledged, 10U);
        // It goes on reading, and drops every write, also one that would fit.
        EXPECT_EQ(running.read({.stream = "s", .items_max = 3}).value().size(), 3U);
        running.store->commit({Put{"t", "k", to_bytes("small")}});
        EXPECT_EQ(count_items(*running.store), acknowledged);
        EXPECT_TRUE(running.store->load_table("t").value().empty());
    }
    // The same folder on a disk with room.
    Running later(state());
    ASSERT_TRUE(later.store) << later.error.message();
    EXPECT_EQ(count_items(*later.store), acknowledged);
    later.wait_for(later.store->commit({Append{"s", acknowledged + 1, {to_bytes("more")}}}));
    EXPECT_FALSE(later.recorder.failed);
}

TEST_F(StoreTest, WritesThroughTheVfsItIsGiven) {
    const SmallDisk disk("counted", 10'000'000);
    std::filesystem::create_directory(state());
    Running running(state(), disk.name());
    ASSERT_TRUE(running.store) << running.error.message();
    const long before = SmallDisk::room();
    running.wait_for(running.store->commit({Append{"s", 1, {Bytes(20'000, 7)}}}));
    EXPECT_LE(SmallDisk::room(), before - 20'000);
    EXPECT_EQ(Running(state() + "2", "no such vfs").error.code, ErrorCode::StoreUnusable);
}

// Spoils what every page but the first says of itself.
void flip_pages(const std::string& path) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    constexpr std::streamoff page = 4096;
    const auto size = static_cast<std::streamoff>(std::filesystem::file_size(path));
    ASSERT_GT(size, 8 * page);
    for (std::streamoff at = page; at < size; at += page) {
        file.seekp(at);
        file.put('\x77');
    }
}

TEST_F(StoreTest, FlippedPagesAreDamageNotACrash) {
    {
        Running running(state());
        running.wait_for(running.store->commit(
            {Append{"s", 1, std::vector<Bytes>(200, Bytes(1000, 7))}, Put{"t", "k", {}}}));
    }
    flip_pages(state() + "/ambit.db");
    Running running(state());
    if (running.store) {  // it was closed cleanly, so that not every page was looked at
        const auto items = running.store->load_streams("", [](const auto&, auto, auto) {});
        ASSERT_FALSE(items);
        running.error = items.error();
    }
    EXPECT_EQ(running.error.code, ErrorCode::StoreDamaged);
    EXPECT_NE(running.error.message().find("malformed"), std::string::npos) << running.error.message();
}

TEST_F(StoreTest, AfterAnUncleanStopEveryPageIsLookedAt) {
    {
        Running running(state());
        running.wait_for(running.store->commit({Append{"s", 1, std::vector<Bytes>(200, Bytes(1000, 7))}}));
    }
    const std::string path = state() + "/ambit.db";
    sqlite3* handle = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &handle), SQLITE_OK);
    ASSERT_EQ(
        sqlite3_exec(handle, "UPDATE state SET value = 1 WHERE name = 'open'", nullptr, nullptr, nullptr),
        SQLITE_OK);
    sqlite3_close(handle);
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(-4096, std::ios::end);
    file.put('\x77');
    file.close();
    EXPECT_EQ(Running(state()).error.code, ErrorCode::StoreDamaged);
}

// The child commits and tells each durable ticket through the pipe until it is killed.
[[noreturn]] void commit_until_killed(const std::string& folder, std::uint64_t first_seq, int pipe) {
    class Teller final : public storage::StorageEvents {
      public:
        Teller(std::uint64_t first_seq, int pipe) : seq_(first_seq), pipe_(pipe) {}

        void on_durable(Ticket up_to) override {
            const std::uint64_t durable = seq_ + up_to - 1;
            static_cast<void>(!write(pipe_, &durable, sizeof durable));
            more();
        }

        void on_read(storage::ReadId /*id*/, Result<storage::Items> /*items*/) override {}

        void on_storage_failed(const Error& /*error*/) override { _exit(1); }

        void more() {
            for (int i = 0; i < 3; ++i) {
                store->commit({Append{"s", next_++, {Bytes(200, 7)}}});
            }
        }

        SqliteStore* store = nullptr;

      private:
        std::uint64_t seq_;
        std::uint64_t next_ = seq_;
        int pipe_;
    };

    Loop loop;
    auto store = SqliteStore::open({.folder = folder, .vfs = {}}, loop);
    if (!store) {
        _exit(2);
    }
    Teller teller(first_seq, pipe);
    teller.store = store->get();
    (*store)->set_events(&teller);
    teller.more();
    loop.run([] {});
    _exit(3);
}

TEST_F(StoreTest, NothingAcknowledgedIsLostToKill9) {
    std::uint64_t acknowledged = 0;
    std::uint64_t stored = 0;
    for (int round = 0; round < 12; ++round) {
        int ends[2];
        ASSERT_EQ(pipe(ends), 0);
        const pid_t child = fork();
        if (child == 0) {
            close(ends[0]);
            commit_until_killed(state(), stored + 1, ends[1]);
        }
        close(ends[1]);
        // A moment that depends on the work done, and not on a clock.
        for (int told = 0; told < 1 + round * 5; ++told) {
            std::uint64_t durable = 0;
            ASSERT_EQ(read(ends[0], &durable, sizeof durable), static_cast<ssize_t>(sizeof durable));
            acknowledged = durable;
        }
        kill(child, SIGKILL);
        std::uint64_t durable = 0;
        while (read(ends[0], &durable, sizeof durable) == static_cast<ssize_t>(sizeof durable)) {
            acknowledged = durable;
        }
        close(ends[0]);
        ASSERT_EQ(waitpid(child, nullptr, 0), child);

        Running reopened(state());
        ASSERT_TRUE(reopened.store) << reopened.error.message();
        std::uint64_t expected = 1;
        ASSERT_TRUE(
            reopened.store->load_streams("s", [&](const std::string&, std::uint64_t seq, ByteView item) {
                EXPECT_EQ(seq, expected++);
                EXPECT_EQ(item.size(), 200U);
            }));
        stored = expected - 1;
        EXPECT_GE(stored, acknowledged);
    }
    EXPECT_GT(stored, 12U);
}

}  // namespace
}  // namespace ambit::store
