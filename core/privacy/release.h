// Release: an owner's signed permission to let a narrow, typed view of their data reach a wider audience.
//
// A rule names an extractor (versioned and hashed), its output schema (enums, bounded numbers, times; never
// prose), where the data comes from, who gets it, what for, until when and how often.  Every use and refusal
// is in the ledger. The built-in rule `command` lets exactly (capability, entity, values) of an explicit
// command reach what acts on it. Ownership: one ReleaseRules per node; borrows the Ledger.  Threads: the
// loop's. Failure: ReleaseRefused, ReleaseExpired, ReleaseRate, BadReleaseRule, AudienceForbids (3000-3099).
// Spec: docs/spec/privacy.md section "Release rules".
#pragma once

#include <map>
#include <memory>

#include "privacy/ledger.h"

namespace ambit::privacy {

using RuleId = Id<struct RuleIdTag, 16>;

// One field of an extractor's output.
struct OutputField {
    enum class Kind : std::uint8_t { Enum = 1, Number = 2, Time = 3 };
    std::string name;
    Kind kind = Kind::Enum;
    std::vector<std::string> values;  // Enum
    double minimum = 0;               // Number
    double maximum = 0;
    friend bool operator==(const OutputField&, const OutputField&) = default;
};

// Enum: the text; Number: the number; Time: milliseconds since the Unix epoch.
using OutputValue = std::variant<std::string, double, std::int64_t>;
using Output = std::map<std::string, OutputValue>;

// Code that turns a JSON object into typed fields.  Pure.
struct Extractor {
    std::string name;
    std::uint32_t version = 1;
    std::vector<OutputField> fields;
    std::string definition;  // what it does, as the table the code runs on: hashed into code_hash()
    Result<Output> (*run)(ByteView input_json) = nullptr;

    Digest code_hash() const;
};

const std::vector<Extractor>& builtin_extractors();
const Extractor* find_extractor(std::string_view name, std::uint32_t version);

// Who gets it: an audience inside the mesh, or a service of this device.
using ReleaseRecipient = std::variant<NamedAudience, Service>;

struct ReleaseRule {
    static constexpr std::size_t kFieldsMax = 16;
    static constexpr std::size_t kValuesMax = 32;
    static constexpr std::size_t kNameMax = 64;
    static constexpr std::size_t kPurposeMax = 200;
    static constexpr std::uint32_t kRateUsesMax = 10'000;

    RuleId id;
    std::string name;  // "sleep state -> household"
    PersonId owner;
    std::string extractor;
    std::uint32_t extractor_version = 1;
    Digest code_hash;
    std::vector<OutputField> fields;  // a subset of the extractor's, no wider
    std::string source_attribute;     // "heart_rate": only facts of this attribute
    ReleaseRecipient recipient = NamedAudience{Household{}};
    std::string purpose;
    std::optional<WallTime> expires;
    std::uint32_t rate_uses = 60;  // at most so many uses ...
    seconds rate_per{3600};        // ... in any such span
};

struct SignedRule {
    ReleaseRule rule;
    Bytes body;       // the rule as its owner encoded and signed it
    DeviceId signer;  // a device of rule.owner
    crypto::Signature signature;
};

Result<SignedRule> sign_rule(ReleaseRule rule, const crypto::SigningKey& key);
// The form kept as a fact of the owner ("release:<id>"), lower-case hexadecimal of the protobuf.
std::string encode_rule(const SignedRule& rule);
Result<SignedRule> decode_rule(std::string_view text);

// A narrowing of the built-in rule `command` by a person.
struct CommandLimit {
    std::string capability;  // empty: every capability
    bool never = false;      // else only these entities:
    std::vector<std::string> entities;
};

Result<std::string> encode_limits(
    const std::vector<CommandLimit>& limits);  // JSON, kept as a fact of the person
Result<std::vector<CommandLimit>> decode_limits(std::string_view json);

struct Released {
    Labelled<Bytes> value;
    Egress why;  // for the gate: rule name, and the label the datum had
};

class ReleaseRules {
  public:
    static constexpr std::size_t kRulesMax = 256;
    static constexpr std::size_t kLimitsMax = 64;  // per person

    explicit ReleaseRules(Ledger& ledger);
    ~ReleaseRules();

    // Takes a rule read from its owner's facts; replaces one with the same id.  BadReleaseRule, UnknownLabel,
    // BadSignature: the signer must be a device of the owner under `roster`.
    Result<void> add(const SignedRule& rule, const identity::Roster& roster);
    void remove(const RuleId& id);
    std::vector<ReleaseRule> list() const;

    // Runs the rule's extractor over `input_json` (a value of `attribute`) and widens the result to the
    // recipient. Takes effect only on what the owner may release: clauses of others stay.
    Result<Released> apply(const RuleId& id,
                           std::string_view attribute,
                           const Labelled<Bytes>& input_json,
                           const identity::Roster& roster,
                           Now now);

    // Replaces the limits `person` set on the rule `command`.
    Result<void> set_command_limits(const PersonId& person, std::vector<CommandLimit> limits);
    // The rule `command`: lets `values` of an explicit command of `person` (none: said to a shared device)
    // reach `recipient`, the device that acts or its service.  `addressed_to` is this device when it acts on
    // a command it received: what was addressed to it may go on to its service.  ReleaseRefused when a limit
    // forbids it.
    Result<Released> command(const Labelled<Bytes>& values,
                             const std::string& capability,
                             const std::string& entity,
                             const std::optional<PersonId>& person,
                             const Recipient& recipient,
                             const identity::Roster& roster,
                             const std::optional<DeviceId>& addressed_to = std::nullopt) const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace ambit::privacy
