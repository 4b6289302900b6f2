// AMBIT_CHECK: a programmer's error stops the process, in every build.
//
// Never used on anything that came from outside: that is a Result.
#pragma once

namespace ambit {

// Prints file, line and condition to stderr and aborts.
[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace ambit

#define AMBIT_CHECK(condition)                                   \
    do {                                                         \
        if (!(condition)) {                                      \
            ::ambit::check_failed(#condition, __FILE__, __LINE__); \
        }                                                        \
    } while (false)
