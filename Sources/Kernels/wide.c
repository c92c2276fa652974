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
#include "wide_tiles.h"
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
#include "wide_integers.h"
#define PRODUCT_INTEGERS product_sixteen
#define QUANTIZE quantize_sixteen
#define PACK_TILE pack_tile
#define WIDEN_BLOCKS widen_sixteen
#define PRODUCT_FLOATS product_floats_sixteen
#define ATTEND attend_sixteen
static void widen_sixteen(banyan_layout layout, const uint8_t *bytes, ptrdiff_t columns, ptrdiff_t from, ptrdiff_t k, float *panel);
static void product_floats_sixteen(const banyan_product *job);
static void product_sixteen(const banyan_product *job);
static void attend_sixteen(const banyan_attention *job);
#include "language_tier.h"

#include "wide_product.h"
#include "wide_floats.h"

// The scores of `rows` queries for `blocks` blocks of 16 positions: one chain along the width for each.
INLINE void score_blocks(const ptrdiff_t rows, const ptrdiff_t blocks, ptrdiff_t width, const float *queries,
                         const float *keys, ptrdiff_t key_stride, float *scores, ptrdiff_t room) {
    __m512 sum[6][4];
    for (ptrdiff_t r = 0; r < rows; r++)
        for (ptrdiff_t b = 0; b < blocks; b++) sum[r][b] = _mm512_setzero_ps();
    for (ptrdiff_t d = 0; d < width; d++) {
        __m512 key[4];
#pragma clang loop unroll(full)
        for (ptrdiff_t b = 0; b < blocks; b++) key[b] = _mm512_loadu_ps(keys + b * key_stride + d * 16);
#pragma clang loop unroll(full)
        for (ptrdiff_t r = 0; r < rows; r++) {
            const __m512 query = _mm512_set1_ps(queries[r * width + d]);
#pragma clang loop unroll(full)
            for (ptrdiff_t b = 0; b < blocks; b++) sum[r][b] = _mm512_fmadd_ps(query, key[b], sum[r][b]);
        }
    }
    for (ptrdiff_t r = 0; r < rows; r++)
        for (ptrdiff_t b = 0; b < blocks; b++) _mm512_storeu_ps(scores + r * room + b * 16, sum[r][b]);
}

// `parts` times 16 columns of the values, weighted by the scores of `rows` rows: one chain over the positions for each.
INLINE void weigh_values(const ptrdiff_t rows, const ptrdiff_t parts, const banyan_attention *job, const int32_t *seen,
                  const float *scores, ptrdiff_t room, const float *sums, const float *values, float *out) {
    __m512 sum[6][4];
    for (ptrdiff_t r = 0; r < rows; r++)
        for (ptrdiff_t p = 0; p < parts; p++) sum[r][p] = _mm512_setzero_ps();
    for (ptrdiff_t t = 0; t < seen[0]; t++) {
        __m512 value[4];
#pragma clang loop unroll(full)
        for (ptrdiff_t p = 0; p < parts; p++) value[p] = _mm512_loadu_ps(values + t * job->value_stride + p * 16);
#pragma clang loop unroll(full)
        for (ptrdiff_t r = 0; r < rows; r++) {
            const __m512 score = _mm512_set1_ps(scores[r * room + t]);
#pragma clang loop unroll(full)
            for (ptrdiff_t p = 0; p < parts; p++) sum[r][p] = _mm512_fmadd_ps(score, value[p], sum[r][p]);
        }
    }
#pragma clang loop unroll(full)
    for (ptrdiff_t r = 0; r < rows; r++) {
        // Positions that only some rows see: the chain of each goes on.
        for (ptrdiff_t t = seen[0]; t < seen[r]; t++)
            for (ptrdiff_t p = 0; p < parts; p++)
                sum[r][p] = _mm512_fmadd_ps(_mm512_set1_ps(scores[r * room + t]),
                                            _mm512_loadu_ps(values + t * job->value_stride + p * 16), sum[r][p]);
        for (ptrdiff_t p = 0; p < parts; p++)
            _mm512_storeu_ps(out + r * job->width + p * 16, _mm512_div_ps(sum[r][p], _mm512_set1_ps(sums[r])));
    }
}

INLINE void attend_rows(const ptrdiff_t rows, const banyan_attention *job, ptrdiff_t first) {
    const ptrdiff_t width = job->width, together = rows <= 3 ? 4 : 2;
    const int32_t *seen = job->seen + first;
    const ptrdiff_t blocks = (seen[rows - 1] + 15) / 16, room = blocks * 16;
    const float *queries = job->queries + first * width;
    float *out = job->out + first * width, *scores = job->scores;
    ptrdiff_t b = 0;
    for (; b + together <= blocks; b += together)
        score_blocks(rows, together, width, queries, job->keys + b * job->key_stride, job->key_stride, scores + b * 16, room);
    for (; b < blocks; b++)
        score_blocks(rows, 1, width, queries, job->keys + b * job->key_stride, job->key_stride, scores + b * 16, room);
    float sums[6];
    for (ptrdiff_t r = 0; r < rows; r++) sums[r] = wide_powers(scores + r * room, seen[r]);
    ptrdiff_t d = 0;
    for (; d + 64 <= width; d += 64) weigh_values(rows, 4, job, seen, scores, room, sums, job->values + d, out + d);
    for (; d < width; d += 16) weigh_values(rows, 1, job, seen, scores, room, sums, job->values + d, out + d);
}

static void attend_sixteen(const banyan_attention *job) {
    for (ptrdiff_t first = 0; first < job->rows; first += 6)
        switch (job->rows - first) {
        case 1: attend_rows(1, job, first); break;
        case 2: attend_rows(2, job, first); break;
        case 3: attend_rows(3, job, first); break;
        case 4: attend_rows(4, job, first); break;
        case 5: attend_rows(5, job, first); break;
        default: attend_rows(6, job, first);
        }
}
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
