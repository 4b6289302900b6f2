// Fact: one statement about a subject, with who may read it and where it came from.
//
// Ownership: values.  Threads: any.  Failure: none.  Spec: docs/spec/facts.md.
#pragma once

#include <string>
#include <variant>

#include "privacy/labelled.h"

namespace ambit::facts {

// JSON text, already validated, for values that are not scalar.
struct Json {
    std::string text;
    friend auto operator<=>(const Json&, const Json&) = default;
};

using Value = std::variant<std::monostate, bool, std::int64_t, double, std::string, Json>;

// Where an attribute of a subject lives: no merging across audiences.
struct Key {
    privacy::NamedAudience audience;
    std::string subject;    // "entity:mqtt:home/kitchen_light", "household", "person:<hex>", "device:<hex>"
    std::string attribute;  // "state", "name", "time_zone"
    friend auto operator<=>(const Key&, const Key&) = default;
};

// Hybrid logical clock: 48 bits of milliseconds, 16 bits of counter (Kulkarni et al. 2014).
struct Hlc {
    std::uint64_t packed = 0;

    std::uint64_t ms() const { return packed >> 16U; }

    friend auto operator<=>(const Hlc&, const Hlc&) = default;
};

// A kept entry's hash: names it forever, for causes and undo.
using EntryHash = Digest;

struct Fact {
    Key key;
    Value value;
    WallTime time;  // when it was true, as its source says
    double confidence = 1.0;
    DeviceId source;
    privacy::Trust trust = privacy::Trust::Trusted;
    std::vector<std::string> causes;  // entry hashes or request ids (hex) that led to it
    // Kept facts only:
    Hlc order;
    EntryHash hash;

    privacy::Label label() const { return {privacy::Audience(key.audience), trust}; }
};

using LabelledFact = privacy::Labelled<Fact>;

}  // namespace ambit::facts
