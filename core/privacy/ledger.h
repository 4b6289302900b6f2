// Ledger: the record of everything that left this device or was refused.
//
// Rows are hash-chained and live in the storage stream "ledger"; the Gate and the ReleaseRules append them.
// A row is durable before the bytes it speaks of leave: they wait for the ticket append() returns.  Segments
// (one a month, or less in a busy month) end in totals signed by this device; old segments are trimmed whole
// and their totals stay. Ownership: one Ledger per node; borrows Storage and the key.  Threads: the loop's.
// Memory: kLedgerRowsMax rows. Failure: LedgerBroken (3007) from verify(); load() takes a broken ledger and
// goes on, so that it can be shown. Spec: docs/spec/privacy.md section "Ledger".
#pragma once

#include <deque>
#include <map>
#include <memory>

#include "crypto/keys.h"
#include "privacy/gate.h"

namespace ambit::privacy {

enum class Verdict : std::uint8_t { Cleared = 1, Refused = 2 };

struct LedgerRow {
    std::uint64_t seq = 0;  // position in the ledger, from 1, without gaps
    WallTime time;          // may go back when the clock does; the order is that of seq
    std::string recipient;  // "device:<hex>", "service:mqtt:home", or an audience such as "household"
    std::string what;       // Egress::what: never content
    std::string rule;
    Label label;  // of the datum
    Verdict verdict = Verdict::Cleared;
    ErrorCode reason = ErrorCode::Internal;  // when refused
    std::uint64_t count = 1;  // how often: refusals of one (recipient, reason, minute) share a row
};

using LabelledRow = Labelled<LedgerRow>;

// "device:<hex>" or "service:<name>".
std::string to_string(const Recipient& recipient);

// What a closed segment held; signed, so that it proves the rows before it after they are trimmed.
struct SegmentTotals {
    std::string month;  // "2026-11", of its first row
    std::uint64_t first_seq = 0;
    std::uint64_t last_seq = 0;
    std::uint64_t cleared = 0;
    std::uint64_t refused = 0;
    Digest before;  // chain head before first_seq
    Digest head;    // chain head after last_seq
    crypto::Signature signature;
};

// Facts of one channel going to one peer in one sync session, or answers of one kind going to one client: the
// first writes the row, later ones share it.
class SyncSession {
  public:
    // `what`: for example "facts household".
    SyncSession(Recipient recipient, std::string what)
        : recipient_(std::move(recipient)), what_(std::move(what)) {}

    const Recipient& recipient() const { return recipient_; }

    const std::string& what() const { return what_; }

  private:
    friend class Gate;

    struct Row {
        Label label;
        storage::Ticket ticket = 0;
    };

    Recipient recipient_;
    std::string what_;
    std::optional<Row> row_;
};

struct LedgerQuery {
    std::optional<WallTime> since = std::nullopt;  // inclusive
    std::optional<WallTime> to = std::nullopt;     // exclusive
    bool refused_only = false;
    std::size_t limit = 1000;  // the newest ones
};

struct LedgerReport {
    std::uint64_t rows = 0;      // kept here
    std::uint64_t segments = 0;  // closed
    std::uint64_t cleared = 0;   // ever
    std::uint64_t refused = 0;   // ever
    // The first row that does not follow from the one before it, or a segment whose totals are wrong.
    std::optional<std::uint64_t> broken_seq;
    std::optional<Error> error;
};

class Ledger {
  public:
    static constexpr std::size_t kLedgerRowsMax = 50'000;
    static constexpr std::size_t kSegmentRowsMax = 10'000;
    static constexpr std::size_t kSegmentsMax = 1'200;  // totals; the oldest are forgotten
    static constexpr std::size_t kRefusalsMax = 256;    // (recipient, reason, label) counted in one minute
    static constexpr std::size_t kTextMax = 200;  // bytes of recipient, what and rule; longer ones are cut

    // Both outlive the ledger.
    Ledger(storage::Storage& storage, const crypto::SigningKey& key);
    ~Ledger();
    Ledger(const Ledger&) = delete;
    Ledger& operator=(const Ledger&) = delete;

    // Start-up only, once, before anything else.  StorageFailed is its only error.
    Result<void> load();

    // The bytes may leave when the returned ticket is durable.
    storage::Ticket append_cleared(const std::string& recipient,
                                   const Egress& why,
                                   const Label& label,
                                   Now now);
    // The first of (recipient, reason, label) writes a row at once, those of the next minute one row when it
    // ends; a crash loses the count of that minute and no more.
    void append_refused(
        const std::string& recipient, const Egress& why, const Label& label, ErrorCode reason, Now now);
    // Writes the rows of refusals whose minute is over.
    void on_tick(Now now);
    std::optional<MonoTime> next_wake() const;
    // Before stopping: writes the rows of all refusals counted so far.
    void flush(Now now);

    // Hash of the whole ledger so far; travels in signed batches, so that peers witness it.
    Digest head() const;
    // Did the ledger ever stand at `head`, as far as its kept rows and totals tell?
    bool stood_at(const Digest& head) const;
    // Walks the chain and checks every signature on totals.
    LedgerReport verify() const;
    // Oldest first.
    std::vector<LabelledRow> query(const LedgerQuery& query) const;
    const std::vector<SegmentTotals>& segments() const;
    // How often `rule` was used since then, as far as kept; for rate limits across restarts.
    std::uint64_t uses_since(std::string_view rule, WallTime since) const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace ambit::privacy
