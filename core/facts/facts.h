// Facts: the kept facts of this device, and their sync with its peers.
//
// Each device writes only its own channels (channel.h); the state is a fold over the entries of all of them.
// Ownership: one per node; borrows everything it is constructed with.  Threads: the loop's; nothing blocks
// but load(). Order of calls: set_roster() and load() first; then hand on every on_durable() and on_read() of
// the storage. Durability: a write is folded, seen by queries and offered to peers only when it is durable.
// Failure: FactInvalid, ChannelForbidden, FactsGap, FactsForged, FactsForked, FactsBusy ... (2000-2099).  An
// error of heights(), serve() or receive() means that the peer named in it did wrong, or is behind. Spec:
// docs/spec/facts.md.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "facts/fact.h"
#include "facts/messages.h"
#include "storage/storage.h"

namespace ambit::facts {

// A write that was accepted; durable when id <= Facts::durable_write().
using WriteId = std::uint64_t;

inline constexpr std::size_t kQueuedWritesMax = 8192;
inline constexpr std::size_t kChannelsPerWriterMax = 4096;
inline constexpr std::size_t kFactsMax = 1'000'000;
inline constexpr std::size_t kFactBytesMax =
    512UL * 1024 * 1024;  // of subjects, attributes, values and causes
inline constexpr std::size_t kWantsPerPeerMax = 8;
inline constexpr std::size_t kUndurableRangesMax = 64;
// How long a device waits before it tells others of what a third one wrote: nearly always they have it by
// then.  First the few whom it is up to this device to tell, later everybody.
inline constexpr milliseconds kRelayDelayMin{250};
inline constexpr milliseconds kRelayDelayMax{1000};
inline constexpr milliseconds kSweepDelayMin{15'000};
inline constexpr milliseconds kSweepDelayMax{30'000};
// What a writer sends without being asked.
inline constexpr std::size_t kNewsEntriesMax = 32;
inline constexpr std::size_t kNewsBytesMax = 16UL * 1024;
inline constexpr std::size_t kServesMax = 64;
inline constexpr std::size_t kEventsMax = 256;
inline constexpr milliseconds kClockAheadMax{300'000};

// What to write.
struct Draft {
    enum class Kind : std::uint8_t { Set = 1, Delete = 2, Add = 3, Remove = 4 };

    Kind kind = Kind::Set;
    Key key;
    Value value;  // Add, Remove: the element
    WallTime time;
    double confidence = 1.0;
    privacy::Trust trust = privacy::Trust::Trusted;
    std::vector<std::string> causes;
};

// What became different, once durable.  Deleted and Removed carry the last value.
struct Change {
    Draft::Kind kind = Draft::Kind::Set;
    LabelledFact fact;
};

// Matches facts whose subject starts with `subject_prefix`.
struct Filter {
    std::optional<privacy::NamedAudience> audience;
    std::string subject_prefix;
    std::optional<std::string> attribute;
    std::size_t limit = 10'000;
};

// Something the node reports: a log line, a health item or a line for `ambit devices`.
struct Event {
    enum class Kind : std::uint8_t {
        ClockAhead,    // entries wait until the clock agrees
        UnknownEntry,  // a critical kind of a newer version: the channel's fold stops there
        Forked,        // the writer signed two histories: the channel is frozen, the proof kept
        Restored,      // this device's own database is older than what peers hold: a new incarnation began
        Damaged,       // the stored log does not match its own hashes: the channel is frozen
        Unreadable,    // the store could not read older entries; shown as before, and tried again
        NotServed,     // the peer offered more than it then sent
    };
    Kind kind;
    DeviceId device;  // the writer; NotServed: the peer
    Error error;
};

// What goes back to a peer that wants a range.
struct Served {
    storage::ReadId serve = 0;  // what serve() returned
    DeviceId peer;
    Channel channel;
    privacy::Labelled<Bytes> range;  // encode_range(); empty: nothing (more) to send, close the call
    std::optional<Want> next;        // serve() this next, when the peer has credit
};

class Facts {
  public:
    // `ledger_head` is called for every signature.  `verifier` checks those of others; none: each of them.
    Facts(DeviceId self,
          const crypto::SigningKey& key,
          Random& random,
          storage::Storage& storage,
          std::function<Digest()> ledger_head,
          crypto::Verifier* verifier = nullptr);
    ~Facts();

    // Reads everything stored; call it once, before or after set_roster().  `fresh_incarnation`: the database
    // is known to be new or restored from a backup.  An unknown restore is found out later, when a peer
    // offers a head that this device signed and no longer has.
    Result<void> load(bool fresh_incarnation, Now now);
    void set_roster(identity::RosterView roster, Now now);

    // --- Writing.  Writes made while a commit is under way share the next one, and one signature per
    // channel.
    Result<WriteId> put(const Draft& draft, Now now);
    // All or none are accepted; the id is the last one's.
    Result<WriteId> put_all(std::span<const Draft> drafts, Now now);
    WriteId durable_write() const;

    // --- Storage events.
    std::vector<Change> on_durable(storage::Ticket up_to, Now now);
    // Served: an answer for a peer.  Nothing: the read was for the fold (see take_changes()) or not of Facts,
    // or the answer takes another reading.
    std::optional<Served> on_read(storage::ReadId id, const Result<storage::Items>& items, Now now);
    // From now on nothing becomes durable any more: every write is refused with `error`.
    void on_storage_failed(const Error& error);
    // Folds what was waiting for the clock; call it every few seconds.
    void on_tick(Now now);
    // This device's clock was ahead, and is `now`: what it wrote ahead of it is written again, in a new
    // incarnation, and the old ones end.  Does nothing if nothing is ahead, or while a write is under way:
    // call it again.  True if it did.
    bool step_back(Now now);
    // Changes that came of on_read(), on_tick() and set_roster().
    std::vector<Change> take_changes();
    std::vector<Event> take_events();

    // --- Reading.
    std::optional<LabelledFact> get(const Key& key) const;
    std::vector<LabelledFact> elements(const Key& set) const;  // of an add-wins set
    std::vector<LabelledFact> query(const Filter& filter) const;
    // Equal on all devices that hold the same entries of that audience.
    Digest state_hash(const privacy::NamedAudience& audience) const;
    std::size_t count() const;
    // The newest time that anything here was written at, by whoever's clock was ahead.
    WallTime newest() const;

    // --- Sync.  `peer` is always the authenticated device at the other end.
    // Bodies for "facts.heights": only channels that `peer` may read.  Send them when a link comes up or the
    // roster changed; changed_heights() after on_durable(), and at next_relay(), if is_telling_due().
    std::vector<privacy::Labelled<Bytes>> heights(const DeviceId& peer) const;

    struct ForPeer {
        DeviceId peer;
        privacy::Labelled<Bytes> heights;
    };

    // False: news() and changed_heights() have nothing for anybody now, and clear_changed() nothing to do.
    bool is_telling_due(Now now) const;
    // The same for what changed, for `up`, the peers that have a link, in order.  Own channels at once.
    // Others' after a while, to those who are not known to hold it: soon to those whom Sync::told_soon()
    // names; to all of them later.
    std::vector<ForPeer> changed_heights(std::span<const DeviceId> up, Now now);
    // Bodies for "facts.news", for peers that take it: what was written here since and is durable.  Ask
    // before changed_heights(), which says no more of it to them.
    std::vector<privacy::Labelled<Bytes>> news(const DeviceId& peer);
    // Call once news() and changed_heights() of the same moment went to every peer.
    void clear_changed(Now now);
    // When others' channels are due.
    std::optional<MonoTime> next_relay() const;
    Result<void> on_heights(const DeviceId& peer, ByteView heights, Now now);
    // What to ask `peer` for now (one "facts.range" call each); each stays outstanding until close_want().
    std::vector<Want> wants(const DeviceId& peer);
    // `keep_offer`: `peer` may be asked for it again without offering it anew.
    void close_want(const DeviceId& peer, const Channel& channel, bool keep_offer = false);
    // How far `peer` says it holds `channel`, while there is something to get; otherwise 0.
    std::uint64_t offered(const DeviceId& peer, const Channel& channel) const;
    // Checks one item of the answer, and stores it now or together with what comes soon after (arrivals.h);
    // folded when durable.
    Result<void> receive(const DeviceId& peer, ByteView range, Now now);
    // The same for what `peer` wrote and sent unasked; what does not follow on what is here counts as a
    // height.
    Result<void> receive_news(const DeviceId& peer, ByteView range, Now now);
    // Call commit_arrivals() then, and before a stop, for what would be fetched anew otherwise.
    std::optional<MonoTime> next_commit() const;
    void commit_arrivals(Now now);
    // How many more ranges receive() takes before the store catches up: the credit to grant.
    std::size_t range_credit() const;
    // Begins an answer; an on_read() brings it, as Served::serve.
    Result<storage::ReadId> serve(const DeviceId& peer, const Want& want);
    void forget_peer(const DeviceId& peer);

    const Incarnation& incarnation() const;
    // The newest head of each channel that `writer` signed: for a removal operation and for witnessing its
    // ledger.
    std::vector<Height> heads_of(const DeviceId& writer) const;

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace ambit::facts
