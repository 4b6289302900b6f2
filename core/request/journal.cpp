#include "request/journal.h"

#include <algorithm>

#include "proto/request.pb.h"

namespace ambit::request {

namespace {

constexpr const char* kTable = "journal";

storage::Put record(const JournalEntry& entry) {
    return {kTable, entry.request.hex(), encode(entry)};
}

}  // namespace

Bytes encode(const JournalEntry& entry) {
    v1::JournalEntry out;
    out.set_request(to_text(entry.request.bytes()));
    out.set_digest(to_text(entry.digest.bytes()));
    out.set_capability(entry.capability);
    out.set_entity(entry.entity);
    out.set_effect(static_cast<std::uint32_t>(entry.effect));
    out.set_accepted_ms(static_cast<std::uint64_t>(
        std::chrono::floor<milliseconds>(entry.accepted.time_since_epoch()).count()));
    out.set_from(to_text(entry.from.bytes()));
    if (entry.outcome) {
        out.set_outcome(static_cast<std::uint32_t>(entry.outcome->outcome) + 1);
        out.set_error(static_cast<std::uint32_t>(entry.outcome->error.code));
        out.set_detail(entry.outcome->error.detail);
        out.set_output(to_text(entry.outcome->output));
        out.set_audience(entry.outcome->label.audience.to_string());
        out.set_untrusted(entry.outcome->label.trust == privacy::Trust::Untrusted);
    }
    return to_bytes(out.SerializeAsString());
}

Result<JournalEntry> decode_journal_entry(ByteView bytes) {
    v1::JournalEntry message;
    if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) || message.outcome() > 3 ||
        message.effect() > 2 || message.error() > 65'535 ||
        message.accepted_ms() > (std::uint64_t{1} << 48U)) {
        return Error{ErrorCode::BadEncoding, "journal entry"};
    }
    JournalEntry entry;
    AMBIT_TRY_ASSIGN(entry.request, RequestId::from_bytes(view_of(message.request())));
    AMBIT_TRY_ASSIGN(entry.digest, Digest::from_bytes(view_of(message.digest())));
    entry.capability = message.capability();
    entry.entity = message.entity();
    entry.effect = static_cast<capability::Effect>(message.effect());
    entry.accepted = WallTime(milliseconds(message.accepted_ms()));
    AMBIT_TRY_ASSIGN(entry.from, DeviceId::from_bytes(view_of(message.from())));
    if (message.outcome() != 0) {
        JournalOutcome outcome;
        outcome.outcome = static_cast<Outcome>(message.outcome() - 1);
        outcome.error = {describe(static_cast<ErrorCode>(message.error())).code, message.detail()};
        outcome.output = to_bytes(message.output());
        AMBIT_TRY_ASSIGN(outcome.label.audience, privacy::Audience::parse(message.audience()));
        outcome.label.trust = message.untrusted() ? privacy::Trust::Untrusted : privacy::Trust::Trusted;
        entry.outcome = std::move(outcome);
    }
    return entry;
}

Result<void> Journal::load(Now now) {
    AMBIT_TRY_ASSIGN(const auto records, storage_.load_table(kTable));
    storage::Batch batch;
    for (const auto& [key, bytes] : records) {
        auto entry = decode_journal_entry(bytes);
        if (!entry) {
            batch.push_back(storage::Erase{kTable, key});
            continue;
        }
        if (!entry->outcome && entry->effect == capability::Effect::Once) {
            // It may have been sent to the source just before the crash.
            entry->outcome =
                JournalOutcome{Outcome::Unknown,
                               {ErrorCode::OutcomeUnknown, "the device restarted while doing it"},
                               to_bytes("{}"),
                               {privacy::Audience(privacy::Household{}), privacy::Trust::Trusted}};
            batch.push_back(record(*entry));
        }
        oldest_first_.push_back(entry->request);
        entries_.emplace(entry->request, std::move(*entry));
    }
    std::sort(oldest_first_.begin(), oldest_first_.end(), [&](const RequestId& a, const RequestId& b) {
        return entries_.at(a).accepted < entries_.at(b).accepted;
    });
    drop_old(batch, now.wall);
    if (!batch.empty()) {
        storage_.commit(std::move(batch));
    }
    return {};
}

const JournalEntry* Journal::find(const RequestId& request) const {
    const auto found = entries_.find(request);
    return found == entries_.end() ? nullptr : &found->second;
}

void Journal::drop_old(storage::Batch& batch, WallTime now) {
    while (!oldest_first_.empty()) {
        const RequestId& oldest = oldest_first_.front();
        const auto age = now - entries_.at(oldest).accepted;
        if (age < kLife && (entries_.size() < kEntriesMax || age < kLifeMin)) {
            return;
        }
        batch.push_back(storage::Erase{kTable, oldest.hex()});
        entries_.erase(oldest);
        oldest_first_.pop_front();
    }
}

Result<storage::Ticket> Journal::accept(JournalEntry entry, Now now) {
    storage::Batch batch;
    drop_old(batch, now.wall);
    const bool known = entries_.contains(entry.request);
    if (!known && entries_.size() >= kEntriesMax) {
        return Error{ErrorCode::LimitExceeded, "the journal is full of actions of the last minutes"};
    }
    if (!known) {
        oldest_first_.push_back(entry.request);
    }
    batch.push_back(record(entry));
    const RequestId id = entry.request;
    entries_.insert_or_assign(id, std::move(entry));
    return storage_.commit(std::move(batch));
}

void Journal::finish(const RequestId& request, JournalOutcome outcome) {
    const auto found = entries_.find(request);
    if (found != entries_.end()) {
        found->second.outcome = std::move(outcome);
        storage_.commit({record(found->second)});
    }
}

}  // namespace ambit::request
