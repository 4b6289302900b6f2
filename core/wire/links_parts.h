// What Links keeps of each link and each member; for links*.cpp only.
#pragma once

#include <memory>

#include "wire/links.h"

namespace ambit::wire {

struct Links::Link {
    std::unique_ptr<Session> session;
    LinkUp up;
    bool adopted = false;  // greeted, and looked at against the other link of its kind
};

// A bulk call that waits for its link.
struct Links::WaitingCall {
    CallId id = 0;
    std::string method;
    privacy::Cleared<Bytes> body;
    CallOptions options;
    MonoTime since;
    bool starved = false;
};

struct Links::Peer {
    Dialer dialer;
    Dialer bulk_dialer;
    std::optional<LinkId> interactive;
    std::optional<LinkId> bulk;
    std::optional<MonoTime> bulk_idle_since;
    std::deque<WaitingCall> waiting;
    std::optional<Error> last_error;
    // Nodes that had the link before the present one, oldest first.  One that comes back has never gone.
    std::deque<Instance> earlier;
    bool cloned = false;
    MonoTime up_since{};
    int short_lives = 0;  // links in a row that were replaced soon after they came up
};

}  // namespace ambit::wire
