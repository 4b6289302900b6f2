#include "facts/fold.h"

#include <algorithm>

namespace ambit::facts {

Fold::Fold(DeviceId self,
           ChannelTable& table,
           storage::Storage& storage,
           HlcClock& clock,
           std::function<void(Event)> report)
    : self_(self), table_(table), storage_(storage), clock_(clock), report_(std::move(report)) {}

std::optional<std::uint64_t> Fold::cut(const identity::Roster& roster,
                                       const Channel& channel,
                                       const std::string& stream) {
    const auto removal = roster.removed.find(channel.writer);
    if (removal == roster.removed.end()) {
        return std::nullopt;
    }
    for (const identity::ChannelHead& head : removal->second.heads) {
        if (head.channel == stream) {
            return head.seq;
        }
    }
    // Not listed.  The remover need not see the channels of a person: what that person's own devices hold
    // counts. And a device that was added again writes on in channels that are new.
    const bool seen_by_all = std::holds_alternative<privacy::Household>(channel.audience) ||
                             std::holds_alternative<privacy::Anyone>(channel.audience);
    if (!seen_by_all || roster.devices.contains(channel.writer)) {
        return std::nullopt;
    }
    return 0;
}

void Fold::set_roster(identity::RosterView roster) {
    roster_ = std::move(roster);
    std::set<privacy::NamedAudience> to_rebuild;
    for (auto& [channel, log] : table_.all()) {
        const auto last = cut(*roster_, channel, log.stream);
        if (last && log.folded > *last) {
            to_rebuild.insert(channel.audience);
        } else if (log.pause == ChannelLog::Pause::Removed && (!last || *last > log.folded)) {
            log.pause = ChannelLog::Pause::None;
            read_on(log);
        }
    }
    for (const privacy::NamedAudience& audience : to_rebuild) {
        rebuild(audience);
    }
    pump();
}

void Fold::offer(ChannelLog& log,
                 std::uint64_t first_seq,
                 storage::ItemsView items,
                 std::span<const Digest> hashes,
                 Now now) {
    // Otherwise a reading is, or will be, on its way here.
    if (log.pause != ChannelLog::Pause::None || log.reading || first_seq != log.folded + 1) {
        return;
    }
    auto hash = hashes.begin();
    for (const ByteView item : items) {
        const auto stored = decode_stored(item);
        if (!stored) {
            damaged(log);
            break;
        }
        if (!fold_one(log, *hash++, stored->entry, now)) {
            break;
        }
    }
    rebuild_ended();
}

// Takes the entry in `bytes`, or pauses before it.  One that can't be read does not count.
bool Fold::fold_one(ChannelLog& log, const EntryHash& hash, ByteView bytes, Now now) {
    const auto last = roster_ ? cut(*roster_, log.channel, log.stream) : std::nullopt;
    if (last && log.folded >= *last) {
        log.pause = ChannelLog::Pause::Removed;
        return false;
    }
    if (auto entry = decode_entry(bytes)) {
        const auto end = ends_.find(log.channel);
        const bool counts = end == ends_.end() || entry->hlc.ms() <= end->second;
        if ((counts || !entry->is_known()) && !may_fold(log, *entry, now)) {
            return false;
        }
        if (entry->is_known() && counts) {
            if (log.channel.writer == self_) {
                clock_.restore(entry->hlc);
            } else {
                clock_.receive(entry->hlc, now.wall);
            }
            log.newest_ms = std::max(log.newest_ms, entry->hlc.ms());
            Audience& audience = audience_of(log);
            if (entry->kind == kEndKind) {
                fold_end(log, *entry);
            } else if (audience.rebuilt) {
                audience.rebuilt->apply(log.channel, hash, std::move(*entry));
            } else if (auto change = audience.shown.apply(log.channel, hash, std::move(*entry))) {
                changes_.push_back(std::move(*change));
            }
        }
    }
    ++log.folded;
    log.folded_hash = hash;
    return true;
}

bool Fold::may_fold(ChannelLog& log, const Entry& entry, Now now) {
    if (!entry.is_known()) {
        return !entry.critical ||
               pause(log, ChannelLog::Pause::Unknown, Event::Kind::UnknownEntry, ErrorCode::FactUnknown,
                     "a critical kind of entry; facts of that device are shown as they were before it");
    }
    // What this device wrote itself counts here, however wrong its clock was.
    if (log.channel.writer != self_ && entry.hlc.ms() > unix_ms(now.wall + kClockAheadMax)) {
        log.waits_for_ms = entry.hlc.ms();
        return pause(log, ChannelLog::Pause::Clock, Event::Kind::ClockAhead, ErrorCode::FactsAhead,
                     "more than 5 minutes; its facts wait");
    }
    return true;
}

// Those that can't be read say nothing.
void Fold::fold_end(const ChannelLog& log, const Entry& entry) {
    const auto incarnation = Incarnation::from_hex(entry.subject);
    const auto* ms = std::get_if<std::int64_t>(&entry.value);
    if (incarnation && ms != nullptr && *ms >= 0 && entry.attribute == kEndAttribute &&
        *incarnation != log.channel.incarnation) {
        end({log.channel.writer, log.channel.audience, *incarnation}, static_cast<std::uint64_t>(*ms));
    }
}

void Fold::end(const Channel& channel, std::uint64_t ms) {
    const auto [at, fresh] = ends_.try_emplace(channel, ms);
    if (!fresh && at->second <= ms) {
        return;
    }
    at->second = ms;
    ChannelLog* const log = table_.find(channel);
    if (log == nullptr) {
        return;
    }
    if (log->newest_ms > ms) {
        to_rebuild_.insert(channel.audience);
    } else if (log->pause == ChannelLog::Pause::Clock) {
        log->pause = ChannelLog::Pause::None;
        read_on(*log);
        pump();
    }
}

void Fold::rebuild_ended() {
    for (const privacy::NamedAudience& audience : std::exchange(to_rebuild_, {})) {
        rebuild(audience);
    }
    pump();
}

void Fold::step_back(Now now) {
    const std::uint64_t latest = unix_ms(now.wall + kClockAheadMax);
    for (const auto& [channel, log] : table_.all()) {
        if (log.newest_ms > latest && channel.writer != self_) {
            to_rebuild_.insert(channel.audience);
        }
    }
    rebuild_ended();
}

bool Fold::pause(
    ChannelLog& log, ChannelLog::Pause why, Event::Kind kind, ErrorCode code, const char* detail) {
    log.pause = why;
    report_({kind, log.channel.writer, Error{code, detail}});
    return false;
}

void Fold::on_tick(Now now) {
    for (auto& [channel, log] : table_.all()) {
        const bool due =
            log.pause == ChannelLog::Pause::Clock && log.waits_for_ms <= unix_ms(now.wall + kClockAheadMax);
        if (due || log.pause == ChannelLog::Pause::Unreadable) {
            log.pause = ChannelLog::Pause::None;
            read_on(log);
        }
    }
    pump();
}

void Fold::read_on(ChannelLog& log) {
    if (!log.reading) {
        log.reading = true;
        to_read_.push_back(&log);
    }
}

void Fold::pump() {
    while (readings_.size() < kFoldReadsMax && !to_read_.empty()) {
        ChannelLog& log = *to_read_.front();
        to_read_.pop_front();
        const auto id = storage_.read({.stream = log.stream, .first_seq = log.folded + 1});
        readings_.emplace(id, Reading{&log, log.folded + 1});
    }
}

bool Fold::on_read(storage::ReadId id, const Result<storage::Items>& items, Now now) {
    const auto at = readings_.find(id);
    if (at == readings_.end()) {
        return false;
    }
    ChannelLog& log = *at->second.log;
    const bool current = at->second.first_seq == log.folded + 1;  // a rebuild may have begun meanwhile
    readings_.erase(at);
    bool more = true;
    if (current && !items) {
        // What is shown stays as it is: half a history would look like lost facts.
        log.reading = false;
        pause(log, ChannelLog::Pause::Unreadable, Event::Kind::Unreadable, items.error().code,
              "older entries of that device; tried again in a moment");
        pump();
        return true;
    }
    if (current) {
        more = !items->empty() && fold_all(log, *items, now);
    }
    log.reading = false;
    if (more && log.folded < log.head.seq) {
        read_on(log);
    } else {
        finish(log);
    }
    rebuild_ended();
    return true;
}

// False if the fold stops somewhere in `items`.
bool Fold::fold_all(ChannelLog& log, storage::ItemsView items, Now now) {
    for (const ByteView item : items) {
        const auto stored = decode_stored(item);
        if (!stored) {
            damaged(log);
            return false;
        }
        if (!fold_one(log, chain_next(log.folded_hash, stored->entry), stored->entry, now)) {
            return false;
        }
    }
    if (log.folded == log.head.seq && log.folded_hash != log.head.hash) {
        damaged(log);
    }
    return true;
}

void Fold::damaged(ChannelLog& log) {
    log.frozen = true;
    report_({Event::Kind::Damaged, log.channel.writer, Error{ErrorCode::FactsDamaged, log.stream}});
}

void Fold::finish(ChannelLog& log) {
    Audience& audience = audience_of(log);
    if (audience.unfinished.erase(&log) == 0 || !audience.unfinished.empty()) {
        return;
    }
    AudienceState::diff(audience.shown, *audience.rebuilt, changes_);
    audience.shown = std::move(*audience.rebuilt);
    audience.rebuilt.reset();
}

void Fold::rebuild(const privacy::NamedAudience& name) {
    Audience& audience = audiences_.try_emplace(name, name).first->second;
    audience.rebuilt = std::make_unique<AudienceState>(name);
    audience.unfinished.clear();
    for (auto& [channel, log] : table_.all()) {
        if (channel.audience == name) {
            log.folded = log.base;
            log.folded_hash = log.base_hash;
            log.pause = ChannelLog::Pause::None;
            log.newest_ms = 0;
            audience.unfinished.insert(&log);
            read_on(log);
        }
    }
}

const AudienceState* Fold::state(const privacy::NamedAudience& audience) const {
    const auto at = audiences_.find(audience);
    return at == audiences_.end() ? nullptr : &at->second.shown;
}

void Fold::query(const Filter& filter, std::vector<LabelledFact>& out) const {
    for (const auto& [name, audience] : audiences_) {
        if (!filter.audience || *filter.audience == name) {
            audience.shown.query(filter, out);
        }
    }
}

std::size_t Fold::size() const {
    std::size_t size = 0;
    for (const auto& [name, audience] : audiences_) {
        size += audience.shown.size();
    }
    return size;
}

std::size_t Fold::bytes() const {
    std::size_t bytes = 0;
    for (const auto& [name, audience] : audiences_) {
        bytes += audience.shown.bytes();
    }
    return bytes;
}

Fold::Audience& Fold::audience_of(const ChannelLog& log) {
    return audiences_.try_emplace(log.channel.audience, log.channel.audience).first->second;
}

}  // namespace ambit::facts
