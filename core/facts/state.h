// AudienceState: what the entries of one audience add up to.
//
// A pure function of the set of entries applied: any order, and any of them twice, gives the same state.
// Registers: the last writer wins, by (hybrid logical clock, device, hash).  Sets: an addition stays until an
// entry that has observed it removes it.  Ownership: one per audience; borrows channels.  Threads: the
// loop's. Cost: O(log n) an entry; the hash is kept up to date by adding and subtracting.  Failure: none.
#pragma once

#include <array>
#include <map>
#include <set>

#include "facts/entry.h"

namespace ambit::facts {

// A sum of digests modulo 2^256, which does not depend on their order.
class SumHash {
  public:
    void add(const Digest& digest);
    void subtract(const Digest& digest);
    // As 32 bytes, little-endian.
    Digest value() const;
    friend bool operator==(const SumHash&, const SumHash&) = default;

  private:
    std::array<std::uint64_t, 4> limbs_{};
};

class AudienceState {
  public:
    explicit AudienceState(const privacy::NamedAudience& audience) : name_(audience), audience_(audience) {}

    // What became different, if anything.  `channel` must outlive this.
    std::optional<Change> apply(const Channel& channel, const EntryHash& hash, Entry&& entry);

    std::optional<LabelledFact> get(const std::string& subject, const std::string& attribute) const;
    std::vector<LabelledFact> elements(const std::string& subject, const std::string& attribute) const;
    // Appends up to filter.limit facts in all.
    void query(const Filter& filter, std::vector<LabelledFact>& out) const;
    // The additions of `element` that are alive, for a removal to name.
    std::vector<EntryHash> observed(const Key& set, const Value& element) const;

    // What `writer` says here and wrote later than `ms`, as entries that say it again.
    std::vector<Entry> written_after(const DeviceId& writer, std::uint64_t ms) const;
    // The newest clock, of those not later than `ms`, of what counts.
    Hlc newest_until(std::uint64_t ms) const;

    Digest hash() const { return sum_.value(); }

    // The same from scratch, for tests.
    Digest hash_slowly() const;

    // Facts, and additions that a removal has observed.
    std::size_t size() const { return size_; }

    // Of what peers chose the length of.
    std::size_t bytes() const { return bytes_; }

    // The changes that lead from `before` to `after`.
    static void diff(const AudienceState& before, const AudienceState& after, std::vector<Change>& out);

  private:
    struct Written {
        const Channel* channel = nullptr;
        EntryHash hash;
        Hlc hlc;
        std::int64_t time_us = 0;
        double confidence = 1;
        bool untrusted = false;
        bool deleted = false;
        Value value;
        std::vector<std::string> causes;

        bool beats(const Written& other) const;
    };

    // One that a removal observed is kept, with nothing alive, for additions that are still on their way.
    struct Element {
        std::map<EntryHash, Written> alive;  // in the set while one addition is
        std::set<EntryHash> removed;         // observed by a removal, whether or not the addition is here yet
    };

    using Set = std::map<Value, Element>;
    using Name = std::pair<std::string, std::string>;

    std::optional<Change> write(Name name, Written written);
    std::optional<Change> add(Name name, Written written);
    std::optional<Change> remove(Name name, const Entry& entry);
    Element& element_of(const Name& name, Set& set, const Value& value);
    static std::size_t bytes_of(const Name& name);
    static std::size_t bytes_of(const Written& written);
    LabelledFact fact(const Name& name, const Written& written) const;
    static Entry again(const Name& name, const Written& written, Draft::Kind kind);
    static const Written& newest(const std::map<EntryHash, Written>& additions);

    privacy::NamedAudience name_;
    privacy::Audience audience_;  // the same, for labels
    std::map<Name, Written> registers_;
    std::map<Name, Set> sets_;
    SumHash sum_;
    std::size_t size_ = 0;
    std::size_t bytes_ = 0;
};

}  // namespace ambit::facts
