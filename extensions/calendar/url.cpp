#include "calendar/url.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "base/text.h"

namespace ambit::calendar {
namespace {

constexpr std::string_view kHex = "0123456789ABCDEF";

Error no_url(const char* why) {
    return {ErrorCode::InvalidArgument, why};
}

bool begins(std::string_view text, std::string_view with) {
    return text.size() >= with.size() &&
           std::equal(with.begin(), with.end(), text.begin(), [](char wanted, char c) {
               return wanted == static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
           });
}

std::string_view trimmed_space(std::string_view text) {
    constexpr std::string_view kSpace = " \t\r\n";
    const std::size_t from = std::min(text.find_first_not_of(kSpace), text.size());
    text.remove_prefix(from);
    return text.substr(0, text.find_last_not_of(kSpace) + 1);
}

bool is_plain(unsigned char c) {
    return std::isalnum(c) != 0 ||
           std::string_view("-._~!$&'()*+,;=:@/?").find(static_cast<char>(c)) != std::string_view::npos;
}

void escape(unsigned char c, std::string& into) {
    into += '%';
    into += kHex[c >> 4U];
    into += kHex[c & 15U];
}

// A host's characters; the resolver never sees others.
bool is_host(std::string_view host) {
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        const std::string_view inner = host.substr(1, host.size() - 2);
        return std::all_of(inner.begin(), inner.end(),
                           [](unsigned char c) { return std::isxdigit(c) != 0 || c == ':' || c == '.'; });
    }
    return !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '-' || c == '.' || c == '_';
    });
}

// Escapes what may not stand in a path as it is; leaves the escapes that are there.
std::string escaped(std::string_view path) {
    std::string out;
    out.reserve(path.size());
    for (const char c : path) {
        if (is_plain(static_cast<unsigned char>(c)) || c == '%') {
            out += c;
        } else {
            escape(static_cast<unsigned char>(c), out);
        }
    }
    return out;
}

int hex_digit(char c) {
    const auto at = kHex.find(static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
    return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

}  // namespace

Result<Url> read_url(std::string_view text) {
    text = trimmed_space(text);
    if (text.size() > kUrlBytesMax) {
        return no_url("an address of more than 2 KiB");
    }
    Url url;
    if (begins(text, "https://")) {
        text.remove_prefix(8);
    } else if (begins(text, "http://")) {
        text.remove_prefix(7);
        url.tls = false;
        url.port = 80;
    } else {
        return no_url("an address is https://HOST/PATH");
    }
    text = text.substr(0, text.find('#'));
    const std::size_t slash = std::min(text.find_first_of("/?"), text.size());
    std::string_view place = text.substr(0, slash);
    const std::string_view path = text.substr(slash);
    if (place.find('@') != std::string_view::npos) {
        return no_url("no user in the address: `calendar.user` and `calendar.password_file` are for that");
    }
    const std::size_t colon = place.rfind(':');
    if (colon != std::string_view::npos && place.find(']', colon) == std::string_view::npos) {
        const std::string_view digits = place.substr(colon + 1);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), url.port);
        if (error != std::errc() || end != digits.data() + digits.size() || url.port == 0) {
            return no_url("a port is a number from 1 to 65535");
        }
        place = place.substr(0, colon);
    }
    if (!is_host(place)) {
        return no_url("a host has letters, digits, dots and hyphens");
    }
    url.host = lower(place);
    url.path = escaped(path);
    if (url.path.empty() || url.path.front() != '/') {
        url.path.insert(0, "/");
    }
    if (url.path.size() > kUrlBytesMax) {
        return no_url("an address of more than 2 KiB");
    }
    return url;
}

Result<Url> resolve(const Url& base, std::string_view reference) {
    reference = trimmed_space(reference);
    if (reference.empty()) {
        return no_url("an empty address");
    }
    if (begins(reference, "http://") || begins(reference, "https://")) {
        return read_url(reference);
    }
    if (reference.starts_with("//")) {
        return read_url(std::string(base.tls ? "https:" : "http:").append(reference));
    }
    std::string path;
    if (reference.front() != '/') {
        path = folder_of(base.path);
    }
    path.append(reference.substr(0, kUrlBytesMax + 1));
    return read_url(origin_of(base) + path);
}

std::string origin_of(const Url& url) {
    return std::string(url.tls ? "https://" : "http://") + url.host + ":" + std::to_string(url.port);
}

std::string to_text(const Url& url) {
    return origin_of(url) + url.path;
}

bool same_origin(const Url& a, const Url& b) {
    return a.tls == b.tls && a.host == b.host && a.port == b.port;
}

bool is_unheard(const Url& url) {
    const bool address = std::all_of(url.host.begin(), url.host.end(),
                                     [](unsigned char c) { return std::isdigit(c) != 0 || c == '.'; });
    return url.tls || url.host == "localhost" || url.host == "[::1]" ||
           (address && url.host.starts_with("127."));
}

std::string plain_path(std::string_view path) {
    std::string out;
    out.reserve(path.size());
    for (std::size_t i = 0; i < path.size(); ++i) {
        auto c = static_cast<unsigned char>(path[i]);
        if (c == '%' && i + 2 < path.size() && hex_digit(path[i + 1]) >= 0 && hex_digit(path[i + 2]) >= 0) {
            c = static_cast<unsigned char>(hex_digit(path[i + 1]) * 16 + hex_digit(path[i + 2]));
            i += 2;
        }
        if (is_plain(c)) {
            out += static_cast<char>(c);
        } else {
            escape(c, out);
        }
    }
    return out;
}

std::string_view folder_of(std::string_view path) {
    path = path.substr(0, path.find('?'));
    return path.substr(0, path.rfind('/') + 1);
}

}  // namespace ambit::calendar
