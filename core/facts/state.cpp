#include "facts/state.h"

#include <algorithm>
#include <tuple>

namespace ambit::facts {

void SumHash::add(const Digest& digest) {
    std::uint64_t carry = 0;
    for (std::size_t i = 0; i < limbs_.size(); ++i) {
        std::uint64_t limb = 0;
        for (std::size_t byte = 8; byte > 0; --byte) {
            limb = limb << 8U | digest.bytes()[8 * i + byte - 1];
        }
        const std::uint64_t sum = limbs_[i] + limb;
        const std::uint64_t with_carry = sum + carry;
        carry = static_cast<std::uint64_t>(sum < limb) + static_cast<std::uint64_t>(with_carry < sum);
        limbs_[i] = with_carry;
    }
}

void SumHash::subtract(const Digest& digest) {
    // Adds the two's complement: the inverted digest, and one.
    std::array<std::uint8_t, Digest::kSize> inverted{};
    for (std::size_t i = 0; i < inverted.size(); ++i) {
        inverted[i] = static_cast<std::uint8_t>(~digest.bytes()[i]);
    }
    add(Digest(inverted));
    std::array<std::uint8_t, Digest::kSize> one{};
    one[0] = 1;
    add(Digest(one));
}

Digest SumHash::value() const {
    std::array<std::uint8_t, Digest::kSize> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        bytes[i] = static_cast<std::uint8_t>(limbs_[i / 8] >> (8 * (i % 8)));
    }
    return Digest(bytes);
}

bool AudienceState::Written::beats(const Written& other) const {
    return std::tie(hlc, channel->writer, hash) > std::tie(other.hlc, other.channel->writer, other.hash);
}

std::optional<Change> AudienceState::apply(const Channel& channel, const EntryHash& hash, Entry&& entry) {
    Name name{std::move(entry.subject), std::move(entry.attribute)};
    const auto kind = static_cast<Draft::Kind>(entry.kind);
    if (kind == Draft::Kind::Remove) {
        return remove(std::move(name), entry);
    }
    Written written;
    written.channel = &channel;
    written.hash = hash;
    written.hlc = entry.hlc;
    written.time_us = entry.time_us;
    written.confidence = entry.confidence;
    written.untrusted = entry.untrusted;
    written.deleted = kind == Draft::Kind::Delete;
    written.value = std::move(entry.value);
    written.causes = std::move(entry.causes);
    return kind == Draft::Kind::Add ? add(std::move(name), std::move(written))
                                    : write(std::move(name), std::move(written));
}

std::optional<Change> AudienceState::write(Name name, Written written) {
    const auto [at, fresh] = registers_.try_emplace(std::move(name));
    Written& winner = at->second;
    if (!fresh && !written.beats(winner)) {
        return std::nullopt;
    }
    const bool was_deleted = fresh || winner.deleted;
    if (fresh) {
        ++size_;
        bytes_ += bytes_of(at->first);
    } else {
        sum_.subtract(winner.hash);
        bytes_ -= bytes_of(winner);
    }
    sum_.add(written.hash);
    if (written.deleted) {
        written.value = std::move(winner.value);  // a deletion is told with the last value
    }
    winner = std::move(written);
    std::optional<Change> change;
    if (!winner.deleted || !was_deleted) {
        change = Change{winner.deleted ? Draft::Kind::Delete : Draft::Kind::Set, fact(at->first, winner)};
    }
    if (winner.deleted) {
        winner.value = {};
    }
    bytes_ += bytes_of(winner);
    return change;
}

std::optional<Change> AudienceState::add(Name name, Written written) {
    const auto at = sets_.try_emplace(std::move(name)).first;
    Element& element = element_of(at->first, at->second, written.value);
    if (element.removed.contains(written.hash)) {
        return std::nullopt;
    }
    const bool was_absent = element.alive.empty();
    const EntryHash hash = written.hash;
    const auto [added, fresh] = element.alive.try_emplace(hash, std::move(written));
    if (!fresh) {
        return std::nullopt;
    }
    sum_.add(hash);
    ++size_;
    bytes_ += bytes_of(added->second);
    if (!was_absent) {
        return std::nullopt;
    }
    return Change{Draft::Kind::Add, fact(at->first, added->second)};
}

