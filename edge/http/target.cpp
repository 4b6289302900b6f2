#include "http/target.h"

#include <algorithm>

#include "api/api.h"
#include "base/bytes.h"

namespace ambit::http {
namespace {

bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

// In a query "+" is a space, as HTML forms write it.
Result<std::string> decode(std::string_view text, bool plus_is_space) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        char c = text[at];
        if (c == '%') {
            const auto byte = from_hex(text.substr(at + 1, 2));
            if (!byte || byte->size() != 1) {
                return Error{ErrorCode::BadRequest, "broken %-encoding in the path"};
            }
            c = static_cast<char>(byte->front());
            at += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        if (c == '\0') {
            return Error{ErrorCode::BadRequest, "a NUL byte in the path"};
        }
        out += c;
    }
    return out;
}

}  // namespace

Result<Target> parse_target(std::string_view target) {
    if (!target.starts_with(api::kRoot)) {
        return Error{ErrorCode::NoSuchPath, "only " + std::string(api::kRoot) + " is served"};
    }
    target.remove_prefix(api::kRoot.size());
    const std::size_t mark = target.find('?');
    Target out;
    AMBIT_TRY_ASSIGN(out.path, decode(target.substr(0, mark), false));
    std::string_view rest = mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
    while (!rest.empty()) {
        const std::string_view pair = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
        const std::size_t equals = std::min(pair.find('='), pair.size());
        AMBIT_TRY_ASSIGN(std::string key, decode(pair.substr(0, equals), true));
        AMBIT_TRY_ASSIGN(std::string value, decode(pair.substr(std::min(equals + 1, pair.size())), true));
        out.query.insert_or_assign(std::move(key), std::move(value));
        if (out.query.size() > kQueryKeysMax) {
            return Error{ErrorCode::BadRequest, "more than " + std::to_string(kQueryKeysMax) + " query keys"};
        }
    }
    return out;
}

std::string url_encode(std::string_view text) {
    static constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        if (is_unreserved(c)) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += kDigits[byte >> 4U];
        out += kDigits[byte & 15U];
    }
    return out;
}

}  // namespace ambit::http
