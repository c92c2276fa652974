// Tiles of matrix products where a register holds the 16 columns of a panel. Twelve rows together, two groups, keep both
// multipliers busy, which wait four cycles for each sum. The order is that of every tier: one accumulator per element, k
// upwards.

#define TILE_ROWS 12

INLINE void wide_tile(const ptrdiff_t m, ptrdiff_t k, const float *a, ptrdiff_t a_row, ptrdiff_t a_k, ptrdiff_t next,
                      const float *b, ptrdiff_t b_k, float *c, ptrdiff_t c_row, bool accumulate) {
    __m512 sum[TILE_ROWS];
    const float *low = a, *high = a + next;
    for (ptrdiff_t i = 0; i < m; i++) sum[i] = accumulate ? _mm512_loadu_ps(c + i * c_row) : _mm512_setzero_ps();
    for (ptrdiff_t p = 0; p < k; p++) {
        const __m512 row = _mm512_loadu_ps(b);
        b += b_k;
#pragma clang loop unroll(full)
        for (ptrdiff_t i = 0; i < m; i++) {
            const float factor = i < BANYAN_GROUP ? low[i * a_row] : high[(i - BANYAN_GROUP) * a_row];
            sum[i] = _mm512_fmadd_ps(_mm512_set1_ps(factor), row, sum[i]);
        }
        low += a_k;
        high += a_k;
    }
    for (ptrdiff_t i = 0; i < m; i++) _mm512_storeu_ps(c + i * c_row, sum[i]);
}

// Rows of the next tile when so many are left: a whole group where a small tile would be last otherwise.
INLINE ptrdiff_t wide_tile_rows(ptrdiff_t left, bool packed) {
    (void)packed;
    if (left > TILE_ROWS && left < 3 * BANYAN_GROUP) return BANYAN_GROUP;
    return left < TILE_ROWS ? left : TILE_ROWS;
}
