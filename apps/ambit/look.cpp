#include "ambit/look.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <memory>

#include <fmt/format.h>
#include <qrencode.h>

namespace ambit::cli {
namespace {

std::string styled(const Look& look, std::string_view text, std::string_view code) {
    return look.color ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
}

std::tm local(WallTime time) {
    const std::time_t seconds_since = std::chrono::system_clock::to_time_t(time);
    std::tm parts{};
    localtime_r(&seconds_since, &parts);
    return parts;
}

}  // namespace

std::string bold(const Look& look, std::string_view text) {
    return styled(look, text, "1");
}

std::string dim(const Look& look, std::string_view text) {
    return styled(look, text, "2");
}

std::string green(const Look& look, std::string_view text) {
    return styled(look, text, "32");
}

std::string red(const Look& look, std::string_view text) {
    return styled(look, text, "31");
}

std::string yellow(const Look& look, std::string_view text) {
    return styled(look, text, "33");
}

std::size_t width_of(std::string_view text) {
    std::size_t width = 0;
    bool in_escape = false;
    for (const char c : text) {
        if (c == '\x1b') {
            in_escape = true;
        } else if (in_escape) {
            in_escape = c != 'm';
        } else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {
            ++width;
        }
    }
    return width;
}

std::string padded(std::string text, std::size_t width) {
    const std::size_t used = width_of(text);
    return used < width ? std::move(text) + std::string(width - used, ' ') : text;
}

namespace {

// At spaces into lines of at most `width` columns; words that are longer stay whole.
std::vector<std::string> wrapped(const std::string& text, std::size_t width) {
    std::vector<std::string> lines(1);
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        const std::string word = text.substr(at, end - at);
        std::string& line = lines.back();
        if (!line.empty() && width_of(line) + 1 + width_of(word) > width) {
            lines.push_back(word);
        } else {
            line += (at == 0 ? "" : " ") + word;
        }
        at = end + 1;
    }
    return lines;
}

// A cell that others stand behind: a name of ten thousand letters would put them all out of sight.
std::string fitted(const std::string& text) {
    constexpr std::size_t kCellMax = 100;
    if (text.size() <= kCellMax || width_of(text) <= kCellMax || text.find('\x1b') != std::string::npos) {
        return text;
    }
    std::size_t end = 0;
    for (std::size_t shown = 0; shown < kCellMax; ++end) {
        shown += (static_cast<unsigned char>(text[end]) & 0xc0U) != 0x80 ? 1 : 0;
    }
    return text.substr(0, end - 1) + "…";
}

}  // namespace

void Table::add(std::vector<std::string> row) {
    for (std::size_t i = 0; i + 1 < row.size(); ++i) {
        row[i] = fitted(row[i]);
    }
    rows_.push_back(std::move(row));
}

std::string Table::text(const Look& look) const {
    std::vector<std::size_t> widths;
    const auto measure = [&](const std::vector<std::string>& row) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], width_of(row[i]));
        }
    };
    measure(heading_);
    std::for_each(rows_.begin(), rows_.end(), measure);
    constexpr std::size_t kNarrowest = 20;  // a last column narrower than this is not wrapped
    const auto line = [&](const std::vector<std::string>& row) {
        std::string out;
        for (std::size_t i = 0; i + 1 < row.size(); ++i) {
            out += padded(row[i], widths[i]) + "   ";
        }
        const std::size_t before = width_of(out);
        if (!row.empty() && look.columns >= before + kNarrowest) {
            const auto lines = wrapped(row.back(), look.columns - before);
            for (std::size_t i = 0; i < lines.size(); ++i) {
                out += (i == 0 ? "" : "\n" + std::string(before, ' ')) + lines[i];
            }
        } else {
            out += row.empty() ? "" : row.back();
        }
        out.erase(out.find_last_not_of(' ') + 1);
        return out;
    };
    std::string out = heading_.empty() ? "" : bold(look, line(heading_)) + "\n";
    for (const auto& row : rows_) {
        out += line(row) + "\n";
    }
    return out;
}

std::string duration_text(double ms) {
    if (ms < 1) {
        return fmt::format("{:.1f} ms", ms);
    }
    if (ms < 1000) {
        return ms < 10 ? fmt::format("{:.1f} ms", ms) : fmt::format("{:.0f} ms", ms);
    }
    return ms < 60'000 ? fmt::format("{:.1f} s", ms / 1000) : fmt::format("{:.0f} min", ms / 60'000);
}

std::string span_text(WallTime from, WallTime to) {
    const auto gap = std::chrono::abs(std::chrono::duration_cast<seconds>(to - from)).count();
    if (gap < 1) {
        return "now";
    }
    if (gap < 60) {
        return fmt::format("{} s", gap);
    }
    if (gap < 3600) {
        return fmt::format("{} min", gap / 60);
    }
    return gap < 48 * 3600 ? fmt::format("{} h", gap / 3600) : fmt::format("{} d", gap / 86400);
}

std::string clock_text(const Look& look, WallTime time) {
    const std::tm then = local(time);
    const std::tm today = local(look.now);
    char text[32];
    const bool same_day = then.tm_year == today.tm_year && then.tm_yday == today.tm_yday;
    const bool same_week = time <= look.now && look.now - time < std::chrono::hours(6 * 24);
    const char* format = same_day ? "%H:%M" : same_week ? "%a %H:%M" : "%Y-%m-%d %H:%M";
    return {text, std::strftime(text, sizeof text, format, &then)};
}

WallTime midnight_before(WallTime time) {
    std::tm parts = local(time);
    parts.tm_hour = parts.tm_min = parts.tm_sec = 0;
    parts.tm_isdst = -1;
    return std::chrono::time_point_cast<microseconds>(
        std::chrono::system_clock::from_time_t(std::mktime(&parts)));
}

std::string qr_picture(const std::string& text) {
    const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
        QRcode_encodeString8bit(text.c_str(), 0, QR_ECLEVEL_L), QRcode_free);
    if (code == nullptr) {
        return "";
    }
    constexpr int kQuiet = 2;
    // Light modules are drawn, dark ones left out: readable on the usual dark terminal, and cameras take
    // both.
    const auto is_light = [&](int x, int y) {
        const bool inside = x >= 0 && y >= 0 && x < code->width && y < code->width;
        return !inside || (code->data[y * code->width + x] & 1U) == 0;
    };
    std::string out;
    for (int y = -kQuiet; y < code->width + kQuiet; y += 2) {
        for (int x = -kQuiet; x < code->width + kQuiet; ++x) {
            const bool upper = is_light(x, y);
            const bool lower = is_light(x, y + 1);
            out += upper && lower ? "█" : upper ? "▀" : lower ? "▄" : " ";
        }
        out += '\n';
    }
    return out;
}

}  // namespace ambit::cli
