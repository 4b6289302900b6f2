// Url: where a calendar server is, and where its answers point.
//
// Ownership: values.  Threads: any.  Failure: InvalidArgument for what is no http or https address.  Only
// visible ASCII is in a Url, so that nothing of a server's answer can end a line of a request.
// Spec: RFC 3986, as far as calendar servers use it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ambit::calendar {

inline constexpr std::size_t kUrlBytesMax = 2048;

struct Url {
    bool tls = true;
    std::string host;  // in lower case; an IPv6 address in brackets
    std::uint16_t port = 443;
    std::string path = "/";  // and query
    friend bool operator==(const Url&, const Url&) = default;
};

// "https://HOST[:PORT][/PATH]".  A user inside of it is refused: it would show up wherever addresses do.
Result<Url> read_url(std::string_view text);
// What `reference`, found at `base`, points to: an address, or a path.
Result<Url> resolve(const Url& base, std::string_view reference);

std::string origin_of(const Url& url);  // "https://host:443"
std::string to_text(const Url& url);
bool same_origin(const Url& a, const Url& b);
// Nobody on the way can read what is sent: TLS, or this machine itself.
bool is_unheard(const Url& url);
// The same for all ways to write one path: what need not be escaped isn't.
std::string plain_path(std::string_view path);
// The path without its last part: "/anna/work/" of "/anna/work/1.ics".
std::string_view folder_of(std::string_view path);

}  // namespace ambit::calendar
