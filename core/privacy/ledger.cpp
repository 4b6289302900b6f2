#include "privacy/ledger.h"

#include <algorithm>
#include <tuple>

#include "privacy/ledger_codec.h"

namespace ambit::privacy {

namespace {

constexpr const char* kStream = "ledger";
constexpr const char* kSegmentTable = "ledger-segment";
constexpr std::chrono::minutes kRefusalWindow{1};

std::string cut(const std::string& text) {
    return text.substr(0, Ledger::kTextMax);
}

std::string segment_key(std::uint64_t first_seq) {
    const std::string digits = std::to_string(first_seq);
    return std::string(20 - digits.size(), '0') + digits;
}

}  // namespace

std::string to_string(const Recipient& recipient) {
    if (const auto* device = std::get_if<DeviceId>(&recipient)) {
        return "device:" + device->hex();
    }
    return "service:" + std::get<Service>(recipient).name;
}

struct Ledger::Impl {
    // One kept row: its hash (the chain's head after it) and its bytes.
    struct Row {
        Digest head;
        Bytes bytes;
    };

    // Refusals of one kind after the first, until their minute is over.
    struct Refusals {
        LedgerRow row;
        MonoTime ends;
        std::uint64_t more = 0;
    };

    using RefusalKey = std::tuple<std::string, ErrorCode, std::string>;  // recipient, reason, label

    Impl(storage::Storage& storage_in, const crypto::SigningKey& key_in)
        : storage(storage_in), key(key_in), self(crypto::device_id_of(key_in.verify_key())) {}

    std::uint64_t next_seq() const { return first_seq + rows.size(); }

    std::uint64_t open_first_seq() const { return segments.empty() ? 1 : segments.back().last_seq + 1; }

    storage::Ticket append(LedgerRow row);
    void close_segment(const LedgerRow& next, storage::Batch& batch);
    void trim(storage::Batch& batch);
    void count_open(const LedgerRow& row);
    void flush(MonoTime up_to, WallTime wall);
    void report_break(LedgerReport& report, std::uint64_t seq, std::string what) const;
    void verify_segments(LedgerReport& report) const;
    void verify_rows(LedgerReport& report) const;

    storage::Storage& storage;
    const crypto::SigningKey& key;
    DeviceId self;

    std::deque<Row> rows;  // rows[i] has seq first_seq + i
    std::uint64_t first_seq = 1;
    Digest last_head;
    std::vector<SegmentTotals> segments;
    std::vector<Bytes> signed_totals;          // beside segments
    std::optional<std::uint64_t> lost_before;  // rows below this one were missing at load()

    // The segment that is not closed yet.
    std::string open_month;
    std::uint64_t open_cleared = 0;
    std::uint64_t open_refused = 0;

