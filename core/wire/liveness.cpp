#include "wire/liveness.h"

#include <algorithm>

namespace ambit::wire {

void Liveness::set_eager(bool eager, MonoTime now) {
    if (eager && !eager_) {
        // The peer was allowed to be silent until now.
        quiet_since_ = now;
        ping_at_.reset();
    }
    eager_ = eager;
}

void Liveness::heard(MonoTime now) {
    quiet_since_ = now;
    ping_at_.reset();
}

void Liveness::answered(std::uint64_t nonce, MonoTime now) {
    if (nonce != nonce_ || !nonce_at_) {
        return;
    }
    const microseconds sample = now - *nonce_at_;
    nonce_at_.reset();
    peers_turn_ = false;
    round_trip_ = round_trip_ ? (*round_trip_ * 7 + sample) / 8 : sample;
}

Liveness::Verdict Liveness::check(MonoTime now) {
    if (now > next_deadline() + kPingInterval) {
        // This process stood still (suspended, or a stalled loop): what the peer said meanwhile may still
        // wait in the socket, so silence counts from now on only.
        heard(now);
        return Verdict::PingNow;
    }
    if (now - quiet_since_ >= silence_max()) {
        return Verdict::Silent;
    }
    const milliseconds early = eager_ ? kPingEarly : milliseconds{0};
    return now - ping_at_.value_or(quiet_since_) >= interval() - early ? Verdict::PingNow : Verdict::Fine;
}

std::uint64_t Liveness::pinged(MonoTime now) {
    ping_at_ = now;
    nonce_at_ = now;
    return ++nonce_;
}

MonoTime Liveness::next_deadline() const {
    return std::min<MonoTime>(ping_at_.value_or(quiet_since_) + interval(), quiet_since_ + silence_max());
}

}  // namespace ambit::wire
