// The tier of every other processor, and the one that shows that the hardware's fused multiply-add is nothing special.

#include "lanes.h"
#include "language.h"

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

// Eight 16-bit floats. As a float the magnitude is 2^112 too small, denormals included; infinities and NaN keep the largest exponent.
LANES f8 halves(const uint8_t *from) {
    typedef uint16_t h8 __attribute__((vector_size(16)));
    h8 packed;
    memcpy(&packed, from, 16);
    const i8 h = __builtin_convertvector(packed, i8), magnitude = (h & 0x7fff) << 13;
    const i8 huge = magnitude >= ints(0x0f800000), finite = bits(floats(magnitude) * splat(0x1p112f));
    return floats(((h & 0x8000) << 16) | (huge & (magnitude | 0x7f800000)) | (~huge & finite));
}

LANES i8 dots(const b32 *w, const int8_t *a, int count) {
    i8 sum = ints(0);
    for (int i = 0; i < count; i++)
        for (int j = 0; j < 4; j++) sum = sum + (((i8)w[i] << (24 - 8 * j)) >> 24) * ints(a[4 * i + j]);
    return sum;
}

#define HALVES(from) halves(from)
#define NIBBLE_DOTS(w, a) dots(w, a, 8)
#define BYTE_DOTS(w, a) dots(w, a, 4)
#define PRODUCT_INTEGERS portable_product_integers
#include "language_tier.h"

const banyan_language *banyan_language_portable(void) { return &portable_language; }
const banyan_kernels *banyan_kernels_portable(void) { return &portable_table; }
