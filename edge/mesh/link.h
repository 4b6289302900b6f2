// Link: one WebSocket over TLS over TCP, from its handshakes to its end.
//
// Ownership: MeshTransport holds it by shared_ptr, as do its pending operations; after close() or abandon()
// the owner hears nothing more.  Threads: the loop's.  Failure: on_link_failed() before it is up,
// on_link_broken() after. Spec: docs/spec/wire.md section "Transport".
#pragma once

#include <memory>
#include <string>

#include "mesh/tls.h"
#include "wire/transport.h"

namespace boost::asio {
class io_context;
}

namespace ambit::mesh {

class LinkOwner {
  public:
    virtual ~LinkOwner() = default;
    virtual void on_link_ready(wire::LinkId link) = 0;
    virtual void on_link_failed(wire::LinkId link, const Error& reason) = 0;
    virtual void on_link_broken(wire::LinkId link, const Error& reason) = 0;
    virtual void on_link_frame(wire::LinkId link, ByteView frame) = 0;
    virtual void on_link_writable(wire::LinkId link) = 0;
};

class Link {
  public:
    // What every link of a transport needs.
    struct Setup {
        boost::asio::io_context& io;
        boost::asio::ssl::context& tls;
        const identity::RosterView& roster;
        LinkOwner& owner;
    };

    Link(const Setup& setup, wire::LinkId id);
    ~Link();
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    // Takes over a connected socket.
    void accept(int socket);
    // Without `expected`: whoever is there.
    void dial(const wire::Address& address, const std::optional<DeviceId>& expected);

    bool up() const;
    // Valid once up.
    const DeviceId& peer() const;
    // Let in for the recovery key alone.
    bool recovers() const;
    // The peer would be let in now.
    bool still_welcome() const;
    const wire::Address& remote() const;

    // False: the buffer is full.
    bool send(Bytes frame);
    // Flushes, then closes; the owner hears nothing more.
    void close();
    // Closes at once; the owner hears nothing more.
    void abandon();

  private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace ambit::mesh
