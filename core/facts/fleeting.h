// Fleeting facts: presence, load, battery, raw readings: last value only, in memory, until they expire.
//
// Same label and gate as kept facts.  Ownership: one per node.  Threads: the loop's.
// Failure: FactInvalid, ChannelForbidden, LimitExceeded (2000-2099).  Spec: docs/spec/facts.md section
// "Fleeting".
#pragma once

#include <map>
#include <set>
#include <vector>

#include "facts/fact.h"

namespace ambit::facts {

inline constexpr std::size_t kFleetingMax = 65'536;
inline constexpr std::size_t kFleetingPerSourceMax = 16'384;  // a hub tells the states of a large home
inline constexpr std::size_t kFleetingBytesPerSourceMax =
    8 * 1024 * 1024;  // of subjects, attributes and values
inline constexpr std::size_t kFleetingPerMessageMax = 256;
inline constexpr milliseconds kFleetingLifeMax{24LL * 3600 * 1000};

class Fleeting {
  public:
    explicit Fleeting(DeviceId self) : self_(self) {}

    // What comes from a device that left its audience, or is not for this device any more, goes at once.
    void set_roster(identity::RosterView roster);

    // This device's own value for `key`, gone after `life` unless put again.  The audience may be another
    // device alone: what was released to it.
    Result<void> put(const Key& key, Value value, WallTime time, milliseconds life, Now now);
    void erase(const Key& key);
    // Newest per (key, source); a prefix of the subject, "" for all.
    std::vector<LabelledFact> query(std::string_view subject_prefix, Now now) const;

    // Bodies for "facts.fleeting": this device's own values that `peer` may read; `changed_only` since
    // clear_changed().
    std::vector<privacy::Labelled<Bytes>> messages_for(const DeviceId& peer,
                                                       bool changed_only,
                                                       Now now) const;

    bool has_changed() const { return !changed_.empty(); }

    void clear_changed() { changed_.clear(); }

    // A peer speaks only for itself.  Returns what is new; nothing of a message with anything wrong in it.
    Result<std::vector<LabelledFact>> on_message(const DeviceId& peer, ByteView body, Now now);
    // Forgets what has expired.
    void on_tick(Now now);

  private:
    struct Id {
        Key key;
        DeviceId source;
        friend auto operator<=>(const Id&, const Id&) = default;
    };

    // By audience first, which may be looked for alone.
    struct Order {
        using is_transparent = void;

        bool operator()(const Id& left, const Id& right) const { return left < right; }

        bool operator()(const Id& left, const privacy::NamedAudience& right) const {
            return left.key.audience < right;
        }

        bool operator()(const privacy::NamedAudience& left, const Id& right) const {
            return left < right.key.audience;
        }
    };

    struct Kept {
        Fact fact;
        MonoTime expires;
    };

    using Table = std::map<Id, Kept, Order>;

    struct Count {
        std::size_t facts = 0;
        std::size_t bytes = 0;
    };

    // REQUIRES: checked.
    Result<void> keep(Fact fact, milliseconds life, Now now);
    Table::iterator forget(Table::iterator at);

    DeviceId self_;
    identity::RosterView roster_;
    Table facts_;
    std::map<DeviceId, Count> per_source_;
    std::set<Key> changed_;
};

}  // namespace ambit::facts
