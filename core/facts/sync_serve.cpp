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
    if (log->changed && log->channel.writer != self_) {
        tellees_.asked(peer, log->channel.writer);
    }
    Serving serving;
    serving.peer = peer;
    serving.want = {want.channel, std::max(want.first_seq, guests_.floor(peer, *log) + 1)};
    serving.log = log;
    const std::uint64_t first = serving.want.first_seq;
    const auto last = served_.find({peer, want.channel});
    if (last != served_.end() && last->second.seq + 1 == first) {
        serving.at = first;
        serving.previous = last->second.hash;
    } else if (first == 1) {
        serving.previous = chain_start(log->channel);
    } else {
        // What a peer holds nearly always ends at a signed head, and that says its hash.
        serving.at = first - 1;
    }
    return read(std::move(serving));
}

storage::ReadId Sync::read(Serving serving) {
    const std::uint64_t before = serving.want.first_seq - serving.at;
    const auto id = storage_.read({.stream = serving.log->stream,
                                   .first_seq = serving.at,
                                   .items_max = before + kBatchEntriesMax,
                                   .bytes_max = 2 * kBatchBytesMax});
    if (serving.first_read == 0) {
        serving.first_read = id;
    }
    servings_.emplace(id, std::move(serving));
    return id;
}

// Looks at the entries before the first one wanted; false if one can't be read.
bool Sync::walk(Serving& serving, ItemsLeft& items) const {
    for (; items.at != items.end && serving.at != serving.want.first_seq; ++items.at) {
        const auto stored = decode_stored(*items.at);
        if (!stored) {
            return false;
        }
        serving.previous = stored->head       ? std::optional(stored->head->hash)
                           : serving.previous ? std::optional(chain_next(*serving.previous, stored->entry))
                                              : std::nullopt;
        ++serving.at;
    }
    return true;
}

// To before the signed head that there is among any 256 entries; false if that was tried already.
bool Sync::go_back(Serving& serving) const {
    if (std::exchange(serving.went_back, true)) {
        return false;
    }
    const std::uint64_t first = serving.want.first_seq;
    serving.at = first > kBatchEntriesMax ? first - kBatchEntriesMax : 1;
    serving.previous = serving.at == 1 ? std::optional(chain_start(serving.log->channel)) : std::nullopt;
    return true;
}

std::optional<Served> Sync::on_read(storage::ReadId id, const Result<storage::Items>& items) {
    const auto found = servings_.find(id);
    if (found == servings_.end()) {
        return std::nullopt;
    }
    Serving serving = std::move(found->second);
    servings_.erase(found);
    Served served{serving.first_read,
                  serving.peer,
                  serving.want.channel,
                  {{}, {privacy::Audience(serving.want.channel.audience)}},
                  std::nullopt};
    if (!items || !may_exchange(serving.peer, serving.want.channel)) {
        return served;
    }
    ItemsLeft left{items->begin(), items->end()};
    if (!walk(serving, left)) {
        return served;
    }
    const bool there = serving.at == serving.want.first_seq;
    const bool ends_early = !items->empty() && left.at == left.end;
    if (there && !serving.previous ? go_back(serving) : ends_early) {
        read(std::move(serving));
        return std::nullopt;
    }
    const auto range = there && serving.previous ? range_of(serving, left) : std::optional<Range>();
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

// The entries from want.first_seq, where `items` begin, to the last signed head that fits one range.
std::optional<Range> Sync::range_of(const Serving& serving, ItemsLeft items) {
    Range range{serving.want.channel, serving.want.first_seq, *serving.previous, {}, {}};
    std::vector<ByteView> entries;
    std::size_t bytes = 0;
    for (; items.at != items.end; ++items.at) {
        // What lies beyond the head is not durable yet, or was found damaged.
        const bool beyond = range.first_seq + entries.size() > serving.log->head.seq;
        if (beyond || entries.size() == kBatchEntriesMax) {
            break;
        }
        const auto stored = decode_stored(*items.at);
        if (!stored) {
            return std::nullopt;
        }
        bytes += stored->entry.size();
        if (bytes > kBatchBytesMax) {
            break;
        }
        entries.push_back(stored->entry);
        if (stored->head) {
            range.head = *stored->head;
            for (std::size_t i = range.entries.size(); i < entries.size(); ++i) {
                range.entries.push_back(entries[i]);
            }
        }
    }
    return range.entries.empty() ? std::nullopt : std::optional(std::move(range));
}

}  // namespace ambit::facts
