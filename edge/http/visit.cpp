#include "http/visit.h"

#include <algorithm>

#include "base/text.h"

namespace ambit::http {
namespace {

constexpr std::size_t kHostBytesMax = 260;

bool is_port(std::string_view text) {
    return text.empty() ||
           (text.front() == ':' && text.size() <= 6 &&
            std::all_of(text.begin() + 1, text.end(), [](char c) { return c >= '0' && c <= '9'; }));
}

bool is_host_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

}  // namespace

std::string host_of(std::string_view host_field) {
    if (host_field.empty() || host_field.size() > kHostBytesMax) {
        return "";
    }
    const std::string host = lower(host_field);
    if (host.front() == '[') {
        const std::size_t end = host.find(']');
        if (end == std::string::npos || !is_port(std::string_view(host).substr(end + 1))) {
            return "";
        }
        const std::string inside = host.substr(1, end - 1);
        const bool plain = std::all_of(inside.begin(), inside.end(), [](char c) {
            return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == ':' || c == '.';
        });
        return plain ? inside : "";
    }
    const std::size_t colon = std::min(host.find(':'), host.size());
    std::string name = host.substr(0, colon);
    if (!is_port(std::string_view(host).substr(colon)) ||
        !std::all_of(name.begin(), name.end(), is_host_character)) {
        return "";
    }
    if (name.ends_with('.')) {
        name.pop_back();
    }
    return name;
}

Result<void> check_visit(const Visitor& visitor, const Head& head) {
    const std::string host = host_of(head.host);
    if (host.empty()) {
        return Error{ErrorCode::BadRequest, "the request names no host"};
    }
    const bool known = host == visitor.reached_at || (host == "localhost" && visitor.loopback) ||
                       std::find(visitor.names.begin(), visitor.names.end(), host) != visitor.names.end();
    if (!known) {
        return Error{ErrorCode::WrongName, host};
    }
    // A browser sends Origin with everything that could do harm.  Its own page may be behind https (a proxy
    // on this machine), so only what follows the scheme is compared.
    if (!head.origin.empty()) {
        const std::size_t scheme = head.origin.find("://");
        const bool own = scheme != std::string::npos &&
                         lower(head.origin.substr(scheme + 3)) == lower(head.host) &&
                         (head.origin.starts_with("http://") || head.origin.starts_with("https://"));
        if (!own) {
            return Error{ErrorCode::OtherSite, "it came from another origin"};
        }
    }
    if (head.target.starts_with("/api/") &&
        (head.fetch_site == "cross-site" || head.fetch_site == "same-site")) {
        return Error{ErrorCode::OtherSite, "it came from another site"};
    }
    return {};
}

std::string bearer_of(std::string_view authorization) {
    constexpr std::string_view kScheme = "bearer ";
    if (authorization.size() <= kScheme.size() || lower(authorization.substr(0, kScheme.size())) != kScheme) {
        return "";
    }
    authorization.remove_prefix(kScheme.size());
    while (authorization.starts_with(' ')) {
        authorization.remove_prefix(1);
    }
    return authorization.size() > kBearerBytesMax ? "" : std::string(authorization);
}

}  // namespace ambit::http