    std::map<RefusalKey, Refusals> refusals;
};

Ledger::Ledger(storage::Storage& storage, const crypto::SigningKey& key)
    : impl_(std::make_unique<Impl>(storage, key)) {}

Ledger::~Ledger() = default;

Result<void> Ledger::load() {
    Impl& me = *impl_;
    AMBIT_TRY_ASSIGN(const auto records, me.storage.load_table(kSegmentTable));
    for (const auto& [key, record] : records) {
        auto segment = decode_segment(record);
        if (!segment) {
            // Kept as an empty one, so that verify() shows it.
            segment = StoredSegment{};
        }
        me.segments.push_back(segment->totals);
        me.signed_totals.push_back(segment->signed_bytes);
    }
    AMBIT_TRY(
        me.storage.load_streams(kStream, [&](const std::string& stream, std::uint64_t seq, ByteView item) {
            if (stream != kStream) {
                return;
            }
            if (seq != me.next_seq()) {
                if (!me.rows.empty()) {
                    me.lost_before = seq;
                }
                me.rows.clear();
                me.first_seq = seq;
            }
            Impl::Row row;
            const std::size_t hash_size = std::min(item.size(), Digest::kSize);
            // A damaged item becomes a row that does not follow from the one before it.
            row.head = Digest::from_bytes(item.first(hash_size)).value_or(Digest());
            row.bytes.assign(item.begin() + static_cast<std::ptrdiff_t>(hash_size), item.end());
            me.rows.push_back(std::move(row));
        }));
    if (!me.rows.empty()) {
        me.last_head = me.rows.back().head;
    } else if (!me.segments.empty()) {
        me.first_seq = me.segments.back().last_seq + 1;
        me.last_head = me.segments.back().head;
    }
    for (std::uint64_t seq = std::max(me.open_first_seq(), me.first_seq); seq < me.next_seq(); ++seq) {
        if (const auto row = decode_row(me.rows[seq - me.first_seq].bytes, seq)) {
            me.count_open(*row);
        }
    }
    return {};
}

void Ledger::Impl::count_open(const LedgerRow& row) {
    if (open_month.empty()) {
        open_month = month_of(row.time);
    }
    (row.verdict == Verdict::Cleared ? open_cleared : open_refused) += row.count;
}

// A clock that goes back stays in the open segment; one that goes on to another month begins a new one.
void Ledger::Impl::close_segment(const LedgerRow& next, storage::Batch& batch) {
    const std::uint64_t open_rows = next_seq() - open_first_seq();
    if (open_rows == 0 || (month_of(next.time) <= open_month && open_rows < kSegmentRowsMax)) {
        return;
    }
    SegmentTotals totals;
    totals.month = open_month;
    totals.first_seq = open_first_seq();
    totals.last_seq = next_seq() - 1;
    totals.cleared = open_cleared;
    totals.refused = open_refused;
    totals.before = segments.empty() ? Digest() : segments.back().head;
    totals.head = last_head;
    batch.push_back(storage::Put{kSegmentTable, segment_key(totals.first_seq), encode_segment(totals, key)});
    signed_totals.push_back(decode_segment(std::get<storage::Put>(batch.back()).value).value().signed_bytes);
    segments.push_back(totals);
    open_month.clear();
    open_cleared = 0;
    open_refused = 0;
    trim(batch);
}

void Ledger::Impl::trim(storage::Batch& batch) {
    if (segments.size() > kSegmentsMax) {
        batch.push_back(storage::Erase{kSegmentTable, segment_key(segments.front().first_seq)});
        segments.erase(segments.begin());
        signed_totals.erase(signed_totals.begin());
    }
    // Leaves room for one more full segment, so that no row is ever refused.
    for (const SegmentTotals& segment : segments) {
        if (rows.size() + kSegmentRowsMax <= kLedgerRowsMax) {
            break;
        }
        if (segment.last_seq < first_seq) {
            continue;
        }
        rows.erase(rows.begin(),
                   rows.begin() + static_cast<std::ptrdiff_t>(segment.last_seq + 1 - first_seq));
        first_seq = segment.last_seq + 1;
        batch.push_back(storage::Trim{kStream, first_seq});
    }
}

storage::Ticket Ledger::Impl::append(LedgerRow row) {
    storage::Batch batch;
    close_segment(row, batch);
    row.seq = next_seq();
    row.recipient = cut(row.recipient);
    row.what = cut(row.what);
    row.rule = cut(row.rule);
    count_open(row);
    Row kept;
    kept.bytes = encode_row(row);
    kept.head = chain(last_head, row.seq, kept.bytes);
    last_head = kept.head;
    Bytes item(kept.head.bytes().begin(), kept.head.bytes().end());
    item.insert(item.end(), kept.bytes.begin(), kept.bytes.end());
    rows.push_back(std::move(kept));
    batch.push_back(storage::Append{kStream, row.seq, {std::move(item)}});
    return storage.commit(std::move(batch));
}

storage::Ticket Ledger::append_cleared(const std::string& recipient,
                                       const Egress& why,
                                       const Label& label,
                                       Now now) {
    LedgerRow row;
    row.time = now.wall;
    row.recipient = recipient;
    row.what = why.what;
    row.rule = why.rule;
    row.label = label;
    return impl_->append(std::move(row));
}

void Ledger::append_refused(
    const std::string& recipient, const Egress& why, const Label& label, ErrorCode reason, Now now) {
    on_tick(now);
    LedgerRow row;
    row.time = now.wall;
    row.recipient = cut(recipient);
    row.what = why.what;
    row.rule = why.rule;
    row.label = label;
    row.verdict = Verdict::Refused;
    row.reason = reason;
    Impl::RefusalKey key{row.recipient, reason, label.audience.to_string()};
    auto known = impl_->refusals.find(key);
    if (known == impl_->refusals.end() && impl_->refusals.size() + 1 >= kRefusalsMax) {
        // Too many kinds in one minute: the rest share one row, which only this device may read.
        row.recipient = "various";
        row.label = Label{Audience(ThisDevice{impl_->self}), Trust::Untrusted};
        key = {row.recipient, ErrorCode::LimitExceeded, ""};
        known = impl_->refusals.find(key);
    }
    if (known != impl_->refusals.end()) {
        ++known->second.more;
        return;
    }
    impl_->append(row);
    impl_->refusals.emplace(std::move(key), Impl::Refusals{std::move(row), now.mono + kRefusalWindow});
}

void Ledger::Impl::flush(MonoTime up_to, WallTime wall) {
    for (auto at = refusals.begin(); at != refusals.end();) {
        if (at->second.ends > up_to) {
            ++at;
            continue;
        }
        if (at->second.more > 0) {
            LedgerRow row = std::move(at->second.row);
            row.time = wall;
            row.count = at->second.more;
            append(std::move(row));
        }
        at = refusals.erase(at);
    }
}

void Ledger::on_tick(Now now) {
    impl_->flush(now.mono, now.wall);
}

void Ledger::flush(Now now) {
    impl_->flush(MonoTime::max(), now.wall);
}

std::optional<MonoTime> Ledger::next_wake() const {
    std::optional<MonoTime> earliest;
    for (const auto& [key, refusals] : impl_->refusals) {
        earliest = std::min(earliest.value_or(refusals.ends), refusals.ends);
    }
    return earliest;
}

Digest Ledger::head() const {
    return impl_->last_head;
}

bool Ledger::stood_at(const Digest& head) const {
    const auto same = [&](const auto& one) { return one.head == head; };
    return head == Digest() || std::any_of(impl_->rows.begin(), impl_->rows.end(), same) ||
           std::any_of(impl_->segments.begin(), impl_->segments.end(), same);
}

void Ledger::Impl::report_break(LedgerReport& report, std::uint64_t seq, std::string what) const {
    if (!report.broken_seq || seq < *report.broken_seq) {
        report.broken_seq = seq;
        report.error = Error{ErrorCode::LedgerBroken, "row " + std::to_string(seq) + ": " + std::move(what)};
    }
}

void Ledger::Impl::verify_segments(LedgerReport& report) const {
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const SegmentTotals& segment = segments[i];
        report.cleared += segment.cleared;
        report.refused += segment.refused;
        if (!key.verify_key().verify(crypto::kLedgerSegment, signed_totals[i], segment.signature)) {
            report_break(report, segment.first_seq, "the totals of its month are not signed by this device");
        }
        if (i > 0 &&
            (segment.first_seq != segments[i - 1].last_seq + 1 || segment.before != segments[i - 1].head)) {
            report_break(report, segment.first_seq, "its month does not follow from the one before");
        }
    }
}

