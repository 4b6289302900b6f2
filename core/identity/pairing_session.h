// PairingSession: what both sides of a pairing have in common: when it lives, how it ends, and what it tells.
//
// Inside core/identity only; the State of PairingHost and of PairingJoiner is one.  Ownership: the machine's.
// Threads: one.  Failure: fail() ends it with PairingFailed.  Spec: docs/spec/pairing.md.
#pragma once

#include <functional>

#include "identity/pairing_channel.h"

namespace ambit::identity {

class PairingSession {
  public:
    std::optional<PairingChannel> channel;
    std::vector<PairingEvent> events;

    bool live() const { return life_ == Life::Live; }

    bool over() const { return life_ == Life::Over; }

    void begin() { life_ = Life::Live; }

    // It went as it should.
    void end() { life_ = Life::Over; }

    // The last frame to send.
    std::vector<Bytes> fail(const Error& error);

    // Hands the frame in `bytes` to `on_frame`, and returns its answer, unless the session is over, `late`,
    // or ended by the frame itself: what is no frame, or the peer's refusal.
    using OnFrame = std::function<std::vector<Bytes>(const v1::PairingFrame&)>;
    std::vector<Bytes> take(ByteView bytes, bool late, const OnFrame& on_frame);
    // The connection is gone.
    void lose();
    // The person here said no.
    std::vector<Bytes> refuse();
    std::vector<Bytes> tick(bool late);

  private:
    enum class Life : std::uint8_t { Idle, Live, Over } life_ = Life::Idle;
};

}  // namespace ambit::identity
