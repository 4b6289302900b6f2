// Writer: this device's own channels: queues writes, groups them, chains and signs them.
//
// One commit is under way at a time; what is written meanwhile goes into the next, under one signature per
// channel. Ownership: one per Facts; borrows the table, the fold and the storage.  Threads: the loop's.
// Failure: FactInvalid, ChannelForbidden, FactsBusy.
#pragma once

#include "facts/fold.h"
#include "facts/readers.h"

namespace ambit::facts {

inline constexpr std::size_t kQueuedWriteBytesMax = 32UL * 1024 * 1024;

class Writer {
  public:
    Writer(DeviceId self,
           const crypto::SigningKey& key,
           storage::Storage& storage,
           std::function<Digest()> ledger_head,
           ChannelTable& table,
           const Fold& fold,
           const Readers& readers,
           HlcClock& clock);

    void set_incarnation(const Incarnation& incarnation) { incarnation_ = incarnation; }

    const Incarnation& incarnation() const { return incarnation_; }

    Result<WriteId> put(std::span<const Draft> drafts, Now now);
    // Entries as they are, but for the clock; none is left out for want of room.
    void put_again(const privacy::NamedAudience& audience, std::vector<Entry> entries, Now now);

    bool is_idle() const { return in_flight_ == 0 && queue_.empty(); }

    // Commits what is queued unless a commit is under way; the caller keeps what is returned till it is
    // durable.
    std::vector<Undurable> flush();
    void on_durable(storage::Ticket up_to);

    void on_storage_failed(const Error& error) { failed_ = error; }

    WriteId durable_write() const { return durable_write_; }

  private:
    struct Queued {
        privacy::NamedAudience audience;
        Entry entry;
    };

    struct Addition {
        EntryHash hash;
        Entry entry;
    };

    // What goes into one channel with the next commit.
    struct Group {
        Undurable undurable;
        Digest previous;  // the hash before its first entry
        Digest hash;
        storage::Items encoded;
        std::vector<Addition> additions;
    };

    Result<Entry> entry_of(const Draft& draft) const;
    static void chain(Group& group, Entry entry);
    void chain_removal(Group& group, const Queued& removal) const;
    storage::Append sign(Group& group);
    static std::optional<Range> news_of(Group& group);

    DeviceId self_;
    const crypto::SigningKey& key_;
    storage::Storage& storage_;
    std::function<Digest()> ledger_head_;
    ChannelTable& table_;
    const Fold& fold_;
    const Readers& readers_;
    HlcClock& clock_;
    Incarnation incarnation_;
    std::vector<Queued> queue_;
    std::size_t queued_bytes_ = 0;
    storage::Ticket in_flight_ = 0;  // 0: none
    WriteId last_write_ = 0;
    WriteId in_flight_write_ = 0;
    WriteId durable_write_ = 0;
    std::optional<Error> failed_;  // why nothing can be written any more
};

}  // namespace ambit::facts
