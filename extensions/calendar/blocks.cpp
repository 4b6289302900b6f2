#include "calendar/blocks.h"

#include <algorithm>
#include <cctype>

namespace ambit::calendar {
namespace {

bool same_word(std::string_view a, std::string_view b) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
               return std::toupper(static_cast<unsigned char>(x)) ==
                      std::toupper(static_cast<unsigned char>(y));
           });
}

// Lines end in CR LF; LF and CR alone occur in the wild.
class Lines {
  public:
    explicit Lines(std::string_view text) : text_(text) {}

    bool next() {
        if (end_ >= text_.size()) {
            return false;
        }
        begin_ = end_;
        const std::size_t stop = std::min(text_.find_first_of("\r\n", begin_), text_.size());
        line = text_.substr(begin_, stop - begin_);
        end_ = stop;
        if (end_ < text_.size()) {
            end_ += text_.substr(end_, 2) == "\r\n" ? 2 : 1;
        }
        ++number;
        return true;
    }

    std::size_t begin() const { return begin_; }

    std::size_t end() const { return end_; }

    std::string_view line;
    std::size_t number = 0;

  private:
    std::string_view text_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
        text.remove_suffix(1);
    }
    return text;
}

// The component's name if the line is "BEGIN:<name>" (or "END:<name>").
std::string_view component(std::string_view line, std::string_view verb) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !same_word(line.substr(0, colon), verb)) {
        return {};
    }
    return trimmed(line.substr(colon + 1));
}

class Cutter {
  public:
    explicit Cutter(std::string_view text) : text_(text), lines_(text) {}

    Blocks run() {
        while (lines_.next()) {
            const std::string_view begins = component(lines_.line, "BEGIN");
            const std::string_view ends = component(lines_.line, "END");
            if (same_word(begins, "VCALENDAR")) {
                ++blocks_.calendars;
                if (open_) {
                    complain("a component is not ended");
                }
                open_ = false;
            } else if (!begins.empty()) {
                begin(begins);
            } else if (!ends.empty() && open_) {
                end(ends);
            }
        }
        if (open_) {
            complain("a component is not ended");
        }
        if (blocks_.calendars == 0) {
            complain("there is no calendar in it");
        }
        return std::move(blocks_);
    }

  private:
    void begin(std::string_view name) {
        const bool ours = same_word(name, "VEVENT") || same_word(name, "VTIMEZONE");
        if (open_ && ours && same_word(name, "VEVENT")) {
            // Entries don't nest: the one before was not ended.
            complain("a component is not ended");
            open_ = false;
        }
        if (!open_ && ours) {
            open_ = true;
            event_ = same_word(name, "VEVENT");
            first_ = lines_.begin();
            first_line_ = lines_.number;
        }
    }

    void end(std::string_view name) {
        if (!same_word(name, event_ ? "VEVENT" : "VTIMEZONE")) {
            return;
        }
        open_ = false;
        const Block block{text_.substr(first_, lines_.end() - first_), first_line_};
        if (block.text.size() > kBlockBytesMax) {
            complain("an entry of more than 256 KiB");
        } else if (blocks_.events.size() + blocks_.zones.size() >= kBlocksMax) {
            if (!full_) {
                complain("more than 200,000 entries: the others are left out");
            }
            full_ = true;
        } else {
            (event_ ? blocks_.events : blocks_.zones).push_back(block);
        }
    }

    void complain(const char* what) {
        if (blocks_.problems.size() < kProblemsMax) {
            blocks_.problems.push_back({std::to_string(open_ ? first_line_ : lines_.number),
                                        {ErrorCode::CalendarFileInvalid, what}});
        }
    }

    std::string_view text_;
    Lines lines_;
    Blocks blocks_;
    bool open_ = false;
    bool event_ = false;
    bool full_ = false;
    std::size_t first_ = 0;
    std::size_t first_line_ = 0;
};

}  // namespace

Blocks cut(std::string_view ics) {
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    if (ics.starts_with(kByteOrderMark)) {
        ics.remove_prefix(kByteOrderMark.size());
    }
    if (ics.size() > kFileBytesMax) {
        Blocks none;
        none.problems.push_back({"1", {ErrorCode::CalendarFileInvalid, "more than 64 MiB"}});
        return none;
    }
    return Cutter(ics).run();
}

}  // namespace ambit::calendar
