#include "base/error.h"

#include <algorithm>

namespace ambit {

const std::vector<ErrorEntry>& error_catalogue() {
    static const std::vector<ErrorEntry> kCatalogue = [] {
        std::vector<ErrorEntry> rows = {
#define AMBIT_ERROR(number, name, text, next_step) {ErrorCode::name, #name, text, next_step},
#include "base/errors.def"
#undef AMBIT_ERROR
        };
        std::sort(rows.begin(), rows.end(), [](const ErrorEntry& a, const ErrorEntry& b) {
            return a.code < b.code;
        });
        return rows;
    }();
    return kCatalogue;
}

const ErrorEntry& describe(ErrorCode code) {
    const auto& rows = error_catalogue();
    const auto at = std::lower_bound(
        rows.begin(), rows.end(), code, [](const ErrorEntry& row, ErrorCode wanted) {
            return row.code < wanted;
        });
    if (at != rows.end() && at->code == code) {
        return *at;
    }
    return rows.front();
}

std::string Error::message() const {
    const ErrorEntry& row = describe(code);
    std::string text = "E" + std::to_string(static_cast<int>(code)) + " " + std::string(row.text);
    if (!detail.empty()) {
        text += ": " + detail;
    }
    if (text.back() != '.') {
        text += '.';
    }
    if (!row.next_step.empty()) {
        text += "  Next: " + std::string(row.next_step);
    }
    return text;
}

}  // namespace ambit
