// What the printed QR codes say, read from the picture by ISO/IEC 18004: no decoder is needed for a picture
// without errors.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "ambit/render.h"

namespace ambit::cli {
namespace {

using Modules = std::vector<std::vector<bool>>;  // [y][x]: dark?

// The half blocks of `picture`, without the quiet zone of two modules.
Modules modules_in(const std::string& picture) {
    Modules rows;
    for (std::size_t at = 0; at < picture.size();) {
        const std::size_t end = std::min(picture.find('\n', at), picture.size());
        std::vector<bool> upper;
        std::vector<bool> lower;
        while (at < end) {
            const std::string block = picture.substr(at, picture[at] == ' ' ? 1 : 3);
            upper.push_back(block == " " || block == "▄");
            lower.push_back(block == " " || block == "▀");
            at += block.size();
        }
        rows.push_back(upper);
        rows.push_back(lower);
        at = end + 1;
    }
    if (rows.empty() || rows.front().size() < 25) {
        return {};
    }
    const std::size_t size = rows.front().size() - 4;
    Modules inside;
    for (std::size_t y = 2; y < size + 2; ++y) {
        inside.emplace_back(rows.at(y).begin() + 2, rows.at(y).end() - 2);
    }
    return inside;
}

// Finder patterns with the format beside them, timing, and the alignment pattern of versions 2 to 6.
bool is_pattern(std::size_t x, std::size_t y, std::size_t size) {
    const bool finder = (x < 9 && y < 9) || (x >= size - 8 && y < 9) || (x < 9 && y >= size - 8);
    const bool alignment = size > 21 && x >= size - 9 && x < size - 4 && y >= size - 9 && y < size - 4;
    return finder || alignment || x == 6 || y == 6;
}

bool is_masked(unsigned mask, std::size_t x, std::size_t y) {
    switch (mask) {
        case 0:
            return (x + y) % 2 == 0;
        case 1:
            return y % 2 == 0;
        case 2:
            return x % 3 == 0;
        case 3:
            return (x + y) % 3 == 0;
        case 4:
            return (y / 2 + x / 3) % 2 == 0;
        case 5:
            return x * y % 2 + x * y % 3 == 0;
        case 6:
            return (x * y % 2 + x * y % 3) % 2 == 0;
        default:
            return ((x + y) % 2 + x * y % 3) % 2 == 0;
    }
}

// Two columns at a time from the right, up and down in turn.
std::vector<bool> bits_of(const Modules& dark, unsigned mask) {
    const std::size_t size = dark.size();
    std::vector<bool> bits;
    bool up = true;
    for (std::size_t right = size - 1; right < size; right -= 2) {  // until it wraps
        right -= right == 6 ? 1 : 0;
        for (std::size_t step = 0; step < size; ++step) {
            const std::size_t y = up ? size - 1 - step : step;
            for (const std::size_t x : {right, right - 1}) {
                if (!is_pattern(x, y, size)) {
                    bits.push_back(dark[y][x] != is_masked(mask, x, y));
                }
            }
        }
        up = !up;
    }
    return bits;
}

// The text in bytes of a code of versions 2 to 5, whose blocks are one at level L.
std::string read_qr(const std::string& picture) {
    const Modules dark = modules_in(picture);
    if (dark.size() < 25 || dark.size() > 37) {
        return "no code of version 2 to 5";
    }
    unsigned mask = 0;
    for (std::size_t x = 2; x < 5; ++x) {
        mask = mask << 1U | (dark[8][x] ? 1U : 0U);
    }
    const std::vector<bool> bits = bits_of(dark, mask ^ 0b101U);
    std::size_t at = 0;
    const auto next = [&](std::size_t count) {
        std::size_t value = 0;
        for (; count > 0; --count) {
            value = value << 1U | (bits.at(at++) ? 1U : 0U);
        }
        return value;
    };
    if (next(4) != 4) {
        return "not bytes";
    }
    std::string text(next(8), '\0');
    for (char& c : text) {
        c = static_cast<char>(next(8));
    }
    return text;
}

std::string picture_in(const std::string& text) {
    const std::size_t begin = text.find("██");
    const std::size_t start = text.rfind('\n', begin) + 1;
    return text.substr(start, text.rfind('\n', text.find("Try:")) + 1 - start);
}

TEST(Qr, SaysThePageAndTheToken) {
    const std::string page = "http://192.0.2.7:8377/#ambit_" + std::string(48, 'a');
    const Json answer = {{"token", {{"name", "page"}, {"audience", "household"}}},
                         {"secret", page.substr(page.find('#') + 1)},
                         {"page", page},
                         {"api", "http://192.0.2.7:8377/api/v1/"}};
    const std::string shown = token_made_text(answer, {.color = false, .terminal = true, .now = {}});
    EXPECT_EQ(read_qr(picture_in(shown)), page);
    const std::string piped = token_made_text(answer, {});
    EXPECT_EQ(piped.find("██"), std::string::npos) << "no picture where nobody looks";
    EXPECT_NE(piped.find("Page:  " + page + "\n"), std::string::npos);
}

TEST(Qr, ReadsEachOfWhatItDraws) {
    for (std::size_t bytes = 20; bytes <= 106; bytes += 7) {
        std::string text;
        for (std::size_t i = 0; i < bytes; ++i) {
            text += static_cast<char>('!' + (i * i + bytes) % 90);
        }
        EXPECT_EQ(read_qr(qr_picture(text)), text) << bytes;
    }
    EXPECT_EQ(qr_picture(std::string(4000, 'x')), "") << "too long for any";
}

}  // namespace
}  // namespace ambit::cli
