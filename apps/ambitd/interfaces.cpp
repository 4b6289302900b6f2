#include "ambitd/interfaces.h"

#include <algorithm>
#include <array>

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

namespace ambit::daemon {
namespace {

// As many as an address record may hold and still be small.
constexpr std::size_t kAddressesMax = 8;

std::string text_of(const sockaddr* address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const void* source = nullptr;
    if (address->sa_family == AF_INET) {
        source = &reinterpret_cast<const sockaddr_in*>(address)->sin_addr;
    } else if (address->sa_family == AF_INET6) {
        const in6_addr& six = reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;
        // A link-local address means nothing without its interface.
        source = IN6_IS_ADDR_LINKLOCAL(&six) ? nullptr : &six;
    }
    if (source == nullptr || inet_ntop(address->sa_family, source, text.data(), text.size()) == nullptr) {
        return "";
    }
    return text.data();
}

}  // namespace

Result<wire::Address> parse_listen(const std::string& text) {
    if (!text.ends_with(":0")) {
        return wire::Address::parse(text);
    }
    AMBIT_TRY_ASSIGN(wire::Address address, wire::Address::parse(text.substr(0, text.size() - 1) + "1"));
    address.port = 0;
    return address;
}

std::vector<wire::Address> addresses_for(const wire::Address& listen) {
    const bool all_four = listen.host == "0.0.0.0";
    if (!all_four && listen.host != "::") {
        return {listen};
    }
    std::vector<wire::Address> found;
    std::vector<wire::Address> loopback;
    ifaddrs* list = nullptr;
    if (getifaddrs(&list) == 0) {
        for (const ifaddrs* at = list; at != nullptr; at = at->ifa_next) {
            const bool usable = at->ifa_addr != nullptr && (at->ifa_flags & IFF_UP) != 0 &&
                                !(all_four && at->ifa_addr->sa_family != AF_INET);
            const std::string host = usable ? text_of(at->ifa_addr) : "";
            if (!host.empty()) {
                auto& list_for = (at->ifa_flags & IFF_LOOPBACK) != 0 ? loopback : found;
                list_for.push_back({host, listen.port});
            }
        }
        freeifaddrs(list);
    }
    if (found.empty()) {
        found = std::move(loopback);
    }
    found.resize(std::min(found.size(), kAddressesMax));
    return found;
}

}  // namespace ambit::daemon
