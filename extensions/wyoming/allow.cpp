#include "wyoming/allow.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <arpa/inet.h>

namespace ambit::wyoming {
namespace {

constexpr unsigned kMappedBits = 96;

struct Parsed {
    std::array<std::uint8_t, 16> bytes{};
    bool v4 = false;
};

std::optional<Parsed> parse_address(const std::string& text) {
    Parsed parsed;
    std::array<std::uint8_t, 4> v4{};
    if (inet_pton(AF_INET, text.c_str(), v4.data()) == 1) {
        parsed.v4 = true;
        parsed.bytes[10] = parsed.bytes[11] = 0xff;
        std::copy(v4.begin(), v4.end(), parsed.bytes.begin() + 12);
        return parsed;
    }
    if (inet_pton(AF_INET6, text.c_str(), parsed.bytes.data()) == 1) {
        return parsed;
    }
    return std::nullopt;
}

bool same_start(const std::array<std::uint8_t, 16>& a, const std::array<std::uint8_t, 16>& b, unsigned bits) {
    for (unsigned i = 0; i < bits; ++i) {
        const auto mask = static_cast<std::uint8_t>(0x80U >> (i % 8));
        if ((a[i / 8] & mask) != (b[i / 8] & mask)) {
            return false;
        }
    }
    return true;
}

}  // namespace

Result<Allow> Allow::parse(const std::vector<std::string>& entries) {
    Allow allow;
    for (const std::string& entry : entries) {
        const Error bad{ErrorCode::InvalidArgument,
                        "\"" + entry + "\": expected an address, or a network such as 192.0.2.0/24"};
        const std::size_t slash = entry.find('/');
        const auto address = parse_address(entry.substr(0, slash));
        if (!address) {
            return bad;
        }
        unsigned bits = address->v4 ? 32 : 128;
        if (slash != std::string::npos) {
            const std::string text = entry.substr(slash + 1);
            unsigned given = 0;
            const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), given);
            if (failed != std::errc() || end != text.data() + text.size() || given > bits) {
                return bad;
            }
            bits = given;
        }
        allow.networks_.push_back({address->bytes, address->v4 ? kMappedBits + bits : bits});
    }
    return allow;
}

bool Allow::lets_in(const std::string& address) const {
    // A link-local address comes with its interface ("fe80::1%eth0"), which is no part of it.
    const auto parsed = parse_address(address.substr(0, address.find('%')));
    if (!parsed) {
        return false;
    }
    static const std::vector<Network> kHere = {{parse_address("127.0.0.0")->bytes, kMappedBits + 8},
                                               {parse_address("::1")->bytes, 128}};
    const auto& networks = networks_.empty() ? kHere : networks_;
    return std::any_of(networks.begin(), networks.end(), [&](const Network& network) {
        return same_start(network.address, parsed->bytes, network.bits);
    });
}

}  // namespace ambit::wyoming
