// MemoryStorage: the in-memory twin of edge/store, for tests and tools.
//
// Nothing is durable until the test says so: settle() makes all commits durable and delivers pending events;
// crash() forgets what was not durable, as a power loss would.
// Ownership: borrows its StorageEvents.  Threads: one.  Failure: fail() makes it fail as a full disk would.
#pragma once

#include <deque>
#include <optional>

#include "storage/storage.h"

namespace ambit::storage {

class MemoryStorage final : public Storage {
  public:
    void set_events(StorageEvents* events) { events_ = events; }

    Ticket commit(Batch batch) override;

    Ticket durable() const override { return durable_; }

    ReadId read(const ReadRequest& request) override;
    Result<void> load_streams(std::string_view prefix, const StreamVisitor& visitor) override;
    Result<std::map<std::string, Bytes>> load_table(const std::string& table) override;

    // Applies all queued commits and delivers all events, also those that these cause.
    void settle();
    // Applies the next queued commit alone; false if there is none.
    bool settle_one();
    // Forgets every commit that is not durable yet.
    void crash();
    // From now on every commit fails, as with a full disk.
    void fail(Error error);

  private:
    void apply(const Batch& batch);

    StorageEvents* events_ = nullptr;
    Ticket next_ticket_ = 1;
    Ticket durable_ = 0;
    ReadId next_read_ = 1;
    std::deque<std::pair<Ticket, Batch>> queued_;
    std::deque<std::pair<ReadId, ReadRequest>> reads_;
    std::map<std::string, std::map<std::uint64_t, Bytes>> streams_;
    std::map<std::string, std::map<std::string, Bytes>> tables_;
    std::optional<Error> failure_;
};

}  // namespace ambit::storage
