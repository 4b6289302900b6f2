#include "facts/fleeting.h"

#include <algorithm>

#include "facts/entry.h"
#include "proto/facts.pb.h"

namespace ambit::facts {
namespace {

Result<void> check(const Fact& fact, milliseconds life) {
    Entry entry;
    entry.subject = fact.key.subject;
    entry.attribute = fact.key.attribute;
    entry.value = fact.value;
    entry.confidence = fact.confidence;
    entry.time_us = fact.time.time_since_epoch().count();
    AMBIT_TRY(check_entry(entry));
    if (life <= milliseconds::zero() || life > kFleetingLifeMax) {
        return Error{ErrorCode::FactInvalid, "a fleeting fact lives up to 24 hours"};
    }
    return {};
}

LabelledFact labelled(const Fact& fact) {
    return {fact, fact.label()};
}

void encode(const Fact& fact, milliseconds life, v1::FleetingFact& out) {
    out.set_audience(privacy::to_string(fact.key.audience));
    out.set_subject(fact.key.subject);
    out.set_attribute(fact.key.attribute);
    encode_value(fact.value, *out.mutable_value());
    out.set_time_us(fact.time.time_since_epoch().count());
    out.set_lives_ms(static_cast<std::uint64_t>(life.count()));
    out.set_source(fact.source.bytes().data(), DeviceId::kSize);
    out.set_confidence(fact.confidence);
    out.set_untrusted(fact.trust == privacy::Trust::Untrusted);
}

Result<Fact> decode(const v1::FleetingFact& in) {
    Fact fact;
    AMBIT_TRY_ASSIGN(fact.key.audience, privacy::parse_named_audience(in.audience()));
    fact.key.subject = in.subject();
    fact.key.attribute = in.attribute();
    AMBIT_TRY_ASSIGN(fact.value, decode_value(in.value()));
    fact.time = WallTime(microseconds(in.time_us()));
    AMBIT_TRY_ASSIGN(fact.source, DeviceId::from_bytes(view_of(in.source())));
    fact.confidence = in.confidence();
    fact.trust = in.untrusted() ? privacy::Trust::Untrusted : privacy::Trust::Trusted;
    return fact;
}

bool is_for(const privacy::NamedAudience& audience, const DeviceId& device) {
    const auto* one = std::get_if<privacy::ThisDevice>(&audience);
    return one != nullptr && one->device == device;
}

std::size_t bytes_of(const Fact& fact) {
    const auto* text = std::get_if<std::string>(&fact.value);
    const auto* json = std::get_if<Json>(&fact.value);
    return fact.key.subject.size() + fact.key.attribute.size() +
           (text != nullptr   ? text->size()
            : json != nullptr ? json->text.size()
                              : sizeof(double));
}

milliseconds left(MonoTime expires, Now now) {
    return std::chrono::ceil<milliseconds>(expires - now.mono);
}

// Facts in as few messages as may be.
class Bodies {
  public:
    void add(const Fact& fact, milliseconds life) {
        // Its reader is in every one of these audiences, and in few, so that joining never fails.
        const auto joined = label_.join(fact.label());
        if (!joined) {
            return;
        }
        label_ = *joined;
        encode(fact, life, *message_.add_facts());
        bytes_ += bytes_of(fact);
        if (static_cast<std::size_t>(message_.facts_size()) == kFleetingPerMessageMax ||
            bytes_ > kBodyBytes) {
            flush();
        }
    }

    std::vector<privacy::Labelled<Bytes>> take() {
        flush();
        return std::move(messages_);
    }

  private:
    static constexpr std::size_t kBodyBytes =
        128 * 1024;  // with one more of the largest it still is one frame

    void flush() {
        if (message_.facts_size() > 0) {
            messages_.emplace_back(to_bytes(message_.SerializeAsString()), label_);
        }
        message_.Clear();
        label_ = {};
        bytes_ = 0;
    }

