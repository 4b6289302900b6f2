#include "facts/facts.h"

#include <algorithm>
#include <charconv>

#include "facts/arrivals.h"
#include "facts/telling.h"
#include "facts/writer.h"
#include "proto/facts.pb.h"

namespace ambit::facts {
namespace {

constexpr const char* kSelfTable = "facts.self";
constexpr const char* kIncarnationKey = "incarnation";
// By stream: what this device wrote there later than so many milliseconds does not count.
constexpr const char* kEndsTable = "facts.ends";

}  // namespace

struct Facts::Parts {
    Parts(DeviceId self_id,
          const crypto::SigningKey& key,
          Random& random_source,
          storage::Storage& store,
          std::function<Digest()> ledger_head,
          crypto::Verifier* the_verifier)
        : self(self_id),
          random(random_source),
          storage(store),
          fold(self, table, storage, clock, [this](Event event) { report(std::move(event)); }),
          guests(table, storage),
          arrivals(storage),
          writer(self, key, storage, std::move(ledger_head), table, fold, readers, clock),
          sync(self,
               storage,
               table,
               fold,
               readers,
               guests,
               the_verifier != nullptr ? *the_verifier : plain_verifier,
               [this](Event event) { report(std::move(event)); }),
          telling(self, random, table, sync) {
        sync.set_on_restored([this] { begin_incarnation(); });
        sync.set_on_continued([this](const DeviceId& peer) { know_no_more.insert(peer); });
    }

    void report(Event event) {
        if (events.size() >= kEventsMax) {
            events.erase(events.begin());
        }
        events.push_back(std::move(event));
    }

    void begin_incarnation() {
        continues = true;
        use_incarnation(random.id<Incarnation>(), true);
    }

    // This database may be an old copy, and peers may hold what came after it.  Until each of them has shown
    // that it knows no more than this device - one may be behind itself - writing on in the same channels
    // could contradict what it wrote before.
    void begin_incarnation_if_in_doubt() {
        const identity::Roster* roster = readers.roster();
        if (continues || roster == nullptr) {
            return;
        }
        continues = std::all_of(roster->devices.begin(), roster->devices.end(), [this](const auto& member) {
            return member.first == self || know_no_more.contains(member.first);
        });
        if (!continues) {
            begin_incarnation();
        }
    }

    void use_incarnation(const Incarnation& incarnation, bool store) {
        writer.set_incarnation(incarnation);
        sync.set_incarnation(incarnation);
        if (store) {
            const ByteView bytes = incarnation.bytes();
            storage.commit({storage::Put{kSelfTable, kIncarnationKey, Bytes(bytes.begin(), bytes.end())}});
        }
    }

    void take(std::optional<Arrival> arrival, Now now) {
        if (!arrival) {
            return;
        }
        ranges += arrival->undurable.log->channel.writer == self ? 0 : 1;
        arrivals.add(std::move(*arrival));
        if (arrivals.is_due(now)) {
            keep(arrivals.commit(now));
        }
    }

    void keep(std::vector<Undurable> groups) {
        std::move(groups.begin(), groups.end(), std::back_inserter(undurable));
    }

    // What waits goes with it, at no further cost.
    void flush(Now now) {
        if (std::vector<Undurable> written = writer.flush(); !written.empty()) {
            keep(std::move(written));
            keep(arrivals.commit(now));
        }
    }

    Result<void> load_ends();
    void write_again(const std::map<privacy::NamedAudience, std::vector<ChannelLog*>>& ahead,
                     std::uint64_t latest,
                     Now now);
    Result<void> load_incarnation(bool fresh);
    Result<void> load_channels(Now now);
    Result<void> load_forks();

    DeviceId self;
    Random& random;
    storage::Storage& storage;
    crypto::Verifier plain_verifier;
    HlcClock clock;
    Readers readers;
    ChannelTable table;
    Fold fold;
    Guests guests;
    Arrivals arrivals;
    Writer writer;
    Sync sync;
    Telling telling;
    std::deque<Undurable> undurable;
    bool continues = false;           // what is written now follows on what was written before
    std::set<DeviceId> know_no_more;  // of the present incarnation than this device
    std::size_t ranges = 0;           // those of `undurable` that came from peers
    std::vector<Event> events;
    bool loaded = false;
};

Result<void> Facts::Parts::load_incarnation(bool fresh) {
    AMBIT_TRY_ASSIGN(const auto records, storage.load_table(kSelfTable));
    const auto record = records.find(kIncarnationKey);
    if (!fresh && record != records.end()) {
        AMBIT_TRY_ASSIGN(const Incarnation incarnation, Incarnation::from_bytes(record->second));
        use_incarnation(incarnation, false);
        return {};
    }
    begin_incarnation();
    return {};
}

namespace {

// Reads stored channels in order, and hands on the entries up to each signed head that matches them.
class Loader {
  public:
    Loader(ChannelTable& table, Fold& fold, Guests& guests, std::map<std::string, Bytes> bases, Now now)
        : table_(table), fold_(fold), guests_(guests), bases_(std::move(bases)), now_(now) {}

