// Liveness: when to ping a peer, and when its silence means that it is gone.
//
// Eager (a call in flight, or both sides mains powered): silence of kSilenceMax.  Otherwise: keep-alives.
// Ownership: value inside a Session.  Threads: the loop's.  Failure: none.  Spec: docs/spec/wire.md
// "Liveness".
#pragma once

#include <optional>

#include "wire/limits.h"

namespace ambit::wire {

class Liveness {
  public:
    explicit Liveness(MonoTime now) : quiet_since_(now) {}

    void set_eager(bool eager, MonoTime now);
    // A frame came from the peer.
    void heard(MonoTime now);

    // The peer pings, and is left to go on with it: two that ping at the same time say everything twice.
    void asked() { peers_turn_ = true; }

    // The pong to the ping with `nonce` came.
    void answered(std::uint64_t nonce, MonoTime now);

    enum class Verdict : std::uint8_t { Fine, PingNow, Silent };
    // Also notices that this process itself stood still, and then gives the peer another chance.
    Verdict check(MonoTime now);
    // A ping leaves; its nonce.
    std::uint64_t pinged(MonoTime now);
    MonoTime next_deadline() const;

    // Smoothed over the last pings (RFC 6298's 1/8).
    std::optional<microseconds> round_trip() const { return round_trip_; }

  private:
    milliseconds interval() const {
        const bool yields = eager_ && peers_turn_ && !ping_at_;
        return yields ? kPingInterval + kPingYield : eager_ ? kPingInterval : kKeepAliveInterval;
    }

    milliseconds silence_max() const { return eager_ ? kSilenceMax : kKeepAliveSilenceMax; }

    bool eager_ = false;
    bool peers_turn_ = false;  // it pinged last
    MonoTime quiet_since_;
    std::optional<MonoTime> ping_at_;  // of the last ping since the peer was heard
    std::uint64_t nonce_ = 0;
    std::optional<MonoTime> nonce_at_;
    std::optional<microseconds> round_trip_;
};

}  // namespace ambit::wire
