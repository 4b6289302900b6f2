// Audiences and labels: who may read a datum, and whether its words may be trusted.
//
// Ownership: values.  Threads: any.  Cost: resolve() is O(clauses x devices), once per roster version; the
// check itself is one AND (ReaderSet).  Failure: UnknownLabel, AudienceEmpty (3000-3099). Spec:
// docs/spec/privacy.md, section "Audiences and labels".
#pragma once

#include <bitset>
#include <memory>
#include <variant>

#include "identity/roster.h"

namespace ambit::privacy {

// The four audiences a datum may have at rest.
struct ThisDevice {
    DeviceId device;
    friend auto operator<=>(const ThisDevice&, const ThisDevice&) = default;
};

struct OnePerson {
    PersonId person;
    friend auto operator<=>(const OnePerson&, const OnePerson&) = default;
};

struct Household {
    friend auto operator<=>(const Household&, const Household&) = default;
};

struct Anyone {
    friend auto operator<=>(const Anyone&, const Anyone&) = default;
};

using NamedAudience = std::variant<ThisDevice, OnePerson, Household, Anyone>;

// "device:<hex>", "person:<hex>", "household", "anyone"; the form used on the wire and on disk.
std::string to_string(const NamedAudience& audience);
Result<NamedAudience> parse_named_audience(std::string_view text);

// In flight: named audiences that must all hold; sorted, without duplicates, `Anyone` dropped beside others.
class Audience {
  public:
    static constexpr std::size_t kClausesMax = 16;

    Audience() = default;  // anyone
    // Implicit on purpose: each of the four named audiences is an audience.
    template <typename Named>

    requires std::is_constructible_v<NamedAudience, Named> Audience(const Named& only) {  // NOLINT
        if (!std::holds_alternative<Anyone>(NamedAudience(only))) {
            clauses_ = std::make_shared<const std::vector<NamedAudience>>(1, only);
        }
    }

    const std::vector<NamedAudience>& clauses() const;

    // Both must hold.  LimitExceeded over kClausesMax.
    Result<Audience> join(const Audience& other) const;
    std::string to_string() const;  // clauses joined by " & "
    static Result<Audience> parse(std::string_view text);

    friend bool operator==(const Audience& a, const Audience& b) { return a.clauses() == b.clauses(); }

  private:
    // Shared, because labels are copied far more often than made; none = anyone.
    std::shared_ptr<const std::vector<NamedAudience>> clauses_;
};

struct AudienceHash {
    std::size_t operator()(const Audience& audience) const noexcept;
};

// For people: "household", "only person 1's devices", "only on watch".
std::string describe(const Audience& audience, const identity::Roster& roster);

// Free text from outside that a model reads is Untrusted; combining keeps the worse.
enum class Trust : std::uint8_t { Untrusted = 0, Trusted = 1 };

struct Label {
    Audience audience;
    Trust trust = Trust::Trusted;

    Result<Label> join(const Label& other) const;
    friend bool operator==(const Label&, const Label&) = default;
};

// Devices of one roster version, as bits in the order of Roster::devices; the last bit stands for everybody
// outside the household, whom only `anyone` includes.
using identity::kDevicesMax;
inline constexpr std::size_t kOutsideBit = kDevicesMax;
using ReaderSet = std::bitset<kDevicesMax + 1>;

// The devices in `audience` under `roster`.  UnknownLabel if a clause names a person or device the roster
// lacks (so: refuse).  AudienceEmpty, naming the two clauses that conflict, if nobody is left.
Result<ReaderSet> resolve(const Audience& audience, const identity::Roster& roster);

// True if `device` is in `audience` under `roster`; false as well when it can't be resolved.
bool may_read(const Audience& audience, const identity::Roster& roster, const DeviceId& device);

// The clause of `audience` that lies inside all its others, for a derived value at rest.
// Decided by what the clauses mean and not by who is a member today, because what is at rest must not widen
// when somebody joins. AudienceEmpty when there is none; UnknownLabel as resolve().
Result<NamedAudience> widest_named_inside(const Audience& audience, const identity::Roster& roster);

}  // namespace ambit::privacy
