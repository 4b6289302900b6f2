#include "privacy/audience.h"

#include <algorithm>

namespace ambit::privacy {

namespace {

constexpr std::string_view kDevicePrefix = "device:";
constexpr std::string_view kPersonPrefix = "person:";
constexpr std::string_view kSeparator = " & ";
// Longest text of an audience that can be valid.
constexpr std::size_t kTextMax = Audience::kClausesMax * (kDevicePrefix.size() + 64 + kSeparator.size());

// True if every reader of `inner` is a reader of `outer`, whoever joins the household later.
bool lies_inside(const NamedAudience& inner, const NamedAudience& outer, const identity::Roster& roster) {
    if (inner == outer || std::holds_alternative<Anyone>(outer)) {
        return true;
    }
    if (std::holds_alternative<Household>(outer)) {
        return !std::holds_alternative<Anyone>(inner);
    }
    const auto* device = std::get_if<ThisDevice>(&inner);
    const auto* person = std::get_if<OnePerson>(&outer);
    if (device == nullptr || person == nullptr) {
        return false;
    }
    const auto found = roster.devices.find(device->device);
    return found != roster.devices.end() && found->second.owner == person->person;
}

Result<ReaderSet> readers_of(const NamedAudience& audience, const identity::Roster& roster) {
    ReaderSet readers;
    if (std::holds_alternative<Anyone>(audience)) {
        return readers.set();
    }
    const auto* only = std::get_if<ThisDevice>(&audience);
    const auto* person = std::get_if<OnePerson>(&audience);
    if (only != nullptr && !roster.devices.contains(only->device)) {
        return Error{ErrorCode::UnknownLabel, "device " + only->device.short_hex()};
    }
    if (person != nullptr && !roster.people.contains(person->person)) {
        return Error{ErrorCode::UnknownLabel, "person " + person->person.short_hex()};
    }
    std::size_t bit = 0;
    for (const auto& [id, device] : roster.devices) {
        if (bit == kDevicesMax) {
            break;
        }
        const bool reads = only != nullptr     ? id == only->device
                           : person != nullptr ? device.owner == person->person
                                               : true;
        readers.set(bit++, reads);
    }
    return readers;
}

Error conflict(const std::vector<NamedAudience>& clauses, const identity::Roster& roster) {
    for (std::size_t i = 0; i < clauses.size(); ++i) {
        for (std::size_t j = i; j < clauses.size(); ++j) {
            const auto both = readers_of(clauses[i], roster).value() & readers_of(clauses[j], roster).value();
            if (both.none()) {
                const std::string one = describe(clauses[i], roster);
                return {ErrorCode::AudienceEmpty,
                        i == j ? one + " has no device"
                               : one + " conflicts with " + describe(clauses[j], roster)};
            }
        }
    }
    // Clauses are single devices, the disjoint sets of people's devices, or everybody: a conflict is one of a
    // pair.
    return {ErrorCode::AudienceEmpty, "the clauses have no reader in common"};
}

}  // namespace

std::string to_string(const NamedAudience& audience) {
    if (const auto* device = std::get_if<ThisDevice>(&audience)) {
        return std::string(kDevicePrefix) + device->device.hex();
    }
    if (const auto* person = std::get_if<OnePerson>(&audience)) {
        return std::string(kPersonPrefix) + person->person.hex();
    }
    return std::holds_alternative<Household>(audience) ? "household" : "anyone";
}

Result<NamedAudience> parse_named_audience(std::string_view text) {
    if (text == "household") {
        return NamedAudience{Household{}};
    }
    if (text == "anyone") {
        return NamedAudience{Anyone{}};
    }
    if (text.starts_with(kDevicePrefix)) {
        AMBIT_TRY_ASSIGN(const DeviceId id, DeviceId::from_hex(text.substr(kDevicePrefix.size())));
        return NamedAudience{ThisDevice{id}};
    }
    if (text.starts_with(kPersonPrefix)) {
        AMBIT_TRY_ASSIGN(const PersonId id, PersonId::from_hex(text.substr(kPersonPrefix.size())));
        return NamedAudience{OnePerson{id}};
    }
    return Error{ErrorCode::BadEncoding, "expected device:<hex>, person:<hex>, household or anyone"};
}

const std::vector<NamedAudience>& Audience::clauses() const {
    static const std::vector<NamedAudience> anyone;
    return clauses_ == nullptr ? anyone : *clauses_;
}

Result<Audience> Audience::join(const Audience& other) const {
    if (clauses_ == nullptr || other.clauses_ == nullptr) {
        return clauses_ == nullptr ? other : *this;
    }
    std::vector<NamedAudience> both;
    both.reserve(clauses_->size() + other.clauses_->size());
    std::set_union(clauses_->begin(), clauses_->end(), other.clauses_->begin(), other.clauses_->end(),
                   std::back_inserter(both));
    if (both.size() > kClausesMax) {
        return Error{ErrorCode::LimitExceeded, "audience of more than 16 clauses"};
    }
    Audience joined;
    joined.clauses_ = std::make_shared<const std::vector<NamedAudience>>(std::move(both));
    return joined;
}

std::string Audience::to_string() const {
    if (clauses_ == nullptr) {
        return "anyone";
    }
    std::string text;
    for (const auto& clause : *clauses_) {
        text += (text.empty() ? std::string_view{} : kSeparator);
        text += privacy::to_string(clause);
    }
    return text;
}

Result<Audience> Audience::parse(std::string_view text) {
    if (text.size() > kTextMax) {
        return Error{ErrorCode::LimitExceeded, "audience text too long"};
    }
    Audience audience;
    for (;;) {
        const std::size_t end = text.find(kSeparator);
        AMBIT_TRY_ASSIGN(const NamedAudience clause, parse_named_audience(text.substr(0, end)));
        AMBIT_TRY_ASSIGN(audience, audience.join(clause));
        if (end == std::string_view::npos) {
            return audience;
        }
        text.remove_prefix(end + kSeparator.size());
    }
}

std::size_t AudienceHash::operator()(const Audience& audience) const noexcept {
    std::size_t hash = 0;
    for (const auto& clause : audience.clauses()) {
        std::size_t part = clause.index();
        if (const auto* device = std::get_if<ThisDevice>(&clause)) {
            part += std::hash<DeviceId>{}(device->device);
        } else if (const auto* person = std::get_if<OnePerson>(&clause)) {
            part += std::hash<PersonId>{}(person->person);
        }
        hash = hash * 31 + part;
    }
    return hash;
}

std::string describe(const Audience& audience, const identity::Roster& roster) {
    if (audience.clauses().empty()) {
        return "anyone";
    }
    std::string text;
    for (const auto& clause : audience.clauses()) {
        text += text.empty() ? "" : " and ";
        if (const auto* device = std::get_if<ThisDevice>(&clause)) {
            const auto found = roster.devices.find(device->device);
            text += "only on " +
                    (found == roster.devices.end() ? device->device.short_hex() : found->second.name);
        } else if (const auto* person = std::get_if<OnePerson>(&clause)) {
            const auto found = roster.people.find(person->person);
            text += "only " +
                    (found == roster.people.end() ? person->person.short_hex() : found->second.name) +
                    "'s devices";
        } else {
            text += "the household";
        }
    }
    return text;
}

Result<Label> Label::join(const Label& other) const {
    AMBIT_TRY_ASSIGN(Audience joined, audience.join(other.audience));
    return Label{std::move(joined), std::min(trust, other.trust)};
}

Result<ReaderSet> resolve(const Audience& audience, const identity::Roster& roster) {
    ReaderSet readers;
    readers.set();
    for (const auto& clause : audience.clauses()) {
        AMBIT_TRY_ASSIGN(const ReaderSet some, readers_of(clause, roster));
        readers &= some;
    }
    if (readers.none()) {
        return conflict(audience.clauses(), roster);
    }
    return readers;
}

Result<NamedAudience> widest_named_inside(const Audience& audience, const identity::Roster& roster) {
    AMBIT_TRY(resolve(audience, roster));
    const auto& clauses = audience.clauses();
    if (clauses.empty()) {
        return NamedAudience{Anyone{}};
    }
    // A clause inside all others is the narrowest; sorted as they are, two that both qualify are equal.
    for (const auto& clause : clauses) {
        if (std::all_of(clauses.begin(), clauses.end(),
                        [&](const NamedAudience& other) { return lies_inside(clause, other, roster); })) {
            return clause;
        }
    }
    return conflict(clauses, roster);
}

}  // namespace ambit::privacy