    void on_item(const std::string& stream, std::uint64_t seq, ByteView item) {
        if (log_ == nullptr || log_->stream != stream) {
            begin(stream, seq);
        }
        if (log_ == nullptr || log_->frozen) {
            return;
        }
        const auto stored = decode_stored(item);
        if (!stored || seq != seq_ + 1) {
            return damaged();
        }
        seq_ = seq;
        hash_ = chain_next(hash_, stored->entry);
        pending_.push_back(item);
        hashes_.push_back(hash_);
        guests_.on_entry(*log_, seq, stored->entry);
        if (!stored->head) {
            return;
        }
        if (stored->head->seq != seq_ || stored->head->hash != hash_) {
            return damaged();
        }
        const std::uint64_t first_seq = log_->tip.seq + 1;
        log_->tip = log_->head = *stored->head;
        fold_.offer(*log_, first_seq, pending_, hashes_, now_);
        fold_.take_changes();  // what was already so is no news
        forget_pending();
    }

    // After the last item.
    void finish() {
        if (log_ != nullptr && !pending_.empty()) {
            damaged();
        }
    }

    const std::vector<ChannelLog*>& damaged_logs() const { return damaged_; }

  private:
    void begin(const std::string& stream, std::uint64_t seq) {
        finish();
        log_ = nullptr;
        forget_pending();
        const auto channel = Channel::from_stream(stream);
        if (!channel) {
            return;
        }
        log_ = &table_.open_own(*channel);
        const auto base = bases_.find(stream);
        v1::StoredFactBase record;
        if (base != bases_.end() &&
            record.ParseFromArray(base->second.data(), static_cast<int>(base->second.size())) &&
            record.seq() + 1 == seq) {
            log_->base = log_->folded = log_->tip.seq = record.seq();
            log_->base_hash = Digest::from_bytes(view_of(record.hash())).value_or(Digest());
            log_->folded_hash = log_->tip.hash = log_->base_hash;
        }
        seq_ = log_->tip.seq;
        hash_ = log_->tip.hash;
    }

    void damaged() {
        log_->frozen = true;
        forget_pending();
        damaged_.push_back(log_);
    }

    void forget_pending() {
        pending_.clear();
        hashes_.clear();
    }

