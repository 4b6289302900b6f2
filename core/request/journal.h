// Journal: what this device promised to do and what became of it, durable, for kLife.
//
// Ownership: part of the Executor; borrows Storage (table "journal").  Threads: the loop's.
// Failure: LimitExceeded when kEntriesMax young entries fill it.  Spec: docs/spec/requests.md section
// "Acting".
#pragma once

#include <deque>
#include <map>

#include "capability/descriptor.h"
#include "request/messages.h"
#include "storage/storage.h"

namespace ambit::request {

struct JournalOutcome {
    Outcome outcome = Outcome::Unknown;
    Error error;
    Bytes output;
    privacy::Label label;  // of output
};

struct JournalEntry {
    RequestId request;
    Digest digest;
    std::string capability;
    std::string entity;
    capability::Effect effect = capability::Effect::Absolute;
    WallTime accepted;
    DeviceId from;
    std::optional<JournalOutcome> outcome;
};

Bytes encode(const JournalEntry& entry);
Result<JournalEntry> decode_journal_entry(ByteView bytes);

class Journal {
  public:
    static constexpr std::size_t kEntriesMax = 16'384;
    static constexpr std::chrono::hours kLife{24};
    static constexpr seconds kLifeMin{360};  // longer than a person's yes is good for

    explicit Journal(storage::Storage& storage) : storage_(storage) {}

    // Start-up only.  Ends `once` effects without an outcome as Unknown; drops what is old or unreadable.
    Result<void> load(Now now);
    const JournalEntry* find(const RequestId& request) const;
    // Act only when the ticket is durable.
    Result<storage::Ticket> accept(JournalEntry entry, Now now);
    void finish(const RequestId& request, JournalOutcome outcome);

    std::size_t size() const { return entries_.size(); }

  private:
    // Drops what is older than kLife, and when full the oldest that is older than kLifeMin.
    void drop_old(storage::Batch& batch, WallTime now);

    storage::Storage& storage_;
    std::map<RequestId, JournalEntry> entries_;
    std::deque<RequestId> oldest_first_;
};

}  // namespace ambit::request
