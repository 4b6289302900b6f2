#include "storage/memory_storage.h"

#include <gtest/gtest.h>

namespace ambit::storage {
namespace {

class Recorder final : public StorageEvents {
  public:
    void on_durable(Ticket up_to) override { durable = up_to; }

    void on_read(ReadId /*id*/, Result<Items> items) override { read = items.value(); }

    void on_storage_failed(const Error& error) override { failed = error.code; }

    Ticket durable = 0;
    Items read;
    std::optional<ErrorCode> failed;
};

TEST(MemoryStorage, IsNotDurableBeforeItSettles) {
    MemoryStorage storage;
    Recorder recorder;
    storage.set_events(&recorder);
    const Ticket ticket = storage.commit({Append{"s", 1, {to_bytes("a"), to_bytes("b")}}});
    EXPECT_LT(storage.durable(), ticket);
    EXPECT_EQ(recorder.durable, 0U);
    storage.settle();
    EXPECT_EQ(recorder.durable, ticket);
    storage.read({.stream = "s", .first_seq = 2});
    storage.settle();
    EXPECT_EQ(recorder.read, Items{to_bytes("b")});
}

TEST(MemoryStorage, ACrashForgetsOnlyWhatWasNotDurable) {
    MemoryStorage storage;
    storage.commit({Put{"t", "kept", to_bytes("1")}});
    storage.settle();
    storage.commit({Put{"t", "lost", to_bytes("2")}});
    storage.crash();
    const auto table = storage.load_table("t").value();
    EXPECT_TRUE(table.contains("kept"));
    EXPECT_FALSE(table.contains("lost"));
}

TEST(MemoryStorage, FailureIsReported) {
    MemoryStorage storage;
    Recorder recorder;
    storage.set_events(&recorder);
    storage.fail(Error{ErrorCode::StorageFailed, "full"});
    storage.commit({});
    storage.settle();
    EXPECT_EQ(recorder.failed, ErrorCode::StorageFailed);
    EXPECT_EQ(recorder.durable, 0U);
}

}  // namespace
}  // namespace ambit::storage
