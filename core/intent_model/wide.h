// AMBIT_WIDE: one body, compiled for several instruction sets and chosen when the program starts; the bits
// that come out are the same, because nothing in it depends on the order of float additions.
#pragma once

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define AMBIT_WIDE __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define AMBIT_WIDE
#endif
