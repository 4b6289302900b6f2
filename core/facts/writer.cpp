#include "facts/writer.h"

#include <algorithm>

namespace ambit::facts {
namespace {

std::size_t size_of(const Entry& entry) {
    return entry.subject.size() + entry.attribute.size() + text_bytes(entry.value);
}

bool is_same_element(const Entry& addition, const Entry& removal) {
    return addition.subject == removal.subject && addition.attribute == removal.attribute &&
           addition.value == removal.value;
}

}  // namespace

Writer::Writer(DeviceId self,
               const crypto::SigningKey& key,
               storage::Storage& storage,
               std::function<Digest()> ledger_head,
               ChannelTable& table,
               const Fold& fold,
               const Readers& readers,
               HlcClock& clock)
    : self_(self),
      key_(key),
      storage_(storage),
      ledger_head_(std::move(ledger_head)),
      table_(table),
      fold_(fold),
      readers_(readers),
      clock_(clock) {}

Result<WriteId> Writer::put(std::span<const Draft> drafts, Now now) {
    if (failed_) {
        return *failed_;
    }
    std::vector<Queued> accepted;
    accepted.reserve(drafts.size());
    std::size_t bytes = queued_bytes_;
    for (const Draft& draft : drafts) {
        AMBIT_TRY_ASSIGN(Entry entry, entry_of(draft));
        bytes += size_of(entry);
        accepted.push_back({draft.key.audience, std::move(entry)});
    }
    if (queue_.size() + accepted.size() > kQueuedWritesMax || bytes > kQueuedWriteBytesMax) {
        return Error{ErrorCode::FactsBusy, "the store does not keep up"};
    }
    for (Queued& queued : accepted) {
        queued.entry.hlc = clock_.send(now.wall);
        queue_.push_back(std::move(queued));
    }
    queued_bytes_ = bytes;
    last_write_ += drafts.size();
    return last_write_;
}

void Writer::put_again(const privacy::NamedAudience& audience, std::vector<Entry> entries, Now now) {
    for (Entry& entry : entries) {
        entry.hlc = clock_.send(now.wall);
        queued_bytes_ += size_of(entry);
        queue_.push_back({audience, std::move(entry)});
        ++last_write_;
    }
}

Result<Entry> Writer::entry_of(const Draft& draft) const {
    const auto* own = std::get_if<privacy::ThisDevice>(&draft.key.audience);
    const bool allowed = own != nullptr ? own->device == self_ : readers_.may_read(draft.key.audience, self_);
    if (!allowed) {
        return Error{ErrorCode::ChannelForbidden,
                     "this device is not in " + privacy::to_string(draft.key.audience)};
    }
    Entry entry;
    entry.kind = static_cast<std::uint32_t>(draft.kind);
    entry.subject = draft.key.subject;
    entry.attribute = draft.key.attribute;
    entry.value = draft.value;
    entry.time_us = draft.time.time_since_epoch().count();
    entry.confidence = draft.confidence;
    entry.untrusted = draft.trust == privacy::Trust::Untrusted;
    entry.causes = draft.causes;
    AMBIT_TRY(check_entry(entry));
    return entry;
}

std::vector<Undurable> Writer::flush() {
    if (in_flight_ != 0 || queue_.empty()) {
        return {};
    }
    std::map<ChannelLog*, Group> groups;
    for (Queued& queued : queue_) {
        ChannelLog& log = table_.open_own({self_, queued.audience, incarnation_});
        const auto [at, fresh] = groups.try_emplace(&log);
        Group& group = at->second;
        if (fresh) {
            group.undurable.log = &log;
            group.undurable.first_seq = log.tip.seq + 1;
            group.previous = group.hash = log.tip.hash;
        }
        if (queued.entry.kind == static_cast<std::uint32_t>(Draft::Kind::Remove) &&
            queued.entry.observed.empty()) {
            chain_removal(group, queued);
        } else {
            chain(group, std::move(queued.entry));
        }
    }
    queue_.clear();
    queued_bytes_ = 0;
    storage::Batch batch;
    std::vector<Undurable> undurable;
    for (auto& [log, group] : groups) {
        if (!group.encoded.empty()) {
            batch.emplace_back(sign(group));
            group.undurable.news = news_of(group);
            undurable.push_back(std::move(group.undurable));
        }
    }
    in_flight_ = storage_.commit(std::move(batch));
    in_flight_write_ = last_write_;
    for (Undurable& group : undurable) {
        group.ticket = in_flight_;
    }
    return undurable;
}

void Writer::chain(Group& group, Entry entry) {
    const Bytes bytes = encode_entry(entry);
    group.encoded.push_back(bytes);
    group.hash = chain_next(group.hash, bytes);
    group.undurable.hashes.push_back(group.hash);
    if (entry.kind == static_cast<std::uint32_t>(Draft::Kind::Add)) {
        group.additions.push_back({group.hash, std::move(entry)});
    }
}

// A removal names every addition that this device knows of: those in the state and those before it in this
// group.
void Writer::chain_removal(Group& group, const Queued& removal) const {
    std::vector<EntryHash> observed;
    if (const AudienceState* state = fold_.state(removal.audience)) {
        observed = state->observed({removal.audience, removal.entry.subject, removal.entry.attribute},
                                   removal.entry.value);
    }
    for (const Addition& earlier : group.additions) {
        if (is_same_element(earlier.entry, removal.entry)) {
            observed.push_back(earlier.hash);
        }
    }
    for (std::size_t from = 0; from < observed.size(); from += kObservedMax) {
        Entry part = removal.entry;
        const std::size_t to = std::min(observed.size(), from + kObservedMax);
        part.observed.assign(observed.begin() + static_cast<std::ptrdiff_t>(from),
                             observed.begin() + static_cast<std::ptrdiff_t>(to));
        chain(group, std::move(part));
    }
}

storage::Append Writer::sign(Group& group) {
    Undurable& undurable = group.undurable;
    ChannelLog& log = *undurable.log;
    std::size_t since_head = 0;
    std::size_t bytes = 0;
    std::uint64_t seq = undurable.first_seq;
    auto hash = undurable.hashes.begin();
    for (auto at = group.encoded.begin(); at != group.encoded.end(); ++seq, ++hash) {
        const ByteView entry = *at++;
        ++since_head;
        bytes += entry.size();
        const bool last = at == group.encoded.end();
        if (last || since_head == kBatchEntriesMax || bytes + (*at).size() > kBatchBytesMax) {
            log.tip = sign_head(key_, log.channel, seq, *hash, ledger_head_());
            add_stored(undurable.items, entry, &log.tip);
            since_head = bytes = 0;
        } else {
            add_stored(undurable.items, entry, nullptr);
        }
    }
    undurable.head = log.tip;
    return {log.stream, undurable.first_seq, undurable.items};
}

std::optional<Range> Writer::news_of(Group& group) {
    const Undurable& written = group.undurable;
    std::size_t bytes = 0;
    for (const ByteView entry : group.encoded) {
        bytes += entry.size();
    }
    const bool is_short = group.encoded.size() <= kNewsEntriesMax && bytes <= kNewsBytesMax;
    if (!is_short || written.log->channel.is_private()) {
        return std::nullopt;
    }
    return Range{written.log->channel, written.first_seq, group.previous, std::move(group.encoded),
                 written.head};
}

void Writer::on_durable(storage::Ticket up_to) {
    if (in_flight_ != 0 && in_flight_ <= up_to) {
        in_flight_ = 0;
        durable_write_ = in_flight_write_;
    }
}

}  // namespace ambit::facts
