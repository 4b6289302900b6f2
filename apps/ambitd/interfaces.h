// Interfaces: the addresses of this machine at which others may dial it.
//
// Threads: any.  Failure: BadEncoding; interfaces that can't be read are left out.
#pragma once

#include <vector>

#include "wire/transport.h"

namespace ambit::daemon {

// "HOST:PORT" to listen at; unlike an address to dial, port 0 is fine.
Result<wire::Address> parse_listen(const std::string& text);

// For a listener at `listen`: that address, or, for one on all interfaces ("0.0.0.0", "::"), the address of
// each interface that is up; loopback only if there is nothing else.
std::vector<wire::Address> addresses_for(const wire::Address& listen);

}  // namespace ambit::daemon
