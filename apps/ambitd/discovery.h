// Discovery: makes this member findable on the local network, and finds the others.
//
// Its mesh port is published under a name that only members can compute and that changes every day; while a
// code lives, the port of the pairing is published under a random one.
// Ownership: Member owns it; borrows the loop and the node.  Threads: the loop's.  Failure: the health item
// "mdns"; static addresses and gossip go on without it.  Spec: docs/spec/wire.md section "Addresses".
#pragma once

#include "mdns/mdns.h"
#include "node/node.h"

namespace ambit::daemon {

class Discovery {
  public:
    Discovery(Loop& loop, node::Node& node, std::function<void()> after_event);

    // Where the mesh listens.
    void set_mesh_port(std::uint16_t port) { mesh_port_ = port; }

    // Where a pairing listens now; none when its code is dead.
    void set_pairing_port(std::optional<std::uint16_t> port);
    // Others belong to the household now.
    void on_roster();
    // After every event: tomorrow this device has another name.
    void settle(Now now);

  private:
    void on_found(const mdns::Found& found);
    void hint(const mdns::Found& found);

    node::Node& node_;
    std::function<void()> after_event_;
    std::uint16_t mesh_port_ = 0;
    std::string published_;
    // By instance, at most mdns::kFoundMax.
    std::multimap<std::string, mdns::Found> found_;
    std::unique_ptr<mdns::Mdns> mdns_;
};

}  // namespace ambit::daemon
