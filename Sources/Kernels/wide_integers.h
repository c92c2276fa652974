// Activations as integers, sixteen lanes wide. Included by wide.c.

// The same steps as in language_tier.h: the largest size of a block, its scale, the nearest integers.
static void quantize_sixteen(const float *x, ptrdiff_t blocks, int8_t *integers, float *scales, int32_t *totals, float *sums) {
    const __m512 magic = _mm512_set1_ps(12582912.0f);  // 1.5 · 2^23
    for (ptrdiff_t b = 0; b < blocks; b++, x += BANYAN_BLOCK, integers += BANYAN_BLOCK) {
        const __m512 low = _mm512_loadu_ps(x), high = _mm512_loadu_ps(x + 16);
        // Where one of two is no number, the instruction gives the second.
        const __m512 zero = _mm512_setzero_ps();
        const __m512 most = _mm512_max_ps(_mm512_abs_ps(low), _mm512_max_ps(_mm512_abs_ps(high), zero));
        const float largest = _mm512_reduce_max_ps(most);
        if (!(largest >= 0x1p-100f)) {
            memset(integers, 0, BANYAN_BLOCK);
            scales[b] = 0;
            totals[b] = 0;
            sums[b] = 0;
            continue;
        }
        const __m512 factor = _mm512_set1_ps(127.0f / largest), least = _mm512_set1_ps(-127), limit = _mm512_set1_ps(127);
        __m512i total = _mm512_setzero_si512();
        for (ptrdiff_t half = 0; half < 2; half++) {
            const __m512 value = _mm512_mul_ps(half == 0 ? low : high, factor);
            const __m512 bounded = _mm512_min_ps(_mm512_max_ps(value, least), limit);
            const __m512i n = _mm512_sub_epi32(_mm512_castps_si512(_mm512_add_ps(bounded, magic)), _mm512_castps_si512(magic));
            total = _mm512_add_epi32(total, n);
            _mm_storeu_si128((__m128i_u *)(integers + half * 16), _mm512_cvtepi32_epi8(n));
        }
        scales[b] = largest / 127.0f;
        totals[b] = _mm512_reduce_add_epi32(total);
        sums[b] = scales[b] * (float)totals[b];
    }
}

// One block of a tile: what the dots read and what they are multiplied with lie side by side, nine lines of the cache.
typedef struct {
    int8_t integers[BANYAN_BLOCK / 4][BANYAN_TILE][4];
    float scales[BANYAN_TILE], sums[BANYAN_TILE];
    // What the dot begins with where the weights are 8 or 128 too large.
    int32_t nibble_starts[BANYAN_TILE], byte_starts[BANYAN_TILE];
} tile_block;
_Static_assert(sizeof(tile_block) == BANYAN_TILE_BYTES, "the size of a block of a tile");

// Words of four rows, their columns side by side.
INLINE void turn_four(const int8_t *from, ptrdiff_t row, __m256i columns[4]) {
    const __m256i a = _mm256_loadu_si256((const __m256i_u *)from), b = _mm256_loadu_si256((const __m256i_u *)(from + row));
    const __m256i c = _mm256_loadu_si256((const __m256i_u *)(from + 2 * row)), d = _mm256_loadu_si256((const __m256i_u *)(from + 3 * row));
    const __m256i ab = _mm256_unpacklo_epi32(a, b), cd = _mm256_unpacklo_epi32(c, d);
    const __m256i ab_high = _mm256_unpackhi_epi32(a, b), cd_high = _mm256_unpackhi_epi32(c, d);
    columns[0] = _mm256_unpacklo_epi64(ab, cd);
    columns[1] = _mm256_unpackhi_epi64(ab, cd);
    columns[2] = _mm256_unpacklo_epi64(ab_high, cd_high);
    columns[3] = _mm256_unpackhi_epi64(ab_high, cd_high);
}

static void pack_tile(const int8_t *integers, const float *scales, const int32_t *totals, const float *sums, ptrdiff_t columns,
                      ptrdiff_t count, int8_t *tile) {
    const ptrdiff_t blocks = columns / BANYAN_BLOCK;
    tile_block *to = (tile_block *)(void *)tile;
    for (ptrdiff_t b = 0; b < blocks; b++, to++) {
        ptrdiff_t t = 0;
        for (; t + 4 <= count; t += 4) {
            __m256i words[4];
            turn_four(integers + t * columns + b * BANYAN_BLOCK, columns, words);
            for (ptrdiff_t i = 0; i < 4; i++) {
                _mm_storeu_si128((__m128i_u *)to->integers[i][t], _mm256_castsi256_si128(words[i]));
                _mm_storeu_si128((__m128i_u *)to->integers[i + 4][t], _mm256_extracti128_si256(words[i], 1));
            }
        }
        for (; t < count; t++)
            for (ptrdiff_t i = 0; i < BANYAN_BLOCK / 4; i++)
                memcpy(to->integers[i][t], integers + t * columns + b * BANYAN_BLOCK + 4 * i, 4);
        for (t = 0; t < count; t++) {
            const ptrdiff_t place = t * blocks + b;
            to->scales[t] = scales[place];
            to->sums[t] = sums[place];
            to->nibble_starts[t] = -8 * totals[place];
            to->byte_starts[t] = -128 * totals[place];
        }
    }
}
