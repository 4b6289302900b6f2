// Why: walks from an effect back to what caused it, across devices, in plain sentences.
//
// Pure reading of the kept facts that this device may hold: what it may not read is said to be withheld, not
// guessed. Ownership: borrows for one call.  Threads: the loop's.  Failure: NothingToExplain (4304). Spec:
// docs/spec/local-api.md section "GET why".
#pragma once

#include "node/conversation.h"

namespace ambit::node {

struct WhyEntry {
    int depth = 0;  // an entry of depth n+1 is a cause of the last entry of depth n before it
    std::optional<WallTime> time;
    std::string what;
    std::string by;       // device name
    std::string told_by;  // device name
    std::string rule;
    std::optional<WallTime> leaves;  // a departure that `what` is about
    std::optional<WallTime> until;   // when `what` ends
};

struct Explanation {
    std::vector<WhyEntry> chain;
    std::vector<std::string> withheld;
    std::optional<RequestId> request;
};

// Whether who asks may see what has this label.
using MaySee = std::function<bool(const privacy::Label&)>;

// The person at the device that holds it.
inline bool sees_all(const privacy::Label& /*label*/) {
    return true;
}

// How many words of `a` are in `b`, whatever the case of ASCII letters.
std::size_t shared_words(const std::string& a, const std::string& b);

// The newest effect that fits the words best ("the kitchen light is on"); empty text: the newest of all.
Result<Explanation> explain(const Parts& parts, const std::string& text, const MaySee& may_see = sees_all);
Result<Explanation> explain(const Parts& parts, const RequestId& request, const MaySee& may_see = sees_all);

}  // namespace ambit::node
