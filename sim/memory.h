// Memory: how a program that simulates households uses its heap.
//
// Simulated disks and messages come and go by megabytes: to give their pages back to the kernel and to take
// them again costs a tenth of the time.  Ownership: none.  Threads: call it before there are any.
// Failure: none; a C library that knows no such options goes on as it was.
#pragma once

#include <malloc.h>

namespace ambit::sim {

inline void keep_freed_memory() {
    constexpr int kMegabyte = 1024 * 1024;
    mallopt(M_MMAP_THRESHOLD, 32 * kMegabyte);  // the most that glibc takes
    mallopt(M_TRIM_THRESHOLD, 1024 * kMegabyte);
    mallopt(M_TOP_PAD, 16 * kMegabyte);
}

}  // namespace ambit::sim
