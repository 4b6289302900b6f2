// The only implementation of Mdns: a client of the Avahi daemon; for mdns.cpp only.
//
// Ownership, threads, failure: as Mdns.
#pragma once

#include "mdns/mdns.h"

namespace ambit::mdns {

std::unique_ptr<Mdns> start_avahi(Loop& loop, Service find, Events events);

}  // namespace ambit::mdns
