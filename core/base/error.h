// Numbered errors: what went wrong, and what to do next.
//
// The number is the API; texts may be translated (English lives in errors.def).  Every error that a person,
// peer or program can meet is one row of errors.def.  Ownership: values.  Threads: any.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ambit {

enum class ErrorCode : std::uint16_t {
#define AMBIT_ERROR(number, name, text, next_step) name = number,
#include "base/errors.def"
#undef AMBIT_ERROR
};

// One row of the catalogue.
struct ErrorEntry {
    ErrorCode code;
    std::string_view name;
    std::string_view text;
    std::string_view next_step;
};

// All rows, ascending by number.
const std::vector<ErrorEntry>& error_catalogue();
// The row for `code`; an unknown number (from a newer peer) yields the row Internal.
const ErrorEntry& describe(ErrorCode code);

struct Error {
    ErrorCode code = ErrorCode::Internal;
    // What was expected and what came.  Never holds labelled content, prompts or keys.
    std::string detail;

    // "E1001 not valid encoding: hexadecimal text of odd length.  Next: ..."
    std::string message() const;
};

}  // namespace ambit