    std::vector<privacy::Labelled<Bytes>> messages_;
    v1::FleetingFacts message_;
    privacy::Label label_;
    std::size_t bytes_ = 0;
};

}  // namespace

Result<void> Fleeting::put(const Key& key, Value value, WallTime time, milliseconds life, Now now) {
    // To one other device only what was released to it is said: it is the one who may read it.
    const auto* one = std::get_if<privacy::ThisDevice>(&key.audience);
    const bool allowed = one != nullptr && one->device == self_
                             ? true
                             : roster_ && privacy::may_read(privacy::Audience(key.audience), *roster_,
                                                            one != nullptr ? one->device : self_);
    if (!allowed) {
        return Error{ErrorCode::ChannelForbidden,
                     "this device is not in " + privacy::to_string(key.audience)};
    }
    Fact fact;
    fact.key = key;
    fact.value = std::move(value);
    fact.time = time;
    fact.source = self_;
    AMBIT_TRY(check(fact, life));
    AMBIT_TRY(keep(std::move(fact), life, now));
    changed_.insert(key);
    return {};
}

Result<void> Fleeting::keep(Fact fact, milliseconds life, Now now) {
    Id id{fact.key, fact.source};
    const auto known = facts_.find(id);
    const std::size_t before = known == facts_.end() ? 0 : bytes_of(known->second.fact);
    const auto counted = per_source_.find(fact.source);
    const Count count = counted == per_source_.end() ? Count() : counted->second;
    const std::size_t bytes = count.bytes - before + bytes_of(fact);
    const bool fits =
        known != facts_.end() || (facts_.size() < kFleetingMax && count.facts < kFleetingPerSourceMax);
    if (!fits || bytes > kFleetingBytesPerSourceMax) {
        return Error{ErrorCode::LimitExceeded,
                     "more than " + std::to_string(kFleetingPerSourceMax) + " fleeting facts, or " +
                         std::to_string(kFleetingBytesPerSourceMax) + " bytes of them, of one device"};
    }
    per_source_[fact.source] = {count.facts + (known == facts_.end() ? 1 : 0), bytes};
    facts_.insert_or_assign(std::move(id), Kept{std::move(fact), now.mono + life});
    return {};
}

void Fleeting::set_roster(identity::RosterView roster) {
    roster_ = std::move(roster);
    for (auto at = facts_.begin(); at != facts_.end();) {
        const auto& [key, source] = at->first;
        const privacy::Audience audience(key.audience);
        const bool to_me = is_for(key.audience, self_);
        const bool stays =
            source == self_ ||
            ((to_me ? roster_->devices.contains(source) : privacy::may_read(audience, *roster_, source)) &&
             privacy::may_read(audience, *roster_, self_));
        at = stays ? std::next(at) : forget(at);
    }
}

void Fleeting::erase(const Key& key) {
    if (const auto at = facts_.find(Id{key, self_}); at != facts_.end()) {
        forget(at);
    }
}

std::vector<LabelledFact> Fleeting::query(std::string_view subject_prefix, Now now) const {
    std::vector<LabelledFact> out;
    for (auto group = facts_.begin(); group != facts_.end();) {
        const privacy::NamedAudience audience = group->first.key.audience;
        auto at = facts_.lower_bound(Id{{audience, std::string(subject_prefix), ""}, DeviceId()});
        for (; at != facts_.end() && at->first.key.audience == audience &&
               at->first.key.subject.starts_with(subject_prefix);
             ++at) {
            if (at->second.expires > now.mono) {
                out.push_back(labelled(at->second.fact));
            }
        }
        group = facts_.upper_bound(audience);
    }
    return out;
}

std::vector<privacy::Labelled<Bytes>> Fleeting::messages_for(const DeviceId& peer,
                                                             bool changed_only,
                                                             Now now) const {
    Bodies bodies;
    const auto tell = [&](const Id& id, const Kept& kept) {
        const bool goes = id.source == self_ && kept.expires > now.mono && !is_for(id.key.audience, self_) &&
                          roster_ && privacy::may_read(privacy::Audience(id.key.audience), *roster_, peer);
        if (goes) {
            bodies.add(kept.fact, left(kept.expires, now));
        }
    };
    if (changed_only) {
        for (const Key& key : changed_) {
            if (const auto at = facts_.find(Id{key, self_}); at != facts_.end()) {
                tell(at->first, at->second);
            }
        }
    } else {
        for (const auto& [id, kept] : facts_) {
            tell(id, kept);
        }
    }
    return bodies.take();
}

Result<std::vector<LabelledFact>> Fleeting::on_message(const DeviceId& peer, ByteView body, Now now) {
    v1::FleetingFacts message;
    if (!message.ParseFromArray(body.data(), static_cast<int>(body.size()))) {
        return Error{ErrorCode::BadEncoding, peer.short_hex() + ": not fleeting facts"};
    }
    if (static_cast<std::size_t>(message.facts_size()) > kFleetingPerMessageMax) {
        return Error{ErrorCode::LimitExceeded, peer.short_hex() + ": more than 256 facts in one message"};
    }
    // All of it is checked before any of it is kept.
    std::vector<std::pair<Fact, milliseconds>> facts;
    for (const v1::FleetingFact& item : message.facts()) {
        AMBIT_TRY_ASSIGN(Fact fact, decode(item));
        const privacy::Audience audience(fact.key.audience);
        // What is for this device alone comes from whoever released it.
        const bool may_say =
            roster_ && (is_for(fact.key.audience, self_) ? roster_->devices.contains(peer)
                                                         : privacy::may_read(audience, *roster_, peer));
        if (fact.source != peer || !may_say || !privacy::may_read(audience, *roster_, self_)) {
            return Error{ErrorCode::ChannelForbidden,
                         peer.short_hex() + ": a fact that is not its own or not for us"};
        }
        const auto life = milliseconds(std::min<std::uint64_t>(item.lives_ms(), kFleetingLifeMax.count()));
        AMBIT_TRY(check(fact, life));
        facts.emplace_back(std::move(fact), life);
    }
    std::vector<LabelledFact> fresh;
    for (auto& [fact, life] : facts) {
        LabelledFact seen = labelled(fact);
        AMBIT_TRY(keep(std::move(fact), life, now));
        fresh.push_back(std::move(seen));
    }
    return fresh;
}

void Fleeting::on_tick(Now now) {
    for (auto at = facts_.begin(); at != facts_.end();) {
        at = at->second.expires > now.mono ? std::next(at) : forget(at);
    }
}

Fleeting::Table::iterator Fleeting::forget(Table::iterator at) {
    const DeviceId source = at->first.source;
    if (source == self_) {
        changed_.erase(at->first.key);
    }
    Count& count = per_source_[source];
    count.bytes -= bytes_of(at->second.fact);
    if (--count.facts == 0) {
        per_source_.erase(source);
    }
    return facts_.erase(at);
}

}  // namespace ambit::facts
