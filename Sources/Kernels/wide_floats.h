// Products of floats with integer weights that are widened sixteen rows at a time. Included by wide.c.

// What a block of 16 rows is widened with.
typedef struct {
    __m512 scale, offset;
    // Of the halves of the block.
    __m512i factors[2];
} block_numbers;

INLINE block_numbers numbers_of(const banyan_layout layout, wide_group group, ptrdiff_t b) {
    block_numbers numbers = {.scale = sixteen_numbers(layout, group.scales, b)};
    if (wide_has_offset(layout)) numbers.offset = sixteen_numbers(layout, group.offsets, b);
    if (layout == BANYAN_BYTES_FACTORS) {
        const __m512i pairs = _mm512_cvtepi16_epi32(_mm256_loadu_si256((const __m256i_u *)(group.offsets + b * 32)));
        numbers.factors[0] = _mm512_srai_epi32(_mm512_slli_epi32(pairs, 24), 24);
        numbers.factors[1] = _mm512_srai_epi32(pairs, 8);
    }
    return numbers;
}

// Weight 4·i + j of a block, of each row; w as sixteen_integers gives it.
INLINE __m512 widened(const banyan_layout layout, const __m512i w[8], block_numbers numbers, int i, int j) {
    const int32_t excess = layout == BANYAN_NIBBLES ? 8 : wide_is_nibbles(layout) ? 0 : 128;
    __m512i integer = _mm512_srli_epi32(w[i], (unsigned)(8 * j));
    if (j < 3) integer = _mm512_and_si512(integer, _mm512_set1_epi32(255));
    if (excess != 0) integer = _mm512_sub_epi32(integer, _mm512_set1_epi32(excess));
    if (layout == BANYAN_BYTES_FACTORS) integer = _mm512_mullo_epi32(integer, numbers.factors[i / 4]);
    const __m512 x = _mm512_mul_ps(numbers.scale, _mm512_cvtepi32_ps(integer));
    return wide_has_offset(layout) ? _mm512_add_ps(x, numbers.offset) : x;
}

INLINE void widen_rows(const banyan_layout layout, const uint8_t *bytes, ptrdiff_t columns, ptrdiff_t from, ptrdiff_t k, float *panel) {
    const wide_group group = wide_parts(layout, bytes, columns / BANYAN_BLOCK);
    for (ptrdiff_t b = from / BANYAN_BLOCK; b < (from + k) / BANYAN_BLOCK; b++, panel += BANYAN_BLOCK * 16) {
        __m512i w[8];
        sixteen_integers(layout, group.integers, b, w);
        const block_numbers numbers = numbers_of(layout, group, b);
#pragma clang loop unroll(full)
        for (int i = 0; i < 8; i++)
#pragma clang loop unroll(full)
            for (int j = 0; j < 4; j++) _mm512_storeu_ps(panel + (4 * i + j) * 16, widened(layout, w, numbers, i, j));
    }
}

static void widen_sixteen(banyan_layout layout, const uint8_t *bytes, ptrdiff_t columns, ptrdiff_t from, ptrdiff_t k, float *panel) {
    BY_LAYOUT(layout, widen_rows, bytes, columns, from, k, panel)
}

// `groups` times 16 rows and one position: one chain along the columns for each. Two chains wait for each other's sums.
INLINE void chains(const banyan_layout layout, const ptrdiff_t groups, const banyan_product *job, ptrdiff_t row, const float *x, float *out) {
    wide_group group[2];
    __m512 sum[2];
    for (ptrdiff_t g = 0; g < groups; g++) {
        group[g] = wide_parts(layout, job->weights + (row / 16 + g) * job->group_bytes, job->columns / BANYAN_BLOCK);
        sum[g] = _mm512_setzero_ps();
    }
    for (ptrdiff_t b = 0; b < job->columns / BANYAN_BLOCK; b++, x += BANYAN_BLOCK) {
        __m512i w[2][8];
        block_numbers numbers[2];
        for (ptrdiff_t g = 0; g < groups; g++) {
            fetch_ahead(layout, group[g], b);
            sixteen_integers(layout, group[g].integers, b, w[g]);
            numbers[g] = numbers_of(layout, group[g], b);
        }
#pragma clang loop unroll(full)
        for (int i = 0; i < 8; i++)
#pragma clang loop unroll(full)
            for (int j = 0; j < 4; j++)
#pragma clang loop unroll(full)
                for (ptrdiff_t g = 0; g < groups; g++)
                    sum[g] = _mm512_fmadd_ps(_mm512_set1_ps(x[4 * i + j]), widened(layout, w[g], numbers[g], i, j), sum[g]);
    }
    for (ptrdiff_t g = 0; g < groups; g++) _mm512_storeu_ps(out + row + g * 16, sum[g]);
}

INLINE void rows_of_floats(const banyan_layout layout, const banyan_product *job) {
    for (ptrdiff_t t = 0; t < job->positions; t++) {
        const float *x = job->x + t * job->columns;
        float *out = job->out + t * job->out_stride;
        ptrdiff_t row = 0;
        for (; row + 16 < job->rows; row += 32) chains(layout, 2, job, row, x, out);
        if (row < job->rows) chains(layout, 1, job, row, x, out);
    }
}

// Few positions are multiplied with weights as they are widened; for many, these are widened once.
static void product_floats_sixteen(const banyan_product *job) {
    if (job->positions > 2 || job->layout <= BANYAN_BF16) return wide_product_floats(job);
    BY_LAYOUT(job->layout, rows_of_floats, job)
}
