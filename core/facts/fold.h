// Fold: turns durable entries into state, channel by channel, each in order and without gaps.
//
// A channel whose next entry can't count yet (clock ahead), or here (unknown, after its writer's removal),
// pauses; when that changes the fold reads on from the store.  A removal that reaches back rebuilds the
// audience beside the state that is being shown, and swaps.  Ownership: one per Facts; borrows the table, the
// storage and the clock. Threads: the loop's.  Failure: none; what is to be reported is an Event.
#pragma once

#include <deque>

#include "facts/channel_log.h"
#include "facts/hlc.h"
#include "facts/state.h"

namespace ambit::facts {

// Readings of older entries under way at once.
inline constexpr std::size_t kFoldReadsMax = 4;

class Fold {
  public:
    Fold(DeviceId self,
         ChannelTable& table,
         storage::Storage& storage,
         HlcClock& clock,
         std::function<void(Event)> report);

    // Removals may cut channels shorter or let them grow again.
    void set_roster(identity::RosterView roster);

    // So many changes may come next.
    void expect_changes(std::size_t count) { changes_.reserve(changes_.size() + count); }

    // The stored `items` of `log` from `first_seq`, which have these hashes, are durable.
    void offer(ChannelLog& log,
               std::uint64_t first_seq,
               storage::ItemsView items,
               std::span<const Digest> hashes,
               Now now);
    // True if the reading was the fold's.
    bool on_read(storage::ReadId id, const Result<storage::Items>& items, Now now);
    // Tries again what waited for the clock or could not be read.
    void on_tick(Now now);
    // What this channel says by a clock later than `ms` does not count.
    void end(const Channel& channel, std::uint64_t ms);
    // The clock went back to `now`: what lies ahead of it waits again.
    void step_back(Now now);

    const AudienceState* state(const privacy::NamedAudience& audience) const;
    void query(const Filter& filter, std::vector<LabelledFact>& out) const;
    std::size_t size() const;
    std::size_t bytes() const;

    std::vector<Change> take_changes() { return std::exchange(changes_, {}); }

    // The last entry of `channel` that counts under `roster`; nothing: all do.
    static std::optional<std::uint64_t> cut(const identity::Roster& roster,
                                            const Channel& channel,
                                            const std::string& stream);

  private:
    struct Audience {
        explicit Audience(const privacy::NamedAudience& name) : shown(name) {}

        AudienceState shown;
        std::unique_ptr<AudienceState> rebuilt;  // takes the entries while it is there
        std::set<ChannelLog*> unfinished;
    };

    struct Reading {
        ChannelLog* log;
        std::uint64_t first_seq;
    };

    bool fold_one(ChannelLog& log, const EntryHash& hash, ByteView bytes, Now now);
    bool may_fold(ChannelLog& log, const Entry& entry, Now now);
    bool pause(ChannelLog& log, ChannelLog::Pause why, Event::Kind kind, ErrorCode code, const char* detail);
    void read_on(ChannelLog& log);
    void pump();
    bool fold_all(ChannelLog& log, storage::ItemsView items, Now now);
    void damaged(ChannelLog& log);
    void finish(ChannelLog& log);
    void rebuild(const privacy::NamedAudience& audience);
    void rebuild_ended();
    void fold_end(const ChannelLog& log, const Entry& entry);
    Audience& audience_of(const ChannelLog& log);

    DeviceId self_;
    ChannelTable& table_;
    storage::Storage& storage_;
    HlcClock& clock_;
    std::function<void(Event)> report_;
    identity::RosterView roster_;
    std::map<privacy::NamedAudience, Audience> audiences_;
    std::map<Channel, std::uint64_t> ends_;  // milliseconds
    std::set<privacy::NamedAudience> to_rebuild_;
    std::deque<ChannelLog*> to_read_;
    std::map<storage::ReadId, Reading> readings_;
    std::vector<Change> changes_;
};

}  // namespace ambit::facts