std::optional<Change> AudienceState::remove(Name name, const Entry& entry) {
    if (entry.observed.empty()) {
        return std::nullopt;  // it removes nothing, and must not cost memory
    }
    const auto at = sets_.try_emplace(std::move(name)).first;
    Element& element = element_of(at->first, at->second, entry.value);
    std::optional<Change> change;
    if (!element.alive.empty()) {
        change = Change{Draft::Kind::Remove, fact(at->first, newest(element.alive))};
    }
    for (const EntryHash& hash : entry.observed) {
        size_ += element.removed.insert(hash).second ? 1 : 0;
        if (const auto gone = element.alive.find(hash); gone != element.alive.end()) {
            bytes_ -= bytes_of(gone->second);
            element.alive.erase(gone);
            sum_.subtract(hash);
            --size_;
        }
    }
    return element.alive.empty() ? change : std::nullopt;
}

Entry AudienceState::again(const Name& name, const Written& written, Draft::Kind kind) {
    Entry entry;
    entry.kind = static_cast<std::uint32_t>(kind);
    entry.subject = name.first;
    entry.attribute = name.second;
    entry.value = written.value;
    entry.time_us = written.time_us;
    entry.confidence = written.confidence;
    entry.untrusted = written.untrusted;
    entry.causes = written.causes;
    return entry;
}

std::vector<Entry> AudienceState::written_after(const DeviceId& writer, std::uint64_t ms) const {
    std::vector<Entry> entries;
    const auto is_wanted = [&](const Written& written) {
        return written.channel->writer == writer && written.hlc.ms() > ms;
    };
    for (const auto& [name, written] : registers_) {
        if (is_wanted(written)) {
            entries.push_back(again(name, written, written.deleted ? Draft::Kind::Delete : Draft::Kind::Set));
        }
    }
    for (const auto& [name, set] : sets_) {
        for (const auto& [value, element] : set) {
            const auto added = std::find_if(element.alive.begin(), element.alive.end(),
                                            [&](const auto& one) { return is_wanted(one.second); });
            if (added != element.alive.end()) {
                entries.push_back(again(name, added->second, Draft::Kind::Add));
            }
            // Who removed an addition, and when, is not kept; to remove it again changes nothing.
            Entry removal = again(name, {}, Draft::Kind::Remove);
            removal.value = value;
            for (auto at = element.removed.begin(); at != element.removed.end();) {
                removal.observed.push_back(*at++);
                if (removal.observed.size() == kObservedMax || at == element.removed.end()) {
                    entries.push_back(removal);
                    removal.observed.clear();
                }
            }
        }
    }
    return entries;
}

Hlc AudienceState::newest_until(std::uint64_t ms) const {
    Hlc newest;
    const auto consider = [&](const Written& written) {
        newest = written.hlc.ms() <= ms ? std::max(newest, written.hlc) : newest;
    };
    for (const auto& [name, written] : registers_) {
        consider(written);
    }
    for (const auto& [name, set] : sets_) {
        for (const auto& [value, element] : set) {
            for (const auto& [hash, added] : element.alive) {
                consider(added);
            }
        }
    }
    return newest;
}

AudienceState::Element& AudienceState::element_of(const Name& name, Set& set, const Value& value) {
    const auto [at, fresh] = set.try_emplace(value);
    bytes_ += fresh ? bytes_of(name) + text_bytes(value) : 0;
    return at->second;
}

std::size_t AudienceState::bytes_of(const Name& name) {
    return name.first.size() + name.second.size();
}

std::size_t AudienceState::bytes_of(const Written& written) {
    std::size_t bytes = text_bytes(written.value);
    for (const std::string& cause : written.causes) {
        bytes += cause.size();
    }
    return bytes;
}

std::optional<LabelledFact> AudienceState::get(const std::string& subject,
                                               const std::string& attribute) const {
    const auto at = registers_.find(Name{subject, attribute});
    if (at == registers_.end() || at->second.deleted) {
        return std::nullopt;
    }
    return fact(at->first, at->second);
}

