// Look: how answers appear to a person - colours, tables, times, marks.
//
// Pure: everything is an argument.  Ownership: values.  Threads: any.  Failure: none.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace ambit::cli {

struct Look {
    bool color = false;
    bool terminal = false;  // stdout is one: QR codes make sense
    WallTime now;
    std::size_t columns = 0;  // of the terminal; 0: lines are not wrapped
};

std::string bold(const Look& look, std::string_view text);
std::string dim(const Look& look, std::string_view text);
std::string green(const Look& look, std::string_view text);
std::string red(const Look& look, std::string_view text);
std::string yellow(const Look& look, std::string_view text);

// Columns on a terminal, counted in code points.
std::size_t width_of(std::string_view text);
std::string padded(std::string text, std::size_t width);

// Left-aligned columns; the last one is not padded, and wrapped at the terminal's edge.  The first row is the
// heading, unless it is empty.
class Table {
  public:
    explicit Table(std::vector<std::string> heading) : heading_(std::move(heading)) {}

    // A cell before the last one is cut at 100 columns.
    void add(std::vector<std::string> row);

    std::string text(const Look& look) const;

  private:
    std::vector<std::string> heading_;
    std::vector<std::vector<std::string>> rows_;
};

// "3.1 ms", "0.2 s", "14 min"
std::string duration_text(double ms);
// "now", "12 s", "7 min", "2 h", "3 d": how long ago, or how long until.
std::string span_text(WallTime from, WallTime to);
// "07:38" today, "Tue 07:38" in the last week, else "2026-11-22 07:38"; in the local time zone.
std::string clock_text(const Look& look, WallTime time);
// Midnight before `time`, in the local time zone.
WallTime midnight_before(WallTime time);

// A QR code in half blocks, with its quiet zone; "" if `text` doesn't fit into one.
std::string qr_picture(const std::string& text);

}  // namespace ambit::cli
