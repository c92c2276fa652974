// The product of integers on 16 rows at once. Included by wide.c.

// Block b of 16 rows, as bytes without a sign: signed ones are 128 too large.
INLINE void sixteen_integers(banyan_layout layout, const uint8_t *integers, ptrdiff_t b, __m512i w[8]) {
    if (wide_is_nibbles(layout)) {
        const __m512i low = _mm512_set1_epi8(15);
        for (ptrdiff_t i = 0; i < 4; i++) {
            const __m512i x = _mm512_load_si512(integers + b * 256 + i * 64);
            w[i] = _mm512_and_si512(x, low);
            w[i + 4] = _mm512_and_si512(_mm512_srli_epi16(x, 4), low);
        }
    } else {
        for (ptrdiff_t i = 0; i < 8; i++)
            w[i] = _mm512_xor_si512(_mm512_load_si512(integers + b * 512 + i * 64), _mm512_set1_epi8(-128));
    }
}

INLINE __m512 sixteen_numbers(banyan_layout layout, const uint8_t *from, ptrdiff_t b) {
    if (layout == BANYAN_NIBBLES_WIDE) return _mm512_loadu_ps((const float *)(const void *)(from + b * 64));
    return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i_u *)(from + b * 32)));
}

// Fetches weights well before block b of a group comes to them.
INLINE void fetch_ahead(const banyan_layout layout, wide_group group, ptrdiff_t b) {
    const ptrdiff_t block_bytes = wide_is_nibbles(layout) ? 384 : 576;
    for (ptrdiff_t i = 0; i < block_bytes; i += 64) __builtin_prefetch(group.integers + BANYAN_AHEAD + b * block_bytes + i);
}

// `count` positions, 16 rows: one chain over the blocks for each.
INLINE void sixteen_rows(const banyan_layout layout, const ptrdiff_t count, const banyan_product *job, wide_group group,
                         ptrdiff_t position, float *out) {
    const ptrdiff_t blocks = job->columns / BANYAN_BLOCK;
    // What the integers are too large by.
    const int32_t excess = layout == BANYAN_NIBBLES ? 8 : wide_is_nibbles(layout) ? 0 : 128;
    __m512 sum[4];
    for (ptrdiff_t t = 0; t < count; t++) sum[t] = _mm512_setzero_ps();
    for (ptrdiff_t b = 0; b < blocks; b++) {
        fetch_ahead(layout, group, b);
        __m512i w[8];
        sixteen_integers(layout, group.integers, b, w);
        const __m512 scale = sixteen_numbers(layout, group.scales, b);
        const __m512 offset =
            wide_has_offset(layout) ? sixteen_numbers(layout, group.offsets, b) : _mm512_setzero_ps();
#pragma clang loop unroll(full)
        for (ptrdiff_t t = 0; t < count; t++) {
            const ptrdiff_t place = (position + t) * blocks + b;
            const int8_t *a = job->integers + place * BANYAN_BLOCK;
            __m512i dot = excess == 0 ? _mm512_setzero_si512() : _mm512_set1_epi32(-excess * job->totals[place]);
            for (ptrdiff_t i = 0; i < 8; i++) dot = _mm512_dpbusd_epi32(dot, w[i], _mm512_set1_epi32(four_at(a + 4 * i)));
            const __m512 factor = _mm512_mul_ps(scale, _mm512_set1_ps(job->scales[place]));
            sum[t] = _mm512_fmadd_ps(factor, _mm512_cvtepi32_ps(dot), sum[t]);
            if (wide_has_offset(layout)) sum[t] = _mm512_fmadd_ps(offset, _mm512_set1_ps(job->sums[place]), sum[t]);
        }
    }
    for (ptrdiff_t t = 0; t < count; t++) _mm512_storeu_ps(out + t * job->out_stride, sum[t]);
}

// MARK: Tiles of positions

INLINE void add_dots(const ptrdiff_t count, __m512i dot[BANYAN_TILE], __m512i w, const int8_t a[BANYAN_TILE][4]) {
#pragma clang loop unroll(full)
    for (ptrdiff_t t = 0; t < count; t++) dot[t] = _mm512_dpbusd_epi32(dot[t], w, _mm512_set1_epi32(four_at(a[t])));
}

