// The bare TCP link of a pairing: frames of 4 bytes length (big-endian) and at most 64 KiB, carried as they
// are.
//
// Nothing in it is trusted or secret: core/identity/pairing.h makes a secure channel over it.  A listener
// exists only while a code lives and serves one connection at a time, the first that sends a frame; those
// that say nothing keep nobody out.  Every connection has a deadline.
// Ownership: destroying either ends it; nothing is told after that.  Threads: the loop's; no call calls back
// from inside. Failure: ListenFailed (1501), DialFailed (1502), LinkBroken (1504).  Spec:
// docs/spec/pairing.md.
#pragma once

#include <functional>
#include <memory>

#include "loop/loop.h"
#include "wire/transport.h"

namespace ambit::mesh {

// How long one pairing may take after the first frame: as long as a code lives, because two people compare
// words.
inline constexpr seconds kPairingTimeout{180};
// How long a connection may take to the other side's first frame.
inline constexpr seconds kPairingSilenceTimeout{15};

// Connections to a listener that have said nothing yet; over it the oldest one ends.
inline constexpr std::size_t kPairingSilentMax = 16;

struct PairingEvents {
    // A dialler's connection is up; somebody who came to a listener has sent a frame, which follows.
    std::function<void()> on_connected;
    std::function<void(ByteView frame)> on_frame;
    // The connection is over; a listener takes the next one.  No dial succeeded: DialFailed.
    std::function<void(const Error& reason)> on_closed;
};

class PairingListener {
  public:
    // Listens at an IP literal; port 0 takes any free one.
    static Result<std::unique_ptr<PairingListener>> open(Loop& loop,
                                                         const wire::Address& at,
                                                         PairingEvents events);
    ~PairingListener();

    const wire::Address& local() const;
    // To the one connection there is; ignored if there is none.
    void send(const Bytes& frame);
    // Flushes, closes the connection, and takes the next one; on_closed() doesn't follow.
    void close_connection();

  private:
    class Impl;
    explicit PairingListener(std::unique_ptr<Impl> impl);

    std::unique_ptr<Impl> impl_;
};

class PairingDialer {
  public:
    static std::unique_ptr<PairingDialer> open(Loop& loop, const wire::Address& to, PairingEvents events);
    ~PairingDialer();

    void send(const Bytes& frame);
    // Flushes, then closes; on_closed() doesn't follow.
    void close();

  private:
    class Impl;
    explicit PairingDialer(std::unique_ptr<Impl> impl);

    std::unique_ptr<Impl> impl_;
};

}  // namespace ambit::mesh