    ChannelTable& table_;
    Fold& fold_;
    Guests& guests_;
    std::map<std::string, Bytes> bases_;
    Now now_;
    ChannelLog* log_ = nullptr;
    std::uint64_t seq_ = 0;
    Digest hash_;
    storage::Items pending_;  // since the last signed head
    std::vector<Digest> hashes_;
    std::vector<ChannelLog*> damaged_;
};

}  // namespace

Result<void> Facts::Parts::load_channels(Now now) {
    AMBIT_TRY_ASSIGN(auto bases, storage.load_table("facts.bases"));
    Loader loader(table, fold, guests, std::move(bases), now);
    AMBIT_TRY(
        storage.load_streams("facts/", [&loader](const std::string& stream, std::uint64_t seq,
                                                 ByteView item) { loader.on_item(stream, seq, item); }));
    loader.finish();
    for (const ChannelLog* log : loader.damaged_logs()) {
        report({Event::Kind::Damaged, log->channel.writer, Error{ErrorCode::FactsDamaged, log->stream}});
        if (log->channel.writer == self && log->channel.incarnation == writer.incarnation()) {
            begin_incarnation();
        }
    }
    return {};
}

Result<void> Facts::Parts::load_ends() {
    AMBIT_TRY_ASSIGN(const auto ends, storage.load_table(kEndsTable));
    for (const auto& [stream, record] : ends) {
        const std::string text = to_text(record);
        std::uint64_t ms = 0;
        const auto parsed = std::from_chars(text.data(), text.data() + text.size(), ms);
        const auto channel = Channel::from_stream(stream);
        if (channel && parsed.ec == std::errc()) {
            fold.end(*channel, ms);
        }
    }
    return {};
}

void Facts::Parts::write_again(const std::map<privacy::NamedAudience, std::vector<ChannelLog*>>& ahead,
                               std::uint64_t latest,
                               Now now) {
    storage::Batch ends;
    for (const auto& [audience, logs] : ahead) {
        std::vector<Entry> entries = fold.state(audience)->written_after(self, latest);
        for (const ChannelLog* log : logs) {
            Entry& end = entries.emplace_back();
            end.kind = kEndKind;
            end.subject = log->channel.incarnation.hex();
            end.attribute = kEndAttribute;
            end.value = static_cast<std::int64_t>(latest);
            ends.emplace_back(storage::Put{kEndsTable, log->stream, to_bytes(std::to_string(latest))});
        }
        writer.put_again(audience, std::move(entries), now);
    }
    flush(now);
    // After what is written again, so that no power loss comes between.
    storage.commit(std::move(ends));
}

Result<void> Facts::Parts::load_forks() {
    AMBIT_TRY_ASSIGN(const auto forks, storage.load_table("facts.forks"));
    for (const auto& [stream, proof] : forks) {
        const auto channel = Channel::from_stream(stream);
        if (channel) {
            table.open_own(*channel).frozen = true;
            report({Event::Kind::Forked, channel->writer, Error{ErrorCode::FactsForked, stream}});
        }
    }
    return {};
}

Facts::Facts(DeviceId self,
             const crypto::SigningKey& key,
             Random& random,
             storage::Storage& storage,
             std::function<Digest()> ledger_head,
             crypto::Verifier* verifier)
    : parts_(std::make_unique<Parts>(self, key, random, storage, std::move(ledger_head), verifier)) {}

Facts::~Facts() = default;

Result<void> Facts::load(bool fresh_incarnation, Now now) {
    AMBIT_TRY(parts_->load_incarnation(fresh_incarnation));
    AMBIT_TRY(parts_->guests.load());
    AMBIT_TRY(parts_->load_ends());
    AMBIT_TRY(parts_->load_channels(now));
    AMBIT_TRY(parts_->load_forks());
    parts_->loaded = true;
    if (const identity::Roster* roster = parts_->readers.roster()) {
        parts_->guests.set_roster(*roster, now);
    }
    return {};
}

void Facts::set_roster(identity::RosterView roster, Now now) {
    parts_->readers.set_roster(roster);
    if (parts_->loaded) {
        parts_->guests.set_roster(*roster, now);
    }
    parts_->fold.set_roster(std::move(roster));
}

Result<WriteId> Facts::put(const Draft& draft, Now now) {
    return put_all({&draft, 1}, now);
}

Result<WriteId> Facts::put_all(std::span<const Draft> drafts, Now now) {
    parts_->begin_incarnation_if_in_doubt();
    AMBIT_TRY_ASSIGN(const WriteId id, parts_->writer.put(drafts, now));
    parts_->flush(now);
    return id;
}

WriteId Facts::durable_write() const {
    return parts_->writer.durable_write();
}

std::vector<Change> Facts::on_durable(storage::Ticket up_to, Now now) {
    auto& undurable = parts_->undurable;
    std::size_t entries = 0;
    for (auto at = undurable.begin(); at != undurable.end() && at->ticket <= up_to; ++at) {
        entries += at->items.size();
    }
    parts_->fold.expect_changes(entries);
    while (!undurable.empty() && undurable.front().ticket <= up_to) {
        Undurable group = std::move(undurable.front());
        undurable.pop_front();
        parts_->ranges -= group.log->channel.writer == parts_->self ? 0 : 1;
        group.log->head = group.head;
        parts_->telling.note_changed(*group.log, now);
        if (group.news) {
            parts_->telling.add_news(
                *group.log, group.first_seq,
                {encode_range(*group.news), privacy::Label{privacy::Audience(group.log->channel.audience)}});
        }
        parts_->fold.offer(*group.log, group.first_seq, group.items, group.hashes, now);
    }
    parts_->writer.on_durable(up_to);
    parts_->flush(now);
    return parts_->fold.take_changes();
}

std::optional<Served> Facts::on_read(storage::ReadId id, const Result<storage::Items>& items, Now now) {
    if (parts_->fold.on_read(id, items, now)) {
        return std::nullopt;
    }
    return parts_->sync.on_read(id, items);
}

void Facts::on_storage_failed(const Error& error) {
    parts_->writer.on_storage_failed(error);
}

void Facts::on_tick(Now now) {
    parts_->fold.on_tick(now);
}

bool Facts::step_back(Now now) {
    Parts& me = *parts_;
    const std::uint64_t latest = unix_ms(now.wall + kClockAheadMax);
    if (me.clock.last().ms() <= latest || !me.writer.is_idle()) {
        return false;
    }
    std::map<privacy::NamedAudience, std::vector<ChannelLog*>> ahead;
    Hlc newest;
    for (auto& [channel, log] : me.table.all()) {
        if (const AudienceState* state = me.fold.state(channel.audience)) {
            newest = std::max(newest, state->newest_until(latest));
        }
        if (channel.writer == me.self && log.newest_ms > latest) {
            ahead[channel.audience].push_back(&log);
        }
    }
    me.clock.step_back(newest);
    if (!ahead.empty()) {
        me.begin_incarnation();
        me.write_again(ahead, latest, now);
    }
    me.fold.step_back(now);
    return true;
}

std::vector<Change> Facts::take_changes() {
    return parts_->fold.take_changes();
}

std::vector<Event> Facts::take_events() {
    return std::exchange(parts_->events, {});
}

std::optional<LabelledFact> Facts::get(const Key& key) const {
    const AudienceState* state = parts_->fold.state(key.audience);
    return state != nullptr ? state->get(key.subject, key.attribute) : std::nullopt;
}

std::vector<LabelledFact> Facts::elements(const Key& set) const {
    const AudienceState* state = parts_->fold.state(set.audience);
    return state != nullptr ? state->elements(set.subject, set.attribute) : std::vector<LabelledFact>();
}

std::vector<LabelledFact> Facts::query(const Filter& filter) const {
    std::vector<LabelledFact> out;
    parts_->fold.query(filter, out);
    return out;
}

Digest Facts::state_hash(const privacy::NamedAudience& audience) const {
    const AudienceState* state = parts_->fold.state(audience);
    return state != nullptr ? state->hash() : Digest();
}

std::size_t Facts::count() const {
    return parts_->fold.size();
}

WallTime Facts::newest() const {
    return WallTime(milliseconds(parts_->clock.last().ms()));
}

std::vector<privacy::Labelled<Bytes>> Facts::heights(const DeviceId& peer) const {
    return parts_->sync.heights(peer);
}

bool Facts::is_telling_due(Now now) const {
    return parts_->telling.is_due(now);
}

std::vector<privacy::Labelled<Bytes>> Facts::news(const DeviceId& peer) {
    return parts_->telling.news(peer);
}

std::vector<Facts::ForPeer> Facts::changed_heights(std::span<const DeviceId> up, Now now) {
    return parts_->telling.heights(up, now);
}

void Facts::clear_changed(Now now) {
    parts_->telling.clear(now);
}

std::optional<MonoTime> Facts::next_relay() const {
    return parts_->telling.next();
}

Result<void> Facts::on_heights(const DeviceId& peer, ByteView heights, Now /*now*/) {
    return parts_->sync.on_heights(peer, heights);
}

std::vector<Want> Facts::wants(const DeviceId& peer) {
    return parts_->sync.wants(peer);
}

void Facts::close_want(const DeviceId& peer, const Channel& channel, bool keep_offer) {
    parts_->sync.close_want(peer, channel, keep_offer);
}

std::uint64_t Facts::offered(const DeviceId& peer, const Channel& channel) const {
    return parts_->sync.offered(peer, channel);
}

Result<void> Facts::receive(const DeviceId& peer, ByteView range, Now now) {
    if (range_credit() == 0) {
        return Error{ErrorCode::FactsBusy, peer.short_hex() + ": more ranges than it has credit for"};
    }
    AMBIT_TRY_ASSIGN(auto arrival, parts_->sync.receive(peer, range));
    parts_->take(std::move(arrival), now);
    return {};
}

Result<void> Facts::receive_news(const DeviceId& peer, ByteView range, Now now) {
    AMBIT_TRY_ASSIGN(auto arrival, parts_->sync.receive_news(peer, range, range_credit() != 0));
    parts_->take(std::move(arrival), now);
    return {};
}

std::optional<MonoTime> Facts::next_commit() const {
    return parts_->arrivals.due();
}

void Facts::commit_arrivals(Now now) {
    parts_->keep(parts_->arrivals.commit(now));
}

std::size_t Facts::range_credit() const {
    return kUndurableRangesMax - std::min(parts_->ranges, kUndurableRangesMax);
}

Result<storage::ReadId> Facts::serve(const DeviceId& peer, const Want& want) {
    return parts_->sync.serve(peer, want);
}

void Facts::forget_peer(const DeviceId& peer) {
    parts_->sync.forget_peer(peer);
}

const Incarnation& Facts::incarnation() const {
    return parts_->writer.incarnation();
}

std::vector<Height> Facts::heads_of(const DeviceId& writer) const {
    std::vector<Height> heads;
    for (const auto& [channel, log] : parts_->table.all()) {
        if (channel.writer == writer && log.head.seq != 0) {
            heads.push_back({channel, log.head});
        }
    }
    return heads;
}

}  // namespace ambit::facts
