// Visit: what the head of a request over the network must look like before anything of it is believed.
//
// Keeps other sites' pages out of a browser that sits in the home: the name it asks for must be one of this
// daemon (else a site could point its own name here: "DNS rebinding"), and a page that asks must be the
// daemon's own. Pure.  Ownership: values.  Threads: any.  Failure: BadRequest, WrongName, OtherSite. Spec:
// docs/http-api.md section "Who is let in"; RFC 6454 (Origin), RFC 6750 (bearer tokens).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ambit::http {

inline constexpr std::size_t kBearerBytesMax = 256;

// One connection over the network.
struct Visitor {
    std::string address;             // "192.0.2.9"
    bool loopback = false;           // from this machine
    int family = 0;                  // AF_INET, AF_INET6
    std::string reached_at;          // this machine's address on the connection
    std::vector<std::string> names;  // names allowed besides addresses, in lower case
};

struct Head {
    std::string target;
    std::string host;
    std::string origin;
    std::string fetch_site;
    std::string authorization;
};

Result<void> check_visit(const Visitor& visitor, const Head& head);

// "Bearer abc" -> "abc"; "" for anything else.
std::string bearer_of(std::string_view authorization);

// "[::1]:8377" -> "::1", "Hub.Local:80" -> "hub.local"; "" if it is no host.
std::string host_of(std::string_view host_field);

}  // namespace ambit::http