// The first `count` positions of each of `tiles` ≤ 3 tiles, 16 rows: one chain over the blocks for each. A block of weights is unpacked once
// for all of them; the sums of one tile stay in registers, those of several in the first-level cache.
INLINE void tile_rows(const banyan_layout layout, const ptrdiff_t count, const ptrdiff_t tiles, const tile_block *first, ptrdiff_t blocks,
                      wide_group group, ptrdiff_t there, float *out, ptrdiff_t out_stride) {
    __m512 sum[3][BANYAN_TILE];
    for (ptrdiff_t n = 0; n < tiles; n++)
        for (ptrdiff_t t = 0; t < count; t++) sum[n][t] = _mm512_setzero_ps();
    for (ptrdiff_t b = 0; b < blocks; b++) {
        // What a block takes fills the processor's window: without this it meets the next one's memory when it gets there.
        fetch_ahead(layout, group, b);
        __m512i w[8];
        sixteen_integers(layout, group.integers, b, w);
        const __m512 scale = sixteen_numbers(layout, group.scales, b);
        const __m512 offset =
            wide_has_offset(layout) ? sixteen_numbers(layout, group.offsets, b) : _mm512_setzero_ps();
        for (ptrdiff_t n = 0; n < tiles; n++) {
            const tile_block *tile = first + n * blocks + b;
            __m512i dot[BANYAN_TILE];
#pragma clang loop unroll(full)
            for (ptrdiff_t t = 0; t < count; t++)
                dot[t] = layout == BANYAN_NIBBLES   ? _mm512_set1_epi32(tile->nibble_starts[t])
                         : wide_is_nibbles(layout) ? _mm512_setzero_si512()
                                                   : _mm512_set1_epi32(tile->byte_starts[t]);
#pragma clang loop unroll(full)
            for (ptrdiff_t i = 0; i < 8; i++) add_dots(count, dot, w[i], tile->integers[i]);
#pragma clang loop unroll(full)
            for (ptrdiff_t t = 0; t < count; t++) {
                const __m512 factor = _mm512_mul_ps(scale, _mm512_set1_ps(tile->scales[t]));
                __m512 next = _mm512_fmadd_ps(factor, _mm512_cvtepi32_ps(dot[t]), sum[n][t]);
                if (wide_has_offset(layout)) next = _mm512_fmadd_ps(offset, _mm512_set1_ps(tile->sums[t]), next);
                sum[n][t] = next;
            }
        }
    }
    for (ptrdiff_t n = 0; n < tiles; n++)
        for (ptrdiff_t t = 0; t < there; t++) _mm512_storeu_ps(out + (n * BANYAN_TILE + t) * out_stride, sum[n][t]);
}

INLINE void tiles_of_rows(const banyan_layout layout, const banyan_product *job) {
    const ptrdiff_t blocks = job->columns / BANYAN_BLOCK, stride = job->out_stride;
    const tile_block *packed = (const tile_block *)(const void *)job->tiles;
    // Three tiles of a narrow matrix fit into the first-level cache, and go through all rows together.
    for (ptrdiff_t first = 0; first < job->positions; first += 3 * BANYAN_TILE) {
        const ptrdiff_t left = job->positions - first;
        for (ptrdiff_t row = 0; row < job->rows; row += 16) {
            const wide_group group = wide_parts(layout, job->weights + row / 16 * job->group_bytes, blocks);
            const tile_block *tile = packed + first / BANYAN_TILE * blocks;
            float *out = job->out + first * stride + row;
            const ptrdiff_t full = left < 3 * BANYAN_TILE ? left / BANYAN_TILE : 3, rest = left - full * BANYAN_TILE;
            switch (full) {
            case 1: tile_rows(layout, 12, 1, tile, blocks, group, 12, out, stride); break;
            case 2: tile_rows(layout, 12, 2, tile, blocks, group, 12, out, stride); break;
            case 3: tile_rows(layout, 12, 3, tile, blocks, group, 12, out, stride); continue;
            default: break;
            }
            tile += full * blocks;
            out += full * BANYAN_TILE * stride;
            if (rest > 8) tile_rows(layout, 12, 1, tile, blocks, group, rest, out, stride);
            else if (rest > 4) tile_rows(layout, 8, 1, tile, blocks, group, rest, out, stride);
            else if (rest > 0) tile_rows(layout, 4, 1, tile, blocks, group, rest, out, stride);
        }
    }
}

// Few positions, as in an answer under way: what bounds them is the memory that the weights come from.
INLINE void sixteen(const banyan_layout layout, const banyan_product *job) {
    if (job->tiles) return tiles_of_rows(layout, job);
    for (ptrdiff_t row = 0; row < job->rows; row += 16) {
        const wide_group group =
            wide_parts(layout, job->weights + row / 16 * job->group_bytes, job->columns / BANYAN_BLOCK);
        ptrdiff_t t = 0;
        for (; t + 4 <= job->positions; t += 4) sixteen_rows(layout, 4, job, group, t, job->out + t * job->out_stride + row);
        for (; t < job->positions; t++) sixteen_rows(layout, 1, job, group, t, job->out + t * job->out_stride + row);
    }
}

static void product_sixteen(const banyan_product *job) {
    switch (job->layout) {
    case BANYAN_NIBBLES: sixteen(BANYAN_NIBBLES, job); break;
    case BANYAN_NIBBLES_OFFSET: sixteen(BANYAN_NIBBLES_OFFSET, job); break;
    case BANYAN_NIBBLES_WIDE: sixteen(BANYAN_NIBBLES_WIDE, job); break;
    case BANYAN_BYTES: sixteen(BANYAN_BYTES, job); break;
    case BANYAN_BYTES_OFFSET: sixteen(BANYAN_BYTES_OFFSET, job); break;
    default: wide_product_integers(job);
    }
}
