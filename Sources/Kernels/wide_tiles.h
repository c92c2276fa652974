// Tiles of matrix products where a register holds the 16 columns of a panel. Twelve rows together, two groups, keep both
// multipliers busy, which wait four cycles for each sum. The order is that of every tier: one accumulator per element, k
// upwards.

enum { wide_tile_limit = 2 * BANYAN_GROUP };

INLINE void wide_tile(const ptrdiff_t m, ptrdiff_t k, const float *a, ptrdiff_t a_row, ptrdiff_t a_k, ptrdiff_t next,
                      const float *b, ptrdiff_t b_k, float *c, ptrdiff_t c_row, bool accumulate) {
    __m512 sum[wide_tile_limit];
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

#define TILE(rows) wide_tile(rows, k, a, a_row, a_k, next, b, b_k, c, c_row, accumulate)
static void wide_tiles(ptrdiff_t m, ptrdiff_t k, const float *a, ptrdiff_t a_row, ptrdiff_t a_k, ptrdiff_t next,
                       const float *b, ptrdiff_t b_k, float *c, ptrdiff_t c_row, bool accumulate) {
    switch (m) {
    case 1: TILE(1); break;
    case 2: TILE(2); break;
    case 3: TILE(3); break;
    case 4: TILE(4); break;
    case 5: TILE(5); break;
    case 6: TILE(6); break;
    case 7: TILE(7); break;
    case 8: TILE(8); break;
    case 9: TILE(9); break;
    case 10: TILE(10); break;
    case 11: TILE(11); break;
    default:
        // A constant stride saves the registers that row pointers need.
        if (a_row == 1) wide_tile(12, k, a, 1, a_k, next, b, b_k, c, c_row, accumulate);
        else if (a_k == 1) wide_tile(12, k, a, a_row, 1, next, b, b_k, c, c_row, accumulate);
        else TILE(12);
    }
}
#undef TILE

// Rows of the next tile when so many are left: a whole group where a small tile would be last otherwise.
INLINE ptrdiff_t wide_tile_rows(ptrdiff_t left, bool packed) {
    (void)packed;
    if (left > wide_tile_limit && left < 3 * BANYAN_GROUP) return BANYAN_GROUP;
    return left < wide_tile_limit ? left : wide_tile_limit;
}