void Ledger::Impl::verify_rows(LedgerReport& report) const {
    Digest before;
    auto segment = segments.begin();
    for (; segment != segments.end() && segment->last_seq < first_seq; ++segment) {
        before = segment->head;
    }
    if (first_seq > 1 && (segment == segments.begin() || std::prev(segment)->last_seq + 1 != first_seq)) {
        report_break(report, first_seq, "the rows before it are gone, and no totals speak for them");
    }
    std::uint64_t cleared = 0;
    std::uint64_t refused = 0;
    for (std::uint64_t seq = first_seq; seq < next_seq(); ++seq) {
        const Row& row = rows[seq - first_seq];
        if (chain(before, seq, row.bytes) != row.head) {
            report_break(report, seq, "it does not follow from the row before it");
        }
        before = row.head;
        if (const auto decoded = decode_row(row.bytes, seq)) {
            (decoded->verdict == Verdict::Cleared ? cleared : refused) += decoded->count;
        } else {
            report_break(report, seq, "it cannot be read");
        }
        if (segment != segments.end() && seq == segment->last_seq) {
            if (segment->head != row.head || segment->cleared != cleared || segment->refused != refused) {
                report_break(report, segment->first_seq, "the totals of its month are not those of its rows");
            }
            ++segment;
            cleared = 0;
            refused = 0;
        }
    }
    if (segment != segments.end()) {
        report_break(report, next_seq(), "the newest rows are gone");
    }
}

LedgerReport Ledger::verify() const {
    const Impl& me = *impl_;
    LedgerReport report;
    report.rows = me.rows.size();
    report.segments = me.segments.size();
    report.cleared = me.open_cleared;
    report.refused = me.open_refused;
    me.verify_segments(report);
    me.verify_rows(report);
    if (me.lost_before) {
        me.report_break(report, *me.lost_before, "rows before it are missing");
    }
    return report;
}

std::vector<LabelledRow> Ledger::query(const LedgerQuery& query) const {
    std::vector<LabelledRow> found;
    for (std::uint64_t seq = impl_->next_seq(); seq > impl_->first_seq && found.size() < query.limit; --seq) {
        auto row = decode_row(impl_->rows[seq - 1 - impl_->first_seq].bytes, seq - 1);
        if (!row || (query.since && row->time < *query.since) || (query.to && row->time >= *query.to) ||
            (query.refused_only && row->verdict != Verdict::Refused)) {
            continue;
        }
        Label label = row->label;
        found.emplace_back(std::move(*row), std::move(label));
    }
    std::reverse(found.begin(), found.end());
    return found;
}

const std::vector<SegmentTotals>& Ledger::segments() const {
    return impl_->segments;
}

std::uint64_t Ledger::uses_since(std::string_view rule, WallTime since) const {
    std::uint64_t uses = 0;
    std::uint64_t seq = impl_->first_seq;
    for (const auto& kept : impl_->rows) {
        const auto row = decode_row(kept.bytes, seq++);
        if (row && row->rule == rule && row->time >= since && row->verdict == Verdict::Cleared) {
            uses += row->count;
        }
    }
    return uses;
}

}  // namespace ambit::privacy
