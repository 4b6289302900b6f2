// What the wire tells its node.
//
// Ownership: values.  Threads: any.  Failure: carried as Error; retryable() says which ones another try may
// cure.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/time.h"
#include "privacy/labelled.h"

namespace ambit::wire {

// A call as this node names it, whoever opened it; never reused while the node runs.
using CallId = std::uint64_t;

// A member can be called now.
struct PeerUp {
    DeviceId peer;
    identity::RosterVersion roster_version;  // what the peer says it has
    bool mains_powered = false;
    WallTime wall;                      // the peer's clock, for the clock check
    std::vector<std::string> features;  // that both offered
};

// It can't any more; its calls have ended already (Closed, Cancelled).
struct PeerDown {
    DeviceId peer;
    Error reason;
};

// The peer asks.  Answer with send_item(), finish() or fail().
struct Incoming {
    DeviceId peer;
    CallId call = 0;
    std::string method;
    privacy::Labelled<Bytes> body;
    std::optional<MonoTime> deadline;
};

// One payload of a call, in either direction; the final one of finish() comes as an Item too.
struct Item {
    CallId call = 0;
    privacy::Labelled<Bytes> body;
};

// The call that this node opened has ended: no error = done.  Exactly once for every call().
struct Closed {
    CallId call = 0;
    std::optional<Error> error;
};

// A call that this node serves has ended before finish() or fail(): nobody waits for its answer.
struct Cancelled {
    CallId call = 0;
    Error reason;
};

// One way, no answer.
struct Notice {
    DeviceId peer;
    std::string method;
    privacy::Labelled<Bytes> body;
};

// A payload was dropped because its audience doesn't allow it here (incoming) or there (outgoing, on
// dequeue).
struct Refused {
    DeviceId peer;
    std::string method;
    bool incoming = false;
    Error reason;
};

// send_item() on this call said QueueFull (1408) and would now be taken.
struct Writable {
    CallId call = 0;
};

// Two running nodes use the key of this member: its disk was copied.
struct Cloned {
    DeviceId peer;
};

using Event =
    std::variant<PeerUp, PeerDown, Incoming, Item, Closed, Cancelled, Notice, Refused, Writable, Cloned>;

// True if the same call may succeed when it is made again (the peer was lost, restarted or busy).
bool retryable(ErrorCode code);

}  // namespace ambit::wire