std::vector<LabelledFact> AudienceState::elements(const std::string& subject,
                                                  const std::string& attribute) const {
    std::vector<LabelledFact> out;
    const auto set = sets_.find(Name{subject, attribute});
    if (set != sets_.end()) {
        for (const auto& [value, element] : set->second) {
            if (!element.alive.empty()) {
                out.push_back(fact(set->first, newest(element.alive)));
            }
        }
    }
    return out;
}

void AudienceState::query(const Filter& filter, std::vector<LabelledFact>& out) const {
    for (auto at = registers_.lower_bound(Name{filter.subject_prefix, ""});
         at != registers_.end() && at->first.first.starts_with(filter.subject_prefix) &&
         out.size() < filter.limit;
         ++at) {
        if (!at->second.deleted && (!filter.attribute || *filter.attribute == at->first.second)) {
            out.push_back(fact(at->first, at->second));
        }
    }
}

std::vector<EntryHash> AudienceState::observed(const Key& set, const Value& element) const {
    std::vector<EntryHash> hashes;
    const auto at = sets_.find(Name{set.subject, set.attribute});
    if (at != sets_.end()) {
        const auto additions = at->second.find(element);
        if (additions != at->second.end()) {
            for (const auto& [hash, written] : additions->second.alive) {
                hashes.push_back(hash);
            }
        }
    }
    return hashes;
}

Digest AudienceState::hash_slowly() const {
    SumHash sum;
    for (const auto& [name, winner] : registers_) {
        sum.add(winner.hash);
    }
    for (const auto& [name, set] : sets_) {
        for (const auto& [value, element] : set) {
            for (const auto& [hash, written] : element.alive) {
                sum.add(hash);
            }
        }
    }
    return sum.value();
}

void AudienceState::diff(const AudienceState& before, const AudienceState& after, std::vector<Change>& out) {
    for (const auto& [name, winner] : before.registers_) {
        const auto now = after.registers_.find(name);
        if (!winner.deleted && (now == after.registers_.end() || now->second.deleted)) {
            out.push_back({Draft::Kind::Delete, before.fact(name, winner)});
        }
    }
    for (const auto& [name, winner] : after.registers_) {
        const auto then = before.registers_.find(name);
        if (!winner.deleted && (then == before.registers_.end() || then->second.hash != winner.hash)) {
            out.push_back({Draft::Kind::Set, after.fact(name, winner)});
        }
    }
    const auto only_in = [&out](const AudienceState& one, const AudienceState& other, Draft::Kind kind) {
        for (const auto& [name, set] : one.sets_) {
            const auto there = other.sets_.find(name);
            for (const auto& [value, element] : set) {
                const bool is_there = there != other.sets_.end() && there->second.contains(value) &&
                                      !there->second.at(value).alive.empty();
                if (!element.alive.empty() && !is_there) {
                    out.push_back({kind, one.fact(name, newest(element.alive))});
                }
            }
        }
    };
    only_in(before, after, Draft::Kind::Remove);
    only_in(after, before, Draft::Kind::Add);
}

LabelledFact AudienceState::fact(const Name& name, const Written& written) const {
    Fact fact;
    fact.key = {name_, name.first, name.second};
    fact.value = written.value;
    fact.time = WallTime(microseconds(written.time_us));
    fact.confidence = written.confidence;
    fact.source = written.channel->writer;
    fact.trust = written.untrusted ? privacy::Trust::Untrusted : privacy::Trust::Trusted;
    fact.causes = written.causes;
    fact.order = written.hlc;
    fact.hash = written.hash;
    privacy::Label label{audience_, fact.trust};
    return {std::move(fact), std::move(label)};
}

const AudienceState::Written& AudienceState::newest(const std::map<EntryHash, Written>& additions) {
    const Written* best = &additions.begin()->second;
    for (const auto& [hash, written] : additions) {
        best = written.beats(*best) ? &written : best;
    }
    return *best;
}

}  // namespace ambit::facts
