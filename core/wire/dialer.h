// Dialer: when to dial one member and at which of its addresses.
//
// Goes through the addresses one at a time; after a round without success it waits, longer each time, with
// jitter. Ownership: value inside Links, one per peer and link kind.  Threads: the loop's.  Failure: none.
#pragma once

#include <optional>
#include <vector>

#include "base/random.h"
#include "wire/limits.h"
#include "wire/transport.h"

namespace ambit::wire {

class Dialer {
  public:
    // Wants a link from `at` on; forgets earlier failures.
    void want(MonoTime at);
    // The link is there, or is no longer wanted.
    void rest();
    // Something changed for the better (an address, the network): start a new round at once.
    void hurry(MonoTime now);

    bool wanted() const { return wanted_; }

    // The address to dial now, if a dial is due.  Call started() or failed() for it.
    std::optional<Address> due(const std::vector<Address>& candidates, MonoTime now);
    void started(DialId id, const Address& address, MonoTime now);

    std::optional<DialId> under_way() const { return dial_; }

    const Address& address() const { return address_; }

    bool timed_out(MonoTime now) const { return dial_ && now >= dial_until_; }

    void failed(MonoTime now, Random& random);

    // None while it rests or has nothing to dial.
    std::optional<MonoTime> next_deadline() const;

  private:
    bool wanted_ = false;
    bool empty_ = false;  // no candidate: hurry() or want() wakes it
    MonoTime not_before_{};
    std::size_t next_ = 0;   // candidate
    std::size_t count_ = 0;  // candidates in this round
    milliseconds backoff_ = kBackoffMin;
    std::optional<DialId> dial_;
    Address address_;
    MonoTime dial_until_{};
};

}  // namespace ambit::wire
