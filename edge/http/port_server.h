// PortServer: the HTTP/1.1 server for browsers and programs that come over the network: the page, and the API
// for clients with tokens.
//
// Ownership: the daemon owns it and destroys it before the Loop.  Threads: the loop's, the handler's too.
// Failure: start() returns PageUnavailable; a visitor's mistakes are answered, its slowness is cut.
// Limits: those of unix_server.h, and kPerAddressMax connections from one address.
// Spec: docs/http-api.md.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/api.h"
#include "base/time.h"

namespace ambit {
class Loop;
}

namespace ambit::http {

inline constexpr std::size_t kPerAddressMax = 16;

struct PortSettings {
    std::uint16_t port = 0;          // 0: any free one
    bool lan = false;                // else this machine alone
    std::vector<std::string> names;  // by which a browser may ask for this machine, besides addresses
};

class PortServer {
  public:
    PortServer(Loop& loop, PortSettings settings, api::Handler handler);
    // Cuts what is left; call stop() first for a clean end.
    ~PortServer();
    PortServer(const PortServer&) = delete;
    PortServer& operator=(const PortServer&) = delete;

    // Listens; the port.
    Result<std::uint16_t> start();
    void stop(milliseconds deadline, std::function<void()> on_stopped);

  private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace ambit::http
