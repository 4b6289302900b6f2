// Codec: frames as structs, and as the bytes of proto/wire.proto.
//
// Ownership: values.  Threads: any.  Failure: decode() returns ProtocolViolation (1403) for anything that
// isn't one whole frame within the limits; encode() can't fail.  Spec: docs/spec/wire.md section "Frames".
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "identity/roster.h"
#include "wire/session.h"

namespace ambit::wire {

struct Hello {
    std::uint32_t version_min = 0;
    std::uint32_t version_max = 0;
    HouseholdId household;
    identity::RosterVersion roster_version;
    LinkKind link = LinkKind::Interactive;
    bool mains_powered = false;
    std::vector<std::string> features;
    std::uint64_t wall_ms = 0;
    Instance instance;
};

// Data with its label, as the sender's gate cleared it.
struct Sealed {
    std::string audience;
    bool untrusted = false;
    identity::RosterVersion roster_version;
    Bytes body;
};

enum class FrameType : std::uint8_t {
    Hello,
    Ping,
    Pong,
    Open,
    Item,
    Close,
    Cancel,
    Credit,
    Notice,
    Bye,
    WantBulk
};

// One frame; which fields count follows from the type.
struct Frame {
    FrameType type = FrameType::Ping;
    std::uint64_t call = 0;         // Open, Item, Close, Cancel, Credit
    std::uint64_t nonce = 0;        // Ping, Pong
    std::uint64_t deadline_ms = 0;  // Open; 0 = none
    std::uint32_t items = 0;        // Open (its credit), Credit
    std::uint32_t error = 0;        // Close, Bye; 0 = done
    std::string method;             // Open, Notice
    std::string detail;             // Close, Bye; made printable() on both sides
    std::optional<Sealed> payload;  // Open, Item, Notice: always; Close: perhaps
    Hello hello;                    // Hello
};

Bytes encode(const Frame& frame);
Result<Frame> decode(ByteView bytes);

}  // namespace ambit::wire
