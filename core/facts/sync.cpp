#include "facts/sync.h"

#include <algorithm>

#include "proto/facts.pb.h"

namespace ambit::facts {
namespace {

Error about(ErrorCode code, const DeviceId& peer, std::string_view what) {
    return Error{code, peer.short_hex() + ": " + std::string(what)};
}

}  // namespace

Sync::Sync(DeviceId self,
           storage::Storage& storage,
           ChannelTable& table,
           const Fold& fold,
           const Readers& readers,
           Guests& guests,
           crypto::Verifier& verifier,
           std::function<void(Event)> report)
    : self_(self),
      storage_(storage),
      table_(table),
      fold_(fold),
      readers_(readers),
      guests_(guests),
      verifier_(verifier),
      report_(std::move(report)) {}

std::vector<privacy::Labelled<Bytes>> Sync::heights(const DeviceId& peer) const {
    std::vector<const ChannelLog*> logs;
    logs.reserve(table_.all().size());
    for (const auto& [channel, log] : table_.all()) {
        logs.push_back(&log);
    }
    return heights_of(peer, logs);
}

std::vector<privacy::Labelled<Bytes>> Sync::heights_of(const DeviceId& peer,
                                                       const std::vector<const ChannelLog*>& logs) const {
    std::vector<privacy::Labelled<Bytes>> messages;
    std::vector<Height> heights;
    privacy::Label label;
    const auto flush = [&] {
        if (!heights.empty()) {
            messages.emplace_back(encode_heights(heights), label);
        }
        heights.clear();
        label = {};
    };
    for (const ChannelLog* log : logs) {
        if (log->head.seq == 0 || log->base != 0 || log->is_held_by(peer) ||
            !may_exchange(peer, log->channel) || guests_.floor(peer, *log) >= log->head.seq) {
            continue;
        }
        // A peer is in few named audiences, so that the label never comes near its limit of clauses.
        if (const auto joined = label.join({privacy::Audience(log->channel.audience)})) {
            label = *joined;
            heights.push_back({log->channel, log->head});
        }
        if (heights.size() == kHeightsPerMessageMax) {
            flush();
        }
    }
    flush();
    return messages;
}

std::vector<std::size_t> Sync::told_soon(const Channel& channel, std::span<const DeviceId> up) const {
    std::vector<std::size_t> told;
    std::size_t turns = 0;
    auto at = static_cast<std::size_t>(std::lower_bound(up.begin(), up.end(), self_) - up.begin());
    for (std::size_t i = 0; i < up.size(); ++i) {
        at = (at == 0 ? up.size() : at) - 1;
        if (up[at] == channel.writer || !may_exchange(up[at], channel)) {
            continue;
        }
        const bool has_turn = turns++ < kToldSoonMax;
        if (!has_turn && !tellees_.has_askers()) {
            break;  // nearly always
        }
        if (has_turn ? !tellees_.never_asks(up[at], channel.writer) : tellees_.asks(up[at], channel.writer)) {
            told.push_back(at);
        }
    }
    return told;
}

Result<void> Sync::on_heights(const DeviceId& peer, ByteView bytes) {
    auto heights = decode_heights(bytes);
    if (!heights) {
        return about(heights.error().code, peer, heights.error().detail);
    }
    Result<void> first_error;
    for (Height& height : *heights) {
        if (auto taken = on_height(peer, std::move(height)); !taken && first_error) {
            first_error = taken;
        }
    }
    return first_error;
}

Result<void> Sync::on_height(const DeviceId& peer, Height height) {
    AMBIT_TRY(check_offer(peer, height.channel));
    // Not known here yet, or no longer: it is offered again when the rosters agree.
    if (!readers_.is_known(height.channel.audience) || !key_of(height.channel.writer)) {
        return {};
    }
    if (height.channel.writer == self_ && height.channel.incarnation == incarnation_) {
        AMBIT_TRY(check_own(peer, height));
    }
    ChannelLog* log = table_.find(height.channel);
    if (log != nullptr && (log->changed || height.head.seq > log->head.seq)) {
        log->note_holder(peer, height.head.seq);
        if (log->changed && !log->relayed && log->is_held_by(peer)) {
            tellees_.had_it(peer, log->channel.writer);
        }
    }
    if (log != nullptr && (log->frozen || height.head.seq < log->tip.seq)) {
        return {};
    }
    if (log != nullptr && height.head.seq == log->tip.seq) {
        if (height.head.hash == log->tip.hash) {
            return {};
        }
        AMBIT_TRY_ASSIGN(const crypto::VerifyKey key, key_of(height.channel.writer));
        if (!verify_head(verifier_, key, height.channel, height.head)) {
            return about(ErrorCode::FactsForged, peer, "a height its writer did not sign");
        }
        freeze(*table_.find(height.channel),
               {height.channel, height.head.seq + 1, height.head.hash, {}, height.head});
        return {};
    }
    const auto cut = Fold::cut(*readers_.roster(), height.channel, height.channel.stream());
    if (cut && *cut <= (log != nullptr ? log->tip.seq : 0)) {
        return {};
    }
    auto& offers = offers_[peer];
    if (offers.size() >= kOffersPerPeerMax && !offers.contains(height.channel)) {
        return about(ErrorCode::LimitExceeded, peer, "more than 16384 channels");
    }
    Channel channel = height.channel;
    offers.insert_or_assign(std::move(channel), std::move(height));
    return {};
}

// A head that this device signed and does not have: the database is an older one.
Result<void> Sync::check_own(const DeviceId& peer, const Height& height) {
    const ChannelLog* log = table_.find(height.channel);
    const bool known =
        log != nullptr && (height.head.seq < log->tip.seq ||
                           (height.head.seq == log->tip.seq && height.head.hash == log->tip.hash));
    if (known) {
        continued_(peer);
        return {};
    }
    AMBIT_TRY_ASSIGN(const crypto::VerifyKey key, key_of(self_));
    AMBIT_TRY(verify_head(verifier_, key, height.channel, height.head));
    report_(
        {Event::Kind::Restored, self_, Error{ErrorCode::FactsRestored, "a peer holds more of our own log"}});
    restored_();
    return {};
}

std::vector<Want> Sync::wants(const DeviceId& peer) {
    std::vector<Want> wants;
    const auto offered = offers_.find(peer);
    if (offered == offers_.end()) {
        return wants;
    }
    auto open = static_cast<std::size_t>(std::count_if(
        outstanding_.begin(), outstanding_.end(), [&peer](const auto& item) { return item.second == peer; }));
    for (auto at = offered->second.begin(); at != offered->second.end() && open < kWantsPerPeerMax;) {
        const ChannelLog* log = table_.find(at->first);
        const std::uint64_t have = log != nullptr ? log->tip.seq : 0;
        if (have >= at->second.head.seq || (log != nullptr && log->frozen)) {
            at = offered->second.erase(at);
            continue;
        }
        if (outstanding_.try_emplace(at->first, peer).second) {
            wants.push_back({at->first, have + 1});
            ++open;
        }
        ++at;
    }
    return wants;
}

void Sync::close_want(const DeviceId& peer, const Channel& channel, bool keep_offer) {
    const auto at = outstanding_.find(channel);
    if (at == outstanding_.end() || at->second != peer) {
        return;
    }
    outstanding_.erase(at);
    const std::uint64_t promised = offered(peer, channel);
    if (promised == 0 || keep_offer) {
        return;
    }
    const ChannelLog* log = table_.find(channel);
    if (log == nullptr || log->tip.seq < promised) {
        report_(
            {Event::Kind::NotServed, peer, about(ErrorCode::FactsNotServed, peer, "a channel it offered")});
    }
    offers_.at(peer).erase(channel);
}

std::uint64_t Sync::offered(const DeviceId& peer, const Channel& channel) const {
    const auto offers = offers_.find(peer);
    if (offers == offers_.end()) {
        return 0;
    }
    const auto offer = offers->second.find(channel);
    return offer == offers->second.end() ? 0 : offer->second.head.seq;
}

Result<std::optional<Arrival>> Sync::receive(const DeviceId& peer, ByteView bytes) {
    auto range = decode_range(bytes);
    if (!range) {
        return about(range.error().code, peer, range.error().detail);
    }
    const Channel& channel = range->channel;
    const auto asked = outstanding_.find(channel);
    if (asked == outstanding_.end() || asked->second != peer) {
        return about(ErrorCode::ChannelForbidden, peer, "a range that was not asked for");
    }
    AMBIT_TRY(check_offer(peer, channel));
    return accept(peer, std::move(*range));
}

bool Sync::may_push(const DeviceId& peer, const ChannelLog& log, std::uint64_t first_seq) const {
    return may_exchange(peer, log.channel) && guests_.floor(peer, log) < first_seq;
}

Result<std::optional<Arrival>> Sync::receive_news(const DeviceId& peer, ByteView bytes, bool has_room) {
    auto range = decode_range(bytes);
    if (!range) {
        return about(range.error().code, peer, range.error().detail);
    }
    const Channel& channel = range->channel;
    if (channel.writer != peer) {
        return about(ErrorCode::ChannelForbidden, peer, "news of what another device wrote");
    }
    AMBIT_TRY(check_offer(peer, channel));
    const ChannelLog* log = table_.find(channel);
    const bool follows = range->first_seq == (log != nullptr ? log->tip.seq : 0) + 1;
    const auto cut = Fold::cut(*readers_.roster(), channel, channel.stream());
    if (!follows || !has_room || cut || outstanding_.contains(channel) || (log != nullptr && log->frozen) ||
        !readers_.is_known(channel.audience)) {
        AMBIT_TRY(on_height(peer, {channel, range->head}));
        return std::optional<Arrival>();
    }
    return accept(peer, std::move(*range));
}

Result<std::optional<Arrival>> Sync::accept(const DeviceId& peer, Range range) {
    const Channel& channel = range.channel;
    if (fold_.size() >= kFactsMax || fold_.bytes() >= kFactBytesMax) {
        return about(ErrorCode::LimitExceeded, peer, "this device holds a million facts, or 512 MiB of them");
    }
    AMBIT_TRY_ASSIGN(const std::vector<Digest> hashes, check_chain(peer, range));
    AMBIT_TRY_ASSIGN(ChannelLog* const log, table_.open(channel));
    if (log->frozen) {
        return about(ErrorCode::FactsForked, peer, "a frozen channel");
    }
    if (range.first_seq > log->tip.seq + 1) {
        if (log->tip.seq != 0 || !Guests::is_guest(*readers_.roster(), self_)) {
            return about(ErrorCode::FactsGap, peer, "a range that starts too late");
        }
        log->base = log->folded = log->tip.seq = range.first_seq - 1;
        log->base_hash = log->folded_hash = log->tip.hash = range.previous;
    }
    if (range.head.seq < log->tip.seq) {
        return std::optional<Arrival>();
    }
    if (hashes[log->tip.seq - (range.first_seq - 1)] != log->tip.hash) {
        freeze(*log, range);
        return about(ErrorCode::FactsForked, channel.writer, "signed two histories");
    }
    if (range.head.seq == log->tip.seq) {
        return std::optional<Arrival>();
    }
    return std::optional<Arrival>(take(*log, range, hashes));
}

Result<std::vector<Digest>> Sync::check_chain(const DeviceId& peer, const Range& range) const {
    std::vector<Digest> hashes;
    hashes.reserve(range.entries.size() + 1);
    hashes.push_back(range.previous);
    for (const ByteView entry : range.entries) {
        hashes.push_back(chain_next(hashes.back(), entry));
    }
    AMBIT_TRY_ASSIGN(const crypto::VerifyKey key, key_of(range.channel.writer));
    const bool starts = range.first_seq != 1 || range.previous == chain_start(range.channel);
    if (!starts || hashes.back() != range.head.hash ||
        !verify_head(verifier_, key, range.channel, range.head)) {
        return about(ErrorCode::FactsForged, peer, "a range that its writer did not sign");
    }
    return hashes;
}

Arrival Sync::take(ChannelLog& log, const Range& range, std::span<const Digest> hashes) {
    const std::size_t known = log.tip.seq - (range.first_seq - 1);
    Undurable undurable{0, &log, log.tip.seq + 1, {}, {}, range.head, std::nullopt};
    undurable.hashes.assign(hashes.begin() + static_cast<std::ptrdiff_t>(known) + 1, hashes.end());
    std::uint64_t seq = range.first_seq;
    for (const ByteView entry : range.entries) {
        if (seq > log.tip.seq) {
            guests_.on_entry(log, seq, entry);
            add_stored(undurable.items, entry, seq == range.head.seq ? &range.head : nullptr);
        }
        ++seq;
    }
    storage::Append append{log.stream, undurable.first_seq, undurable.items};
    storage::Batch batch;
    if (log.base != 0 && log.tip.seq == log.base) {
        v1::StoredFactBase base;
        base.set_seq(log.base);
        base.set_hash(log.base_hash.bytes().data(), Digest::kSize);
        batch.emplace_back(storage::Put{"facts.bases", log.stream, to_bytes(base.SerializeAsString())});
    }
    batch.emplace_back(std::move(append));
    log.tip = range.head;
    return {std::move(undurable), std::move(batch)};
}

void Sync::freeze(ChannelLog& log, const Range& theirs) {
    v1::StoredFactFork fork;
    Bytes ours;
    encode_head(log.tip, ours);
    fork.mutable_ours()->ParseFromArray(ours.data(), static_cast<int>(ours.size()));
    const Bytes range = encode_range(theirs);
    fork.mutable_theirs()->ParseFromArray(range.data(), static_cast<int>(range.size()));
    storage_.commit({storage::Put{"facts.forks", log.stream, to_bytes(fork.SerializeAsString())}});
    log.frozen = true;
    report_({Event::Kind::Forked, log.channel.writer,
             about(ErrorCode::FactsForked, log.channel.writer, "its log is frozen at the last entry held")});
    // Written here after a backup was restored: this device goes on in a channel of its own.
    if (log.channel.writer == self_ && log.channel.incarnation == incarnation_) {
        restored_();
    }
}

void Sync::forget_peer(const DeviceId& peer) {
    offers_.erase(peer);
    tellees_.on_link_lost(peer);
    std::erase_if(outstanding_, [&peer](const auto& item) { return item.second == peer; });
    std::erase_if(served_, [&peer](const auto& item) { return item.first.first == peer; });
    for (auto& [channel, log] : table_.all()) {
        std::erase_if(log.holders, [&peer](const auto& item) { return item.first == peer; });
    }
}

bool Sync::may_exchange(const DeviceId& peer, const Channel& channel) const {
    return !channel.is_private() && readers_.may_read(channel.audience, peer);
}

// Refuses what the roster of this device, if it knows the names in it, does not allow.
Result<void> Sync::check_offer(const DeviceId& peer, const Channel& channel) const {
    if (channel.is_private()) {
        return about(ErrorCode::ChannelForbidden, peer, "a channel that must not leave its device");
    }
    if (readers_.roster() == nullptr) {
        return about(ErrorCode::ChannelForbidden, peer, "no roster yet");
    }
    if (!readers_.is_known(channel.audience)) {
        return {};
    }
    if (!readers_.may_read(channel.audience, self_) || !readers_.may_read(channel.audience, peer)) {
        return about(ErrorCode::ChannelForbidden, peer, "a channel outside its audience");
    }
    if (readers_.roster()->devices.contains(channel.writer) &&
        !readers_.may_read(channel.audience, channel.writer)) {
        return about(ErrorCode::ChannelForbidden, peer, "a channel whose writer is not in its audience");
    }
    return {};
}

Result<crypto::VerifyKey> Sync::key_of(const DeviceId& writer) const {
    const identity::Roster* roster = readers_.roster();
    if (roster != nullptr) {
        if (const identity::Device* device = roster->device(writer)) {
            return device->verify_key;
        }
        const auto removal = roster->removed.find(writer);
        if (removal != roster->removed.end()) {
            return removal->second.verify_key;
        }
    }
    return about(ErrorCode::NotAMember, writer, "the writer of a channel");
}

}  // namespace ambit::facts
