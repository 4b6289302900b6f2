// The part of Sync that answers peers.
#include <algorithm>

#include "facts/sync.h"

namespace ambit::facts {

Result<storage::ReadId> Sync::serve(const DeviceId& peer, const Want& want) {
    if (!may_exchange(peer, want.channel)) {
        return Error{ErrorCode::ChannelForbidden, peer.short_hex() + ": asks for a channel it may not read"};
    }
    ChannelLog* log = table_.find(want.channel);
    if (log == nullptr || log->base != 0 || want.first_seq > log->head.seq) {
        return Error{ErrorCode::FactsGap, peer.short_hex() + ": asks for entries that are not here"};
    }
    if (servings_.size() >= kServesMax) {
        return Error{ErrorCode::FactsBusy, "64 ranges are being read already"};
    }
    Serving serving{peer, want, log, 0, std::nullopt};
    serving.want.first_seq = std::max(want.first_seq, guests_.floor(peer, *log) + 1);
    const auto last = served_.find({peer, want.channel});
    if (last != served_.end() && last->second.seq + 1 == serving.want.first_seq) {
        serving.read_from = serving.want.first_seq;
        serving.previous = last->second.hash;
    } else if (serving.want.first_seq <= kBatchEntriesMax) {
        serving.read_from = 1;
        serving.previous = chain_start(log->channel);
    } else {
        // There is a signed head among any 256 entries; the hash before first_seq is found from it.
        serving.read_from = serving.want.first_seq - kBatchEntriesMax;
    }
    const std::size_t before = serving.want.first_seq - serving.read_from;
    const auto id = storage_.read({.stream = log->stream,
                                   .first_seq = serving.read_from,
                                   .items_max = before + kBatchEntriesMax,
                                   .bytes_max = (before != 0 ? 4 : 2) * kBatchBytesMax});
    servings_.emplace(id, std::move(serving));
    return id;
}

std::optional<Served> Sync::on_read(storage::ReadId id, const Result<std::vector<Bytes>>& items) {
    const auto at = servings_.find(id);
    if (at == servings_.end()) {
        return std::nullopt;
    }
    const Serving serving = std::move(at->second);
    servings_.erase(at);
    const auto range = items && may_exchange(serving.peer, serving.want.channel) ? range_of(serving, *items)
                                                                                 : std::optional<Range>();
    Served served{serving.peer,
                  serving.want.channel,
                  {{}, {privacy::Audience(serving.want.channel.audience)}},
                  std::nullopt};
    if (!range) {
        return served;
    }
    const std::pair<DeviceId, Channel> key{serving.peer, serving.want.channel};
    if (range->head.seq < serving.log->head.seq) {
        if (served_.size() >= kServesMax) {
            served_.clear();  // only hints
        }
        served_[key] = range->head;
        served.next = Want{serving.want.channel, range->head.seq + 1};
    } else {
        served_.erase(key);
    }
    served.range = {encode_range(*range), served.range.label()};
    return served;
}

// The entries from want.first_seq to the last signed head that fits one range.
std::optional<Range> Sync::range_of(const Serving& serving, const std::vector<Bytes>& items) {
    Range range{serving.want.channel, serving.want.first_seq, {}, {}, {}};
    std::optional<Digest> hash = serving.previous;
    std::uint64_t seq = serving.read_from - 1;
    std::size_t bytes = 0;
    std::size_t signed_entries = 0;
    for (const Bytes& item : items) {
        auto stored = decode_stored(item);
        if (!stored) {
            return std::nullopt;
        }
        ++seq;
        if (seq < range.first_seq) {
            hash = stored->head ? std::optional(stored->head->hash)
                   : hash       ? std::optional(chain_next(*hash, stored->entry))
                                : std::nullopt;
            continue;
        }
        bytes += stored->entry.size();
        if (range.entries.size() == kBatchEntriesMax || bytes > kBatchBytesMax) {
            break;
        }
        range.entries.push_back(std::move(stored->entry));
        if (stored->head) {
            range.head = *stored->head;
            signed_entries = range.entries.size();
        }
    }
    if (signed_entries == 0 || !hash) {
        return std::nullopt;
    }
    range.previous = *hash;
    range.entries.resize(signed_entries);
    return range;
}

}  // namespace ambit::facts
