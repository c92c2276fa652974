// The tier of processors with AVX-512 and its integer dots (VNNI): the same lanes with twice the registers, and products of
// integer weights on 16 rows at once.

#include "kernels.h"
#include "language.h"
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"))), apply_to = function)
#include "lanes.h"
#define TIER(name) wide_##name
#define FUSE(a, b, c) __builtin_elementwise_fma(a, b, c)
#include "tier.h"

LANES f8 halves(const uint8_t *from) { return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i_u *)from)); }

LANES i8 nibble_dots(const b32 w[8], const int8_t *a) {
    __m256i sum = _mm256_setzero_si256();
    for (int i = 0; i < 8; i++)
        sum = _mm256_dpbusd_epi32(sum, (__m256i)w[i], _mm256_set1_epi32(four_at(a + 4 * i)));
    return (i8)sum;
}

// The weight's sign moves to the activation, since the instruction takes one factor without a sign.
LANES i8 byte_dots(const b32 w[4], const int8_t *a) {
    __m256i sum = _mm256_setzero_si256();
    for (int i = 0; i < 4; i++) {
        const __m256i x = _mm256_sign_epi8(_mm256_set1_epi32(four_at(a + 4 * i)), (__m256i)w[i]);
        sum = _mm256_dpbusd_epi32(sum, _mm256_abs_epi8((__m256i)w[i]), x);
    }
    return (i8)sum;
}

#define HALVES(from) halves(from)
#define NIBBLE_DOTS(w, a) nibble_dots(w, a)
#define BYTE_DOTS(w, a) byte_dots(w, a)
#include "language_tier.h"
#pragma clang attribute pop

static bool available(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq")
           && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("f16c")
           && __builtin_cpu_supports("fma");
}
const banyan_kernels *banyan_kernels_wide(void) { return available() ? &wide_table : NULL; }
const banyan_language *banyan_language_wide(void) { return available() ? &wide_language : NULL; }

#else
const banyan_kernels *banyan_kernels_wide(void) { return NULL; }
const banyan_language *banyan_language_wide(void) { return NULL; }
#endif
