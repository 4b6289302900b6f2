// FramedSocket: length-prefixed frames over one TCP connection with a deadline; for pairing_link.cpp only.
//
// Ownership: kept alive by its pending operations; says nothing after close() or abandon().  Threads: the
// loop's.  Failure: on_closed(), once.  Spec: docs/spec/pairing.md section "Framing".
#pragma once

#include "mesh/pairing_link.h"

namespace ambit::mesh {

class FramedSocket {
  public:
    static std::shared_ptr<FramedSocket> create(boost::asio::io_context& io, PairingEvents events);
    virtual ~FramedSocket() = default;

    // Either of the two, once.
    virtual void accept(int socket) = 0;
    virtual void dial(const wire::Address& to) = 0;
    virtual void send(const Bytes& frame) = 0;
    // Flushes first.
    virtual void close() = 0;
    virtual void abandon() = 0;
};

}  // namespace ambit::mesh
