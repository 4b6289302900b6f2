// PairingPort: edge/mesh's pairing listener as the node's port.
//
// Ownership: Member owns it; borrows the loop.  Threads: the loop's.  Failure: ListenFailed from open().
#pragma once

#include <memory>

#include "loop/loop.h"
#include "mesh/pairing_link.h"
#include "node/pairing_host.h"

namespace ambit::daemon {

class PairingPort final : public node::PairingListenerPort {
  public:
    // `after_event` is called after everything the connection told.
    PairingPort(Loop& loop, std::function<void()> after_event)
        : loop_(loop), after_event_(std::move(after_event)) {}

    // Where the mesh listens: the pairing listener takes a free port at the same host.
    void set_listen(const wire::Address& mesh) { mesh_ = mesh; }

    // Told the port when it opens, nothing when it closes.
    using OnPort = std::function<void(std::optional<std::uint16_t>)>;

    void set_on_port(OnPort on_port) { on_port_ = std::move(on_port); }

    Result<std::string> open(node::PairingConnectionEvents& events) override;
    void send(const Bytes& frame) override;
    void disconnect() override;
    void close() override;

  private:
    Loop& loop_;
    std::function<void()> after_event_;
    OnPort on_port_ = [](std::optional<std::uint16_t>) {};
    wire::Address mesh_{"0.0.0.0", 0};
    std::shared_ptr<mesh::PairingListener> listener_;
};

}  // namespace ambit::daemon
