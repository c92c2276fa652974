// Eight 32-bit lanes on every processor. Included by each tier after it has set its target, so that all of this is compiled for it.

#include "kernels.h"
#include <string.h>

// Every function that takes or returns lanes is inlined, so no calling convention is involved.
#pragma clang diagnostic ignored "-Wpsabi"

// A product and a sum written apart stay apart.
#pragma STDC FP_CONTRACT OFF

typedef float f8 __attribute__((vector_size(32)));
typedef int32_t i8 __attribute__((vector_size(32)));
typedef float f8_anywhere __attribute__((vector_size(32), aligned(4), may_alias));

#define LANES static inline __attribute__((always_inline, unused))
#define INLINE static inline __attribute__((always_inline))

LANES f8 load(const float *from) { return *(const f8_anywhere *)from; }
LANES void store(float *to, f8 x) { *(f8_anywhere *)to = x; }
LANES f8 splat(float x) { return (f8){x, x, x, x, x, x, x, x}; }
LANES i8 ints(int32_t x) { return (i8){x, x, x, x, x, x, x, x}; }
LANES i8 bits(f8 x) { return (i8)x; }
LANES f8 floats(i8 x) { return (f8)x; }
LANES f8 from_ints(i8 x) { return __builtin_convertvector(x, f8); }
LANES f8 choose(i8 mask, f8 yes, f8 no) { return (f8)((mask & (i8)yes) | (~mask & (i8)no)); }

// 2^n for −126 ≤ n ≤ 127.
LANES f8 power_of_two(i8 n) {
    typedef uint32_t u8 __attribute__((vector_size(32)));
    return (f8)(((u8)n + 127) << 23);
}

LANES f8 from_bytes(const uint8_t *from) {
    typedef uint8_t b8 __attribute__((vector_size(8)));
    b8 x;
    memcpy(&x, from, 8);
    return __builtin_convertvector(__builtin_convertvector(x, i8), f8);
}

LANES f8 load_some(const float *from, ptrdiff_t count) {
    if (count == 8) return load(from);
    f8 x = splat(0);
    for (ptrdiff_t i = 0; i < count; i++) x[i] = from[i];
    return x;
}

LANES void store_some(float *to, f8 x, ptrdiff_t count) {
    if (count == 8) {
        store(to, x);
        return;
    }
    for (ptrdiff_t i = 0; i < count; i++) to[i] = x[i];
}

// Thirty-two bytes: four of each of eight rows, where weights are integers.
typedef uint8_t b32 __attribute__((vector_size(32)));
typedef uint8_t b32_anywhere __attribute__((vector_size(32), aligned(1), may_alias));

LANES b32 bytes_at(const uint8_t *from) { return *(const b32_anywhere *)from; }
LANES int32_t four_at(const int8_t *from) {
    int32_t x;
    memcpy(&x, from, 4);
    return x;
}
