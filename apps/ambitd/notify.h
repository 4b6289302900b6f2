// Notify: tells systemd, if it asked, that the daemon is ready or stopping (sd_notify, without libsystemd).
//
// Threads: any.  Failure: none; without NOTIFY_SOCKET nothing happens.  Spec: sd_notify(3).
#pragma once

#include <string_view>

namespace ambit::daemon {

// "READY=1", "STOPPING=1"
void notify(std::string_view state);

}  // namespace ambit::daemon
