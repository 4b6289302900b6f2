#include "privacy/release.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

namespace ambit::privacy {

namespace {

Error refused(std::string what) {
    return {ErrorCode::ReleaseRefused, std::move(what)};
}

bool belongs_to(const NamedAudience& clause, const PersonId& person, const identity::Roster& roster) {
    if (const auto* owner = std::get_if<OnePerson>(&clause)) {
        return owner->person == person;
    }
    if (const auto* device = std::get_if<ThisDevice>(&clause)) {
        const auto found = roster.devices.find(device->device);
        return found != roster.devices.end() && found->second.owner == person;
    }
    return false;
}

// `to`, and every clause of `from` that the releasing person has no say over.
template <typename Releasable>
Result<Audience> widen(const Audience& from, const Audience& to, const Releasable& releasable) {
    Audience wide = to;
    for (const auto& clause : from.clauses()) {
        if (!releasable(clause)) {
            AMBIT_TRY_ASSIGN(wide, wide.join(clause));
        }
    }
    return wide;
}

// Is `narrow` (the rule's) within `wide` (what the extractor can say)?
bool no_wider(const OutputField& narrow, const OutputField& wide) {
    if (narrow.kind != wide.kind || narrow.name != wide.name) {
        return false;
    }
    if (narrow.kind == OutputField::Kind::Number) {
        return narrow.minimum >= wide.minimum && narrow.maximum <= wide.maximum;
    }
    return std::all_of(narrow.values.begin(), narrow.values.end(), [&](const std::string& value) {
        return std::find(wide.values.begin(), wide.values.end(), value) != wide.values.end();
    });
}

bool allowed(const OutputField& field, const OutputValue& value) {
    switch (field.kind) {
        case OutputField::Kind::Enum: {
            const auto* text = std::get_if<std::string>(&value);
            return text != nullptr &&
                   std::find(field.values.begin(), field.values.end(), *text) != field.values.end();
        }
        case OutputField::Kind::Number: {
            const auto* number = std::get_if<double>(&value);
            return number != nullptr && *number >= field.minimum && *number <= field.maximum;
        }
        case OutputField::Kind::Time:
            return std::holds_alternative<std::int64_t>(value);
    }
    return false;
}

// Only the rule's fields, each within its bounds; nothing else gets out.
Result<Bytes> typed_json(const ReleaseRule& rule, const Output& output) {
    nlohmann::json object = nlohmann::json::object();
    for (const auto& field : rule.fields) {
        const auto value = output.find(field.name);
        if (value == output.end() || !allowed(field, value->second)) {
            return refused(field.name + " is outside what the rule allows");
        }
        std::visit([&](const auto& plain) { object[field.name] = plain; }, value->second);
    }
    return to_bytes(object.dump());
}

Result<const Extractor*> extractor_for(const ReleaseRule& rule) {
    const Extractor* extractor = find_extractor(rule.extractor, rule.extractor_version);
    if (extractor == nullptr) {
        return refused("this device has no extractor " + rule.extractor + " version " +
                       std::to_string(rule.extractor_version));
    }
    if (extractor->code_hash() != rule.code_hash) {
        return refused("extractor " + rule.extractor + " is not the one its owner signed for");
    }
    for (const auto& field : rule.fields) {
        if (std::none_of(extractor->fields.begin(), extractor->fields.end(),
                         [&](const OutputField& known) { return no_wider(field, known); })) {
            return refused(field.name + " is not something " + rule.extractor + " says");
        }
    }
    return extractor;
}

Audience audience_of(const ReleaseRecipient& recipient) {
    const auto* service = std::get_if<Service>(&recipient);
    return service != nullptr ? service->audience : Audience(std::get<NamedAudience>(recipient));
}

std::string text_of(const ReleaseRecipient& recipient) {
    const auto* service = std::get_if<Service>(&recipient);
    return service != nullptr ? to_string(Recipient{*service})
                              : to_string(std::get<NamedAudience>(recipient));
}

}  // namespace

struct ReleaseRules::Impl {
    struct Entry {
        ReleaseRule rule;
        std::optional<std::deque<MonoTime>>
            uses;  // in the rate's span; filled from the ledger at the first use
    };

    // Spends one use; ReleaseRate when there is none.
    Result<void> spend(Entry& entry, Now now) const;
    Result<Released> try_apply(Entry& entry,
                               std::string_view attribute,
                               const Labelled<Bytes>& input,
                               const identity::Roster& roster,
                               Now now) const;

    explicit Impl(Ledger& ledger_in) : ledger(ledger_in) {}

