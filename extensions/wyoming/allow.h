// Allow: which addresses may connect: single ones and networks, IPv4 and IPv6.
//
// Pure.  Ownership: value.  Threads: any.  Failure: InvalidArgument names the entry.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace ambit::wyoming {

class Allow {
  public:
    // "192.0.2.7", "192.0.2.0/24", "2001:db8::/32".
    static Result<Allow> parse(const std::vector<std::string>& entries);

    bool empty() const { return networks_.empty(); }

    // With no entries: this machine alone.
    bool lets_in(const std::string& address) const;

  private:
    // IPv4 is kept as IPv6 ("::ffff:192.0.2.7"), so that there is one comparison.
    struct Network {
        std::array<std::uint8_t, 16> address{};
        unsigned bits = 128;
    };

    std::vector<Network> networks_;
};

}  // namespace ambit::wyoming
