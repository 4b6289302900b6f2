#include "intent_model/tokens.h"

#include <algorithm>

namespace ambit::intent_model {
namespace {

enum class Kind { part, letter, single, apostrophe };

struct Character {
    char32_t code = 0;  // 0: not UTF-8
    std::size_t size = 1;
};

Character read_character(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const std::uint8_t lead = byte(at);
    if (lead < 0x80) {
        return {lead, 1};
    }
    const std::size_t size = lead >= 0xF0 && lead < 0xF5 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || at + size > text.size()) {
        return {};
    }
    char32_t code = size == 4 ? lead & 0x07U : size == 3 ? lead & 0x0FU : lead & 0x1FU;
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(at + i) & 0xC0U) != 0x80U) {
            return {};
        }
        code = code << 6U | (byte(at + i) & 0x3FU);
    }
    return {code, size};
}

bool within(char32_t code, char32_t first, char32_t last) {
    return code >= first && code <= last;
}

Kind kind_of(char32_t code) {
    if (within(code, 'a', 'z') || within(code, 'A', 'Z') || within(code, '0', '9')) {
        return Kind::letter;
    }
    if (code == '\'' || code == 0x2019) {
        return Kind::apostrophe;
    }
    if (code <= 0x20 || within(code, 0x7F, 0xA0) || code == 0xAD || within(code, 0x2000, 0x200F) ||
        within(code, 0x2028, 0x202F) || within(code, 0x205F, 0x206F) || code == 0x3000 || code == 0xFEFF ||
        within(code, 0xFE00, 0xFE0F) || within(code, 0xE0000, 0xE0FFF) || within(code, 0xD800, 0xF8FF)) {
        return Kind::part;
    }
    const bool sign = code < 0xC0 ? code != 0xAA && code != 0xB5 && code != 0xBA
                                  : code == 0xD7 || code == 0xF7 || within(code, 0x2010, 0x2BFF) ||
                                        within(code, 0x3001, 0x303F) || within(code, 0xFF01, 0xFF0F) ||
                                        within(code, 0xFF1A, 0xFF20) || within(code, 0x1F000, 0x1FAFF);
    const bool alone = within(code, 0x3040, 0x30FF) || within(code, 0x3400, 0x9FFF) ||
                       within(code, 0xF900, 0xFAFF) || within(code, 0x20000, 0x3FFFF);
    return sign || alone ? Kind::single : Kind::letter;
}

// Lower case of the Latin, Greek and Cyrillic letters that have a plain one.
char32_t folded(char32_t code) {
    if (within(code, 'A', 'Z') || (within(code, 0xC0, 0xDE) && code != 0xD7) || within(code, 0x391, 0x3A9) ||
        within(code, 0x410, 0x42F)) {
        return code + 32;
    }
    if (within(code, 0x400, 0x40F)) {
        return code + 80;
    }
    if (within(code, 0x100, 0x137) || within(code, 0x14A, 0x177)) {
        return code | 1U;
    }
    if (within(code, 0x139, 0x148) || within(code, 0x179, 0x17E)) {
        return code + (code & 1U);
    }
    return code == 0x2019 ? U'\'' : code;
}

void append(std::string& out, char32_t code) {
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xC0U | code >> 6U);
        out += static_cast<char>(0x80U | (code & 0x3FU));
    } else if (code < 0x10000) {
        out += static_cast<char>(0xE0U | code >> 12U);
        out += static_cast<char>(0x80U | (code >> 6U & 0x3FU));
        out += static_cast<char>(0x80U | (code & 0x3FU));
    } else {
        out += static_cast<char>(0xF0U | code >> 18U);
        out += static_cast<char>(0x80U | (code >> 12U & 0x3FU));
        out += static_cast<char>(0x80U | (code >> 6U & 0x3FU));
        out += static_cast<char>(0x80U | (code & 0x3FU));
    }
}

}  // namespace

std::vector<Token> tokens_of(std::string_view text) {
    text = text.substr(0, std::min(text.size(), kTextMax));
    std::vector<Token> tokens;
    bool open = false;  // the last token goes on with the next letter
    for (std::size_t at = 0; at < text.size();) {
        const Character character = read_character(text, at);
        const std::size_t next = at + character.size;
        Kind kind = character.code == 0 ? Kind::part : kind_of(character.code);
        if (kind == Kind::apostrophe) {
            const bool inside =
                open && next < text.size() && kind_of(read_character(text, next).code) == Kind::letter;
            kind = inside ? Kind::letter : Kind::single;
        }
        if (kind == Kind::part) {
            open = false;
        } else {
            if (!open || kind == Kind::single) {
                if (tokens.size() == kTokensMax) {
                    break;
                }
                tokens.push_back({.text = {}, .begin = at, .end = at});
            }
            Token& token = tokens.back();
            if (token.text.size() + 4 <= kTokenBytesMax) {
                append(token.text, folded(character.code));
            }
            token.end = next;
            open = kind == Kind::letter;
        }
        at = next;
    }
    return tokens;
}

std::uint64_t hash_of(std::string_view text, std::uint64_t seed) {
    std::uint64_t hash = 0xCBF29CE484222325ULL ^ seed;
    for (const char c : text) {
        hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001B3ULL;
    }
    hash = (hash ^ (hash >> 32U)) * 0xD6E8FEB86659FD93ULL;
    return hash ^ (hash >> 32U);
}

}  // namespace ambit::intent_model
