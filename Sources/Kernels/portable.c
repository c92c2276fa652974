// The tier of every other processor, and the one that shows that the hardware's fused multiply-add is nothing special.

#include "lanes.h"

// a·b + c with one rounding. The product of two floats is exact in double precision; the sum is rounded to odd there (Boldo and
// Melquiond, "Emulation of FMA and correctly rounded sums", IEEE TC 57, 2008): with 53 ≥ 24 + 2 bits the second rounding, to
// float, then gives what one rounding gives, for denormal results too.
static inline __attribute__((always_inline)) f8 fuse(f8 a, f8 b, f8 c) {
    typedef double d8 __attribute__((vector_size(64)));
    typedef int64_t l8 __attribute__((vector_size(64)));
    const d8 product = __builtin_convertvector(a, d8) * __builtin_convertvector(b, d8);
    const d8 addend = __builtin_convertvector(c, d8);
    const d8 sum = product + addend;
    const d8 part = sum - product;
    const d8 error = (product - (sum - part)) + (addend - part);  // Exact (Knuth); NaN when the sum is not finite.
    const l8 even = ((l8)sum & 1) - 1;
    const l8 above = error > 0, below = error < 0;
    const l8 negative = sum < 0;
    // One unit in the last place towards the exact sum, when that lies strictly beside an even one.
    const l8 step = (above & (negative | 1)) + (below & (~negative | 1));
    return __builtin_convertvector((d8)((l8)sum + (even & step)), f8);
}

#define TIER(name) portable_##name
#define FUSE(a, b, c) fuse(a, b, c)
#include "tier.h"

const banyan_kernels *banyan_kernels_portable(void) { return &portable_table; }
