// Session: one connection to the local API or to the port; reads requests one by one and lets a handler
// answer them.
//
// Ownership: shared by the server, its own pending operations and the responders it handed out.  Threads: the
// loop's. Failure: what a client gets wrong is answered, then the connection is closed.  Spec:
// docs/spec/local-api.md.
#pragma once

#include <functional>
#include <memory>

#include "api/api.h"
#include "http/visit.h"

namespace boost::asio {
class io_context;
}

namespace ambit::http {

class Session {
  public:
    virtual ~Session() = default;
    // Takes no further request: closes now if idle, ends a stream, else closes after the answer under way.
    virtual void drain() = 0;
    // Cuts the connection; `on_end` is called.
    virtual void close() = 0;
};

// Takes over the connected socket `fd` and starts reading.  `on_end` is called once, when it is closed.
// `visitor`: who came over the network; none on the unix socket.
std::shared_ptr<Session> start_session(boost::asio::io_context& io,
                                       int fd,
                                       std::optional<Visitor> visitor,
                                       api::Handler handler,
                                       std::function<void(Session*)> on_end);

}  // namespace ambit::http
