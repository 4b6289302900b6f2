// MeshTransport: wire::Transport over WebSocket, TLS 1.3 and TCP, on the loop.
//
// Strangers reach nothing but a TLS handshake with a deadline; how many are under way is capped in all and
// per address, and each costs a fixed amount of memory.  Only members of the roster get a link, and who holds
// the household's recovery key (docs/spec/recovery.md). Ownership: apps own it, destroy it before the Loop,
// and after the events' owner is done with it. Threads: the loop's. Failure: ListenFailed, DialFailed,
// HandshakeFailed, LinkBroken (1500-1599). Spec: docs/spec/wire.md section "Transport".
#pragma once

#include <memory>

#include "crypto/keys.h"
#include "loop/loop.h"
#include "wire/transport.h"

namespace ambit::mesh {

class MeshTransport final : public wire::Transport {
  public:
    // `key` is this device's; borrowed during the call only.
    static Result<std::unique_ptr<MeshTransport>> create(Loop& loop, const crypto::SigningKey& key);
    ~MeshTransport() override;

    // Before anything else.  Nothing is told while it is null.
    void set_events(wire::TransportEvents* events);

    // Listens at an IP literal ("0.0.0.0", "::", "127.0.0.1"); port 0 takes any free one.  Returns where it
    // listens.
    Result<wire::Address> listen(const wire::Address& at);
    void stop_listening();
    // Refuses new links, flushes and closes the others; calls `done` on the loop, at the latest after
    // kCloseTimeout.
    void stop(std::function<void()> done);

    // Connects to whoever is at `address`: for a newcomer with the recovery key, which is `key` then.
    void dial_anybody(wire::DialId id, const wire::Address& address);

    // Handshakes of strangers under way now.
    std::size_t handshakes() const;

    void dial(wire::DialId id, const wire::Address& address, const DeviceId& expected) override;
    void cancel_dial(wire::DialId id) override;
    bool send(wire::LinkId link, Bytes frame) override;
    void close(wire::LinkId link, const Error& reason) override;
    void set_roster(identity::RosterView roster) override;

  private:
    class Impl;
    explicit MeshTransport(std::unique_ptr<Impl> impl);

    std::unique_ptr<Impl> impl_;
};

}  // namespace ambit::mesh
