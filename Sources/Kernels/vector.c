// The tier of processors that fuse a multiply and an add in one instruction.

#include "kernels.h"
#include "language.h"
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#include "lanes.h"
#define TIER(name) vector_##name
#define FUSE(a, b, c) __builtin_elementwise_fma(a, b, c)
#include "tier.h"

LANES f8 halves(const uint8_t *from) { return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i_u *)from)); }

// 2 · 15 · 127 = 3,810 in a pair: eight of them fit 16 bits.
LANES i8 nibble_dots(const b32 w[8], const int8_t *a) {
    __m256i sum = _mm256_maddubs_epi16((__m256i)w[0], _mm256_set1_epi32(four_at(a)));
    for (int i = 1; i < 8; i++)
        sum = _mm256_add_epi16(sum, _mm256_maddubs_epi16((__m256i)w[i], _mm256_set1_epi32(four_at(a + 4 * i))));
    return (i8)_mm256_madd_epi16(sum, _mm256_set1_epi16(1));
}

// The weight's sign moves to the activation, which is never −128: 2 · 128 · 127 = 32,512 fits 16 bits.
LANES i8 byte_dots(const b32 w[4], const int8_t *a) {
    __m256i sum = _mm256_setzero_si256();
    for (int i = 0; i < 4; i++) {
        const __m256i x = _mm256_sign_epi8(_mm256_set1_epi32(four_at(a + 4 * i)), (__m256i)w[i]);
        const __m256i pairs = _mm256_maddubs_epi16(_mm256_abs_epi8((__m256i)w[i]), x);
        sum = _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
    }
    return (i8)sum;
}

#define HALVES(from) halves(from)
#define NIBBLE_DOTS(w, a) nibble_dots(w, a)
#define BYTE_DOTS(w, a) byte_dots(w, a)
#define PRODUCT_INTEGERS vector_product_integers
#include "language_tier.h"
#pragma clang attribute pop

static bool available(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
}
const banyan_kernels *banyan_kernels_vector(void) { return available() ? &vector_table : NULL; }
const banyan_language *banyan_language_vector(void) { return available() ? &vector_language : NULL; }

#elif defined(__aarch64__)
#include "lanes.h"
#include <arm_neon.h>
#define TIER(name) vector_##name
#define FUSE(a, b, c) __builtin_elementwise_fma(a, b, c)
#include "tier.h"

LANES f8 halves(const uint8_t *from) {
    const float16x8_t h = vreinterpretq_f16_u8(vld1q_u8(from));
    const float32x4_t parts[2] = {vcvt_f32_f16(vget_low_f16(h)), vcvt_f32_f16(vget_high_f16(h))};
    f8 x;
    memcpy(&x, parts, 32);
    return x;
}

// Products of bytes fit 16 bits; sums of two, widened to 32, then of four.
LANES int32x4_t four_rows(int32x4_t sum, int8x16_t w, int8x16_t a) {
    const int32x4_t low = vpaddlq_s16(vmull_s8(vget_low_s8(w), vget_low_s8(a)));
    const int32x4_t high = vpaddlq_s16(vmull_s8(vget_high_s8(w), vget_high_s8(a)));
    return vaddq_s32(sum, vpaddq_s32(low, high));
}

LANES i8 dots(const b32 *w, const int8_t *a, int count) {
    int32x4_t sums[2] = {vdupq_n_s32(0), vdupq_n_s32(0)};
    for (int i = 0; i < count; i++) {
        const int8x16_t x = vreinterpretq_s8_s32(vdupq_n_s32(four_at(a + 4 * i)));
        int8x16_t rows[2];
        memcpy(rows, &w[i], 32);
        sums[0] = four_rows(sums[0], rows[0], x);
        sums[1] = four_rows(sums[1], rows[1], x);
    }
    i8 result;
    memcpy(&result, sums, 32);
    return result;
}

#define HALVES(from) halves(from)
#define NIBBLE_DOTS(w, a) dots(w, a, 8)
#define BYTE_DOTS(w, a) dots(w, a, 4)
#define PRODUCT_INTEGERS vector_product_integers
#include "language_tier.h"

const banyan_kernels *banyan_kernels_vector(void) { return &vector_table; }
const banyan_language *banyan_language_vector(void) { return &vector_language; }

#else
const banyan_kernels *banyan_kernels_vector(void) { return NULL; }
const banyan_language *banyan_language_vector(void) { return NULL; }
#endif
