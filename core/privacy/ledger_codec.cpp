#include "privacy/ledger_codec.h"

#include <cstdio>

#include "crypto/hash.h"
#include "proto/ledger.pb.h"

namespace ambit::privacy {

namespace {

constexpr std::string_view kRowDomain = "ambit/v1/ledger-row";

std::array<std::uint8_t, 8> big_endian(std::uint64_t value) {
    std::array<std::uint8_t, 8> out{};
    for (std::size_t i = 0; i < 8; ++i) {
        out[i] = static_cast<std::uint8_t>(value >> (56 - 8 * i));
    }
    return out;
}

}  // namespace

Bytes encode_row(const LedgerRow& row) {
    v1::LedgerRow message;
    message.set_time_us(row.time.time_since_epoch().count());
    message.set_recipient(row.recipient);
    message.set_what(row.what);
    message.set_rule(row.rule);
    message.set_audience(row.label.audience.to_string());
    message.set_untrusted(row.label.trust == Trust::Untrusted);
    message.set_verdict(static_cast<std::uint32_t>(row.verdict));
    message.set_reason(row.verdict == Verdict::Refused ? static_cast<std::uint32_t>(row.reason) : 0);
    message.set_count(row.count);
    return to_bytes(message.SerializeAsString());
}

Result<LedgerRow> decode_row(ByteView bytes, std::uint64_t seq) {
    v1::LedgerRow message;
    if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) ||
        (message.verdict() != 1 && message.verdict() != 2) || message.reason() > 65'535) {
        return Error{ErrorCode::BadEncoding, "ledger row " + std::to_string(seq)};
    }
    LedgerRow row;
    row.seq = seq;
    row.time = WallTime(microseconds(message.time_us()));
    row.recipient = message.recipient();
    row.what = message.what();
    row.rule = message.rule();
    AMBIT_TRY_ASSIGN(row.label.audience, Audience::parse(message.audience()));
    row.label.trust = message.untrusted() ? Trust::Untrusted : Trust::Trusted;
    row.verdict = static_cast<Verdict>(message.verdict());
    row.reason = describe(static_cast<ErrorCode>(message.reason())).code;
    row.count = message.count();
    return row;
}

Digest chain(const Digest& before, std::uint64_t seq, ByteView row) {
    const auto place = big_endian(seq);
    return crypto::hash_parts(kRowDomain, {before.bytes(), place, row});
}

Bytes encode_segment(SegmentTotals& totals, const crypto::SigningKey& key) {
    v1::LedgerTotals message;
    message.set_month(totals.month);
    message.set_first_seq(totals.first_seq);
    message.set_last_seq(totals.last_seq);
    message.set_cleared(totals.cleared);
    message.set_refused(totals.refused);
    message.set_before(to_text(totals.before.bytes()));
    message.set_head(to_text(totals.head.bytes()));
    v1::LedgerSegment record;
    record.set_totals(message.SerializeAsString());
    totals.signature = key.sign(crypto::kLedgerSegment, view_of(record.totals()));
    record.set_signature(to_text(totals.signature.bytes()));
    return to_bytes(record.SerializeAsString());
}

Result<StoredSegment> decode_segment(ByteView bytes) {
    v1::LedgerSegment record;
    v1::LedgerTotals message;
    if (!record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) ||
        !message.ParseFromString(record.totals())) {
        return Error{ErrorCode::BadEncoding, "ledger segment"};
    }
    StoredSegment segment;
    SegmentTotals& totals = segment.totals;
    totals.month = message.month();
    totals.first_seq = message.first_seq();
    totals.last_seq = message.last_seq();
    totals.cleared = message.cleared();
    totals.refused = message.refused();
    AMBIT_TRY_ASSIGN(totals.before, Digest::from_bytes(view_of(message.before())));
    AMBIT_TRY_ASSIGN(totals.head, Digest::from_bytes(view_of(message.head())));
    AMBIT_TRY_ASSIGN(totals.signature, crypto::Signature::from_bytes(view_of(record.signature())));
    segment.signed_bytes = to_bytes(record.totals());
    return segment;
}

std::string month_of(WallTime time) {
    const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(time));
    char text[16];
    std::snprintf(text, sizeof text, "%04d-%02u", int(date.year()), unsigned(date.month()));
    return text;
}

}  // namespace ambit::privacy
