// Repair: answers the local API while this device's store can't be used: says why, and sets it aside when
// told.
//
// What the household shares is still on its other devices: with an empty store this device joins again, keeps
// its key and so its place, and fetches everything.  Only what was for this device alone is gone.
// Ownership: System owns it in place of a household; borrows what it is given.  Threads: the loop's.
// Failure: everything but status, doctor and repair is answered with the reason.  Spec:
// docs/spec/local-api.md section "POST repair".
#pragma once

#include "ambitd/joining.h"
#include "node/local_api.h"
#include "paths/paths.h"

namespace ambit::daemon {

class Repair {
  public:
    // `on_set_aside` opens a new store; it may destroy this.
    Repair(const Paths& paths, node::DaemonInfo info, Error reason, std::function<void()> on_set_aside);

    void handle(const api::Request& request, const Reply& reply);

    const Error& reason() const { return reason_; }

  private:
    void set_aside(const Reply& reply);

    const Paths& paths_;
    node::DaemonInfo info_;
    Error reason_;
    std::function<void()> on_set_aside_;
};

}  // namespace ambit::daemon
