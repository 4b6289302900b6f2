// UnixServer: the local API's HTTP/1.1 server on a unix stream socket.
//
// Ownership: the daemon owns it and destroys it before the Loop.  Threads: the loop's, the handler's too.
// Failure: start() returns AlreadyRunning or SocketFailed; a client's mistakes are answered, its slowness is
// cut. Only the daemon's own user and root are heard (socket mode 0600 and SO_PEERCRED). Spec:
// docs/spec/local-api.md.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "api/api.h"
#include "base/time.h"

namespace ambit {
class Loop;
}

namespace ambit::http {

inline constexpr std::size_t kHeaderBytesMax = 16U << 10U;
inline constexpr std::size_t kBodyBytesMax = 1U << 20U;
inline constexpr std::size_t kReplyBytesMax = 16U << 20U;
inline constexpr std::size_t kConnectionsMax = 64;
// What may wait for a slow reader of a stream.
inline constexpr std::size_t kStreamBytesMax = 1U << 20U;
// A request must be complete, and a write make progress, within these; an unused connection is closed after
// kIdleMax.
inline constexpr seconds kRequestMax{10};
inline constexpr seconds kWriteMax{10};
inline constexpr seconds kIdleMax{60};

class UnixServer {
  public:
    UnixServer(Loop& loop, std::string socket_path, api::Handler handler);
    // Cuts what is left; call stop() first for a clean end.
    ~UnixServer();
    UnixServer(const UnixServer&) = delete;
    UnixServer& operator=(const UnixServer&) = delete;

    // Listens.  A socket file that nobody answers on is replaced; the folder must exist.
    Result<void> start();
    // Refuses new work, ends streams, lets answers under way finish until `deadline`, then cuts them and
    // calls `on_stopped` (always later, on the loop).
    void stop(milliseconds deadline, std::function<void()> on_stopped);

    std::size_t connections() const;

  private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace ambit::http
