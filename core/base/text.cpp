#include "base/text.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace ambit {
namespace {

struct Character {
    std::size_t bytes = 0;  // 0: `text` does not begin with one
    char32_t code = 0;
};

// The first character of `text`, by RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF.
Character first_of(std::string_view text) {
    const auto byte = [&text](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const unsigned char lead = byte(0);
    if (lead < 0x80) {
        return {1, lead};
    }
    const std::size_t bytes = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
    if (bytes == 0 || text.size() < bytes) {
        return {};
    }
    char32_t code = lead & (0x7fU >> bytes);
    for (std::size_t at = 1; at < bytes; ++at) {
        if ((byte(at) & 0xc0U) != 0x80) {
            return {};
        }
        code = code << 6U | (byte(at) & 0x3fU);
    }
    const char32_t least = bytes == 2 ? 0x80 : bytes == 3 ? 0x800 : 0x10000;
    const bool surrogate = code >= 0xd800 && code < 0xe000;
    return code < least || surrogate || code > 0x10ffff ? Character{} : Character{bytes, code};
}

bool is_control(char32_t code) {
    return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

// Line separators, and bidirectional embeddings, overrides and isolates.
bool turns_the_line(char32_t code) {
    return (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

}  // namespace

std::string printable(std::string_view text, std::size_t bytes_max) {
    std::string out;
    out.reserve(std::min(text.size(), bytes_max));
    while (!text.empty()) {
        const Character first = first_of(text);
        const bool shown = first.bytes != 0 && !is_control(first.code);
        const std::string_view piece = shown ? text.substr(0, first.bytes) : std::string_view("?");
        if (out.size() + piece.size() > bytes_max) {
            break;
        }
        out += piece;
        text.remove_prefix(std::max<std::size_t>(first.bytes, 1));
    }
    return out;
}

std::string for_terminal(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const Character first = first_of(text);
        const std::string_view piece = text.substr(0, std::max<std::size_t>(first.bytes, 1));
        const bool obeyed = first.bytes != 0 && (is_control(first.code) || turns_the_line(first.code));
        out += obeyed ? std::string_view(" ") : piece;
        text.remove_prefix(piece.size());
    }
    return out;
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return out;
}

bool is_utf8(std::string_view text) {
    constexpr std::uint64_t kNotAscii = 0x8080'8080'8080'8080;
    while (!text.empty()) {
        std::uint64_t eight = kNotAscii;
        if (text.size() >= sizeof eight) {
            std::memcpy(&eight, text.data(), sizeof eight);
        }
        if ((eight & kNotAscii) == 0) {
            text.remove_prefix(sizeof eight);
            continue;
        }
        const std::size_t bytes = first_of(text).bytes;
        if (bytes == 0) {
            return false;
        }
        text.remove_prefix(bytes);
    }
    return true;
}

}  // namespace ambit
