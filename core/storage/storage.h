// Storage: the port to the one durable store of a device: append-only streams and small records.
//
// Who implements it: edge/store (SQLite, a worker thread, group commit), MemoryStorage (tests), sim/ later.
// Ordering: commits become durable in the order they were made; a ticket covers all earlier ones.  So "wait
// until durable" is everywhere the same comparison: ticket <= durable(). Threads: the loop's; no call blocks
// except load_*(), which is for start-up only, before the loop runs. Failure: StorageFailed once, for good:
// the store turns read-only and every later commit is dropped (2100-2199).
#pragma once

#include <functional>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "storage/items.h"

namespace ambit::storage {

// Position in the order of commits; 0 is before the first.
using Ticket = std::uint64_t;
using ReadId = std::uint64_t;

// Adds items to the end of `stream`; the first gets `first_seq`, which must be the stream's length so far
// + 1.
struct Append {
    std::string stream;
    std::uint64_t first_seq = 1;
    Items items;
};

// Forgets the items of `stream` below `first_kept_seq`.
struct Trim {
    std::string stream;
    std::uint64_t first_kept_seq = 1;
};

struct Put {
    std::string table;
    std::string key;
    Bytes value;
};

struct Erase {
    std::string table;
    std::string key;
};

// Applied whole or not at all.
using Batch = std::vector<std::variant<Append, Trim, Put, Erase>>;

struct ReadRequest {
    std::string stream;
    std::uint64_t first_seq = 1;
    std::size_t items_max = 256;
    std::size_t bytes_max = 256 * 1024;  // at least one item is returned, whatever its size
};

class Storage {
  public:
    virtual ~Storage() = default;

    // Queues `batch`; on_durable(ticket) or on_storage_failed() follows on the loop.
    virtual Ticket commit(Batch batch) = 0;
    virtual Ticket durable() const = 0;

    // Reads durable items; on_read(id, items) follows on the loop, in seq order, possibly empty.
    virtual ReadId read(const ReadRequest& request) = 0;

    // Start-up only: every item of every stream whose name starts with `prefix`, by stream, in order.
    using StreamVisitor = std::function<void(const std::string& stream, std::uint64_t seq, ByteView item)>;
    virtual Result<void> load_streams(std::string_view prefix, const StreamVisitor& visitor) = 0;
    // Start-up only: all records of `table`.
    virtual Result<std::map<std::string, Bytes>> load_table(const std::string& table) = 0;
};

// What the store tells the loop; implemented by whoever owns the core objects (node::Node).
class StorageEvents {
  public:
    virtual ~StorageEvents() = default;
    virtual void on_durable(Ticket up_to) = 0;
    virtual void on_read(ReadId id, Result<Items> items) = 0;
    virtual void on_storage_failed(const Error& error) = 0;
};

}  // namespace ambit::storage
