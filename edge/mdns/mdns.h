// Mdns: finds devices on the local network, and lets them find this one, through the Avahi daemon.
//
// It says what it was told to say and nothing else: an opaque instance name and a port, no names, no TXT but
// the version.  What it finds is a hint that nobody vouches for; the handshake with what answers there does.
// Ownership: destroying it withdraws everything; nothing is told after that.  Threads: the loop's; Avahi has
// a thread of its own inside.  Failure: DiscoveryUnavailable (1505), from start() where Avahi is not built
// in, else by on_state(); it goes on by itself when the daemon comes.  Spec: docs/spec/wire.md section
// "Addresses".
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "loop/loop.h"

namespace ambit::mdns {

// Mesh: members of households, "_ambit._tcp".  Pairing: a device that shows a code now, "_ambit-pair._tcp".
enum class Service : std::uint8_t { Mesh, Pairing };

// Services that are remembered at once; whatever else a network shouts is not.
inline constexpr std::size_t kFoundMax = 256;
// How long a missing D-Bus is left alone; a missing Avahi daemon tells when it comes.
inline constexpr seconds kRetryAfter{30};

struct Found {
    std::string instance;
    std::string host;  // an IP address
    std::uint16_t port = 0;
};

struct Events {
    // Once per address of an instance, and again if it was gone meanwhile.
    std::function<void(const Found&)> on_found;
    std::function<void(const std::string& instance)> on_gone;
    // Told when it begins to work and when it stops.
    std::function<void(const Result<void>&)> on_state;
};

class Mdns {
  public:
    // Looks for services of one kind.
    static Result<std::unique_ptr<Mdns>> start(Loop& loop, Service find, Events events);
    virtual ~Mdns() = default;

    // Replaces what was published of this kind.
    virtual void publish(Service service, std::string instance, std::uint16_t port) = 0;
    virtual void withdraw(Service service) = 0;
};

}  // namespace ambit::mdns