    Ledger& ledger;
    std::map<RuleId, Entry> rules;
    std::map<PersonId, std::vector<CommandLimit>> limits;
};

ReleaseRules::ReleaseRules(Ledger& ledger) : impl_(std::make_unique<Impl>(ledger)) {}

ReleaseRules::~ReleaseRules() = default;

Result<void> ReleaseRules::add(const SignedRule& rule, const identity::Roster& roster) {
    const auto signer = roster.devices.find(rule.signer);
    if (signer == roster.devices.end()) {
        return Error{ErrorCode::UnknownLabel, "the rule's signer is not in the household"};
    }
    AMBIT_TRY(signer->second.verify_key.verify(crypto::kReleaseRule, rule.body, rule.signature));
    // From the signed bytes, whatever the rest of the struct says.
    AMBIT_TRY_ASSIGN(const SignedRule checked, decode_rule(encode_rule(rule)));
    if (signer->second.owner != checked.rule.owner) {
        return Error{ErrorCode::BadReleaseRule, "signed by a device that is not its owner's"};
    }
    const auto known = impl_->rules.find(checked.rule.id);
    if (known != impl_->rules.end()) {
        if (known->second.rule.owner != checked.rule.owner) {
            return Error{ErrorCode::BadReleaseRule, "its id is taken by another person's rule"};
        }
        known->second.rule = checked.rule;
        return {};
    }
    if (impl_->rules.size() >= kRulesMax) {
        return Error{ErrorCode::LimitExceeded, "more than 256 release rules"};
    }
    impl_->rules.emplace(checked.rule.id, Impl::Entry{checked.rule, std::nullopt});
    return {};
}

void ReleaseRules::remove(const RuleId& id) {
    impl_->rules.erase(id);
}

std::vector<ReleaseRule> ReleaseRules::list() const {
    std::vector<ReleaseRule> rules;
    for (const auto& [id, entry] : impl_->rules) {
        rules.push_back(entry.rule);
    }
    return rules;
}

Result<void> ReleaseRules::Impl::spend(Entry& entry, Now now) const {
    if (!entry.uses) {
        // After a start the ledger knows what was used before; those uses age from now on.
        const auto before = ledger.uses_since(entry.rule.name, now.wall - entry.rule.rate_per);
        entry.uses.emplace(std::min<std::uint64_t>(before, entry.rule.rate_uses), now.mono);
    }
    while (!entry.uses->empty() && entry.uses->front() + entry.rule.rate_per <= now.mono) {
        entry.uses->pop_front();
    }
    if (entry.uses->size() >= entry.rule.rate_uses) {
        return Error{ErrorCode::ReleaseRate, entry.rule.name};
    }
    entry.uses->push_back(now.mono);
    return {};
}

Result<Released> ReleaseRules::Impl::try_apply(Entry& entry,
                                               std::string_view attribute,
                                               const Labelled<Bytes>& input,
                                               const identity::Roster& roster,
                                               Now now) const {
    const ReleaseRule& rule = entry.rule;
    if (rule.expires && now.wall >= *rule.expires) {
        return Error{ErrorCode::ReleaseExpired, rule.name};
    }
    if (attribute != rule.source_attribute) {
        return refused("the rule is for " + rule.source_attribute);
    }
    AMBIT_TRY_ASSIGN(const Extractor* extractor, extractor_for(rule));
    AMBIT_TRY_ASSIGN(Audience audience, widen(input.label().audience, audience_of(rule.recipient),
                                              [&](const NamedAudience& clause) {
                                                  return belongs_to(clause, rule.owner, roster);
                                              }));
    constexpr Here here{"privacy.release"};
    AMBIT_TRY_ASSIGN(const Output output, extractor->run(input.read(here)));
    AMBIT_TRY_ASSIGN(Bytes json, typed_json(rule, output));
    AMBIT_TRY(spend(entry, now));
    const Label label{std::move(audience), input.label().trust};
    return Released{Labelled<Bytes>(std::move(json), label),
                    Egress{extractor->name + " from " + rule.source_attribute, rule.name, input.label()}};
}

Result<Released> ReleaseRules::apply(const RuleId& id,
                                     std::string_view attribute,
                                     const Labelled<Bytes>& input_json,
                                     const identity::Roster& roster,
                                     Now now) {
    const auto found = impl_->rules.find(id);
    if (found == impl_->rules.end()) {
        return refused("no such rule");
    }
    auto released = impl_->try_apply(found->second, attribute, input_json, roster, now);
    const ReleaseRule& rule = found->second.rule;
    const std::string recipient = text_of(rule.recipient);
    if (released) {
        impl_->ledger.append_cleared(recipient, released->why, input_json.label(), now);
    } else {
        const Egress why{rule.extractor + " from " + rule.source_attribute, rule.name};
        impl_->ledger.append_refused(recipient, why, input_json.label(), released.error().code, now);
    }
    return released;
}

Result<void> ReleaseRules::set_command_limits(const PersonId& person, std::vector<CommandLimit> limits) {
    if (limits.size() > kLimitsMax) {
        return Error{ErrorCode::LimitExceeded, "more than 64 command limits"};
    }
    impl_->limits[person] = std::move(limits);
    return {};
}

Result<Released> ReleaseRules::command(const Labelled<Bytes>& values,
                                       const std::string& capability,
                                       const std::string& entity,
                                       const std::optional<PersonId>& person,
                                       const Recipient& recipient,
                                       const identity::Roster& roster,
                                       const std::optional<DeviceId>& addressed_to) const {
    if (person && impl_->limits.contains(*person)) {
        for (const CommandLimit& limit : impl_->limits.at(*person)) {
            const bool applies = limit.capability.empty() || limit.capability == capability;
            const auto& only = limit.entities;
            if (applies && (limit.never || std::find(only.begin(), only.end(), entity) == only.end())) {
                return refused("the person does not let " + capability + " reach this thing");
            }
        }
    }
    const auto* device = std::get_if<DeviceId>(&recipient);
    const Audience to =
        device != nullptr ? Audience(ThisDevice{*device}) : std::get<Service>(recipient).audience;
    AMBIT_TRY_ASSIGN(Audience audience, widen(values.label().audience, to, [&](const NamedAudience& clause) {
                         const auto* own = std::get_if<ThisDevice>(&clause);
                         return (person && belongs_to(clause, *person, roster)) ||
                                (own != nullptr && addressed_to == own->device);
                     }));
    const Label label{std::move(audience), values.label().trust};
    const std::string what = entity.empty() ? capability : capability + " " + entity;
    return Released{values.relabelled(label), Egress{what, "command", values.label()}};
}

}  // namespace ambit::privacy
