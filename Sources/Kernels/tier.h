// The body of one tier. The including file defines:
//   TIER(name)       the name of a function in this tier
//   FUSE(a, b, c)    a·b + c on eight lanes with one rounding
//   TILE_ROWS        the rows of a tile of matrix products, 6 or 12, when it has TIER(tile) and TIER(tile_rows) of its own
// and includes lanes.h before. No function here calls libm, and no compiler may fuse or reorder: see lanes.h.

// MARK: Matrix products

#ifndef TILE_ROWS  // The including file has no tile of its own.
#define TILE_ROWS BANYAN_GROUP

// A tile of `m` ≤ 6 rows and 16 columns: one accumulator per element, k upwards.
INLINE void TIER(tile)(const ptrdiff_t m, ptrdiff_t k, const float *a, ptrdiff_t a_row, ptrdiff_t a_k, ptrdiff_t next,
                       const float *b, ptrdiff_t b_k, float *c, ptrdiff_t c_row, bool accumulate) {
    (void)next;
    f8 sum[6][2];
    for (ptrdiff_t i = 0; i < m; i++) {
        sum[i][0] = accumulate ? load(c + i * c_row) : splat(0);
        sum[i][1] = accumulate ? load(c + i * c_row + 8) : splat(0);
    }
    for (ptrdiff_t p = 0; p < k; p++) {
        const f8 left = load(b), right = load(b + 8);
        b += b_k;
#pragma clang loop unroll(full)
        for (ptrdiff_t i = 0; i < m; i++) {
            const f8 factor = splat(a[i * a_row]);
            sum[i][0] = FUSE(factor, left, sum[i][0]);
            sum[i][1] = FUSE(factor, right, sum[i][1]);
        }
        a += a_k;
    }
    for (ptrdiff_t i = 0; i < m; i++) {
        store(c + i * c_row, sum[i][0]);
        store(c + i * c_row + 8, sum[i][1]);
    }
}

// Rows of the next tile when so many are left. 7 and 8 are 4 and the rest, where they need not begin a group: a tile of
// one or two rows cannot fill the pipeline.
INLINE ptrdiff_t TIER(tile_rows)(ptrdiff_t left, bool packed) {
    if (!packed && (left == 7 || left == 8)) return 4;
    return left < BANYAN_GROUP ? left : BANYAN_GROUP;
}
#endif

// `m` ≤ TILE_ROWS rows, of which the seventh is `next` from the first.
#define TILE(rows, row_stride, k_stride)                                                                               \
    TIER(tile)(rows, k, a, row_stride, k_stride, next, b, b_k, c, c_row, accumulate)
static void TIER(tiles)(ptrdiff_t m, ptrdiff_t k, const float *a, ptrdiff_t a_row, ptrdiff_t a_k, ptrdiff_t next,
                        const float *b, ptrdiff_t b_k, float *c, ptrdiff_t c_row, bool accumulate) {
    switch (m) {
    case 1: TILE(1, a_row, a_k); break;
    case 2: TILE(2, a_row, a_k); break;
    case 3: TILE(3, a_row, a_k); break;
    case 4: TILE(4, a_row, a_k); break;
    case 5: TILE(5, a_row, a_k); break;
#if TILE_ROWS > 6
    case 6: TILE(6, a_row, a_k); break;
    case 7: TILE(7, a_row, a_k); break;
    case 8: TILE(8, a_row, a_k); break;
    case 9: TILE(9, a_row, a_k); break;
    case 10: TILE(10, a_row, a_k); break;
    case 11: TILE(11, a_row, a_k); break;
#endif
    default:
        // A constant stride saves the registers that row pointers need.
        if (a_row == 1) TILE(TILE_ROWS, 1, a_k);
        else if (a_k == 1) TILE(TILE_ROWS, a_row, 1);
        else TILE(TILE_ROWS, a_row, a_k);
    }
}
#undef TILE

// Steps of k in one pass over the tiles: a panel of B (16 KiB) then stays in the first-level cache.
enum { TIER(depth) = 256 };

static void TIER(gemm)(const banyan_gemm *job) {
    float padded[TIER(depth) * BANYAN_PANEL] __attribute__((aligned(64)));
    float edge[TILE_ROWS * BANYAN_PANEL] __attribute__((aligned(64)));
    if (job->k == 0 && !job->accumulate)
        for (ptrdiff_t i = 0; i < job->m; i++) memset(job->c + i * job->c_row, 0, (size_t)job->n * sizeof(float));
    // From a row of A to the one that begins the next group.
    const ptrdiff_t next = job->a_group != 0 ? job->a_group : BANYAN_GROUP * job->a_row;
    for (ptrdiff_t j = 0; j < job->n; j += BANYAN_PANEL) {
        const ptrdiff_t width = job->n - j < BANYAN_PANEL ? job->n - j : BANYAN_PANEL;
        for (ptrdiff_t from = 0; from < job->k; from += TIER(depth)) {
            const ptrdiff_t k = job->k - from < TIER(depth) ? job->k - from : TIER(depth);
            const float *b = job->b + (j / BANYAN_PANEL) * job->b_panel + from * job->b_k;
            ptrdiff_t b_k = job->b_k;
            if (width < BANYAN_PANEL && job->b_panel == BANYAN_PANEL) {
                for (ptrdiff_t p = 0; p < k; p++) {
                    memcpy(padded + p * BANYAN_PANEL, b + p * b_k, (size_t)width * sizeof(float));
                    memset(padded + p * BANYAN_PANEL + width, 0, (size_t)(BANYAN_PANEL - width) * sizeof(float));
                }
                b = padded;
                b_k = BANYAN_PANEL;
            }
            const bool accumulate = job->accumulate || from > 0;
            for (ptrdiff_t i = 0; i < job->m;) {
                const ptrdiff_t rows = TIER(tile_rows)(job->m - i, job->a_group != 0);
                const float *a = job->a + from * job->a_k
                                 + (job->a_group != 0 ? i / BANYAN_GROUP * job->a_group : i * job->a_row);
                float *c = job->c + i * job->c_row + j;
                if (width == BANYAN_PANEL) {
                    TIER(tiles)(rows, k, a, job->a_row, job->a_k, next, b, b_k, c, job->c_row, accumulate);
                } else {
                    if (accumulate)
                        for (ptrdiff_t r = 0; r < rows; r++)
                            memcpy(edge + r * BANYAN_PANEL, c + r * job->c_row, (size_t)width * sizeof(float));
                    TIER(tiles)(rows, k, a, job->a_row, job->a_k, next, b, b_k, edge, BANYAN_PANEL, accumulate);
                    for (ptrdiff_t r = 0; r < rows; r++)
                        memcpy(c + r * job->c_row, edge + r * BANYAN_PANEL, (size_t)width * sizeof(float));
                }
                i += rows;
            }
        }
    }
}

// MARK: Layout

INLINE void TIER(transpose)(f8 r[8]) {
    f8 t[8], u[8];
    for (int i = 0; i < 4; i++) {
        t[2 * i] = __builtin_shufflevector(r[2 * i], r[2 * i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
        t[2 * i + 1] = __builtin_shufflevector(r[2 * i], r[2 * i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
    }
    for (int i = 0; i < 8; i += 4)
        for (int h = 0; h < 2; h++) {
            u[i + h] = __builtin_shufflevector(t[i + h], t[i + h + 2], 0, 1, 8, 9, 4, 5, 12, 13);
            u[i + h + 2] = __builtin_shufflevector(t[i + h], t[i + h + 2], 2, 3, 10, 11, 6, 7, 14, 15);
        }
    for (int i = 0; i < 4; i++) {
        r[i] = __builtin_shufflevector(u[i], u[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
        r[i + 4] = __builtin_shufflevector(u[i], u[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
    }
}

static void TIER(pack_columns)(const float *b, ptrdiff_t b_row, ptrdiff_t b_column, ptrdiff_t k, ptrdiff_t n,
                               float *panels) {
    for (ptrdiff_t j = 0; j < n; j += BANYAN_PANEL) {
        const ptrdiff_t width = n - j < BANYAN_PANEL ? n - j : BANYAN_PANEL;
        const float *from = b + j * b_column;
        ptrdiff_t p = 0;
        if (width == BANYAN_PANEL && b_column == 1) {
            for (; p < k; p++) {
                store(panels + p * BANYAN_PANEL, load(from + p * b_row));
                store(panels + p * BANYAN_PANEL + 8, load(from + p * b_row + 8));
            }
        } else if (width == BANYAN_PANEL && b_row == 1) {
            for (; p + 8 <= k; p += 8)
                for (ptrdiff_t half = 0; half < BANYAN_PANEL; half += 8) {
                    f8 r[8];
                    for (ptrdiff_t s = 0; s < 8; s++) r[s] = load(from + (half + s) * b_column + p);
                    TIER(transpose)(r);
                    for (ptrdiff_t s = 0; s < 8; s++) store(panels + (p + s) * BANYAN_PANEL + half, r[s]);
                }
        }
        for (; p < k; p++)
            for (ptrdiff_t s = 0; s < BANYAN_PANEL; s++)
                panels[p * BANYAN_PANEL + s] = s < width ? from[p * b_row + s * b_column] : 0;
        panels += k * BANYAN_PANEL;
    }
}

static void TIER(pack_rows)(const float *a, ptrdiff_t a_row, ptrdiff_t a_k, ptrdiff_t m, ptrdiff_t k, float *groups) {
    for (ptrdiff_t i = 0; i < m; i += BANYAN_GROUP) {
        const ptrdiff_t height = m - i < BANYAN_GROUP ? m - i : BANYAN_GROUP;
        const float *from = a + i * a_row;
        if (height == BANYAN_GROUP)
            for (ptrdiff_t p = 0; p < k; p++)
                for (ptrdiff_t r = 0; r < BANYAN_GROUP; r++) groups[p * BANYAN_GROUP + r] = from[r * a_row + p * a_k];
        else
            for (ptrdiff_t p = 0; p < k; p++)
                for (ptrdiff_t r = 0; r < BANYAN_GROUP; r++)
                    groups[p * BANYAN_GROUP + r] = r < height ? from[r * a_row + p * a_k] : 0;
        groups += k * BANYAN_GROUP;
    }
}

static void TIER(gather)(const uint8_t *pixels, ptrdiff_t width, const uint32_t *indices, ptrdiff_t count, float *rows,
                         ptrdiff_t row_stride, float *panel) {
    const float unit = 1.0f / 255.0f;
    for (ptrdiff_t half = 0; half < BANYAN_PANEL; half += 8) {
        const uint8_t *from[8];
        const ptrdiff_t filled = count - half < 0 ? 0 : count - half < 8 ? count - half : 8;
        for (ptrdiff_t s = 0; s < filled; s++) from[s] = pixels + (ptrdiff_t)indices[half + s] * width;
        ptrdiff_t f = 0;
        for (; f + 8 <= width; f += 8) {
            f8 r[8];
            for (ptrdiff_t s = 0; s < 8; s++) {
                r[s] = splat(0);
                if (s < filled) {
                    r[s] = from_bytes(from[s] + f) * splat(unit);
                    store(rows + (half + s) * row_stride + f, r[s]);
                }
            }
            TIER(transpose)(r);
            for (ptrdiff_t s = 0; s < 8; s++) store(panel + (f + s) * BANYAN_PANEL + half, r[s]);
        }
        for (; f < width; f++)
            for (ptrdiff_t s = 0; s < 8; s++) {
                const float x = s < filled ? (float)from[s][f] * unit : 0;
                panel[f * BANYAN_PANEL + half + s] = x;
                if (s < filled) rows[(half + s) * row_stride + f] = x;
            }
    }
}

static void TIER(unpack)(const float *panel, ptrdiff_t features, ptrdiff_t count, float *rows, ptrdiff_t row_stride) {
    for (ptrdiff_t half = 0; half < count; half += 8) {
        const ptrdiff_t filled = count - half < 8 ? count - half : 8;
        ptrdiff_t f = 0;
        for (; f + 8 <= features; f += 8) {
            f8 r[8];
            for (ptrdiff_t s = 0; s < 8; s++) r[s] = load(panel + (f + s) * BANYAN_PANEL + half);
            TIER(transpose)(r);
            for (ptrdiff_t s = 0; s < filled; s++) store(rows + (half + s) * row_stride + f, r[s]);
        }
        for (; f < features; f++)
            for (ptrdiff_t s = 0; s < filled; s++)
                rows[(half + s) * row_stride + f] = panel[f * BANYAN_PANEL + half + s];
    }
}

// MARK: One value at a time

// e^x. n = x·log2(e) rounded to even, r = x − n·ln 2 in two steps, then 1 + r + r²·Q(r), scaled by 2^n in two exact-or-last steps
// so that a denormal result is rounded once. Q is a minimax fit on ±0.347, relative error of the fit below 2^-34.
INLINE f8 TIER(exp8)(f8 x) {
    x = choose(x < splat(-104.0f), splat(-104.0f), x);
    x = choose(x > splat(89.0f), splat(89.0f), x);
    const f8 magic = splat(12582912.0f);  // 1.5 · 2^23: adding it leaves the nearest integer in the low bits.
    const f8 shifted = FUSE(x, splat(1.44269504f), magic);
    const i8 n = bits(shifted) - bits(magic);
    const f8 whole = shifted - magic;
    f8 r = FUSE(whole, splat(-0.693145752f), x);
    r = FUSE(whole, splat(-1.42860677e-6f), r);
    f8 q = splat(0.00019790219f);
    q = FUSE(q, r, splat(0.0013944784f));
    q = FUSE(q, r, splat(0.008333498f));
    q = FUSE(q, r, splat(0.04166629f));
    q = FUSE(q, r, splat(0.16666666f));
    q = FUSE(q, r, splat(0.5f));
    const f8 y = FUSE(q, r * r, r) + splat(1);
    const i8 half = n >> 1;
    return y * power_of_two(half) * power_of_two(n - half);
}

// ln x. x = 2^e·(1 + r) with 1 + r in [√½, √2); r − r²/2 + r³·P(r) + e·ln 2, the last in two parts. P is a minimax fit, relative
// error of the fit below 2^-30. ln 0 = −∞, a negative number gives NaN.
INLINE f8 TIER(log8)(f8 x) {
    const i8 small = x < splat(1.17549435e-38f);
    const f8 scaled = choose(small, x * splat(8388608.0f), x);
    const i8 offset = bits(scaled) - ints(0x3f3504f3);
    const f8 e = from_ints((offset >> 23) - (small & ints(23)));
    const f8 r = floats((offset & ints(0x7fffff)) + ints(0x3f3504f3)) - splat(1);
    f8 p = splat(0.06746639f);
    p = FUSE(p, r, splat(-0.11675658f));
    p = FUSE(p, r, splat(0.11888166f));
    p = FUSE(p, r, splat(-0.124055885f));
    p = FUSE(p, r, splat(0.14219552f));
    p = FUSE(p, r, splat(-0.16667996f));
    p = FUSE(p, r, splat(0.20002119f));
    p = FUSE(p, r, splat(-0.2500001f));
    p = FUSE(p, r, splat(0.33333313f));
    const f8 square = r * r;
    f8 y = p * (square * r);
    y = FUSE(e, splat(-2.12194440e-4f), y);
    y = FUSE(splat(-0.5f), square, y);
    y = r + y;
    y = FUSE(e, splat(0.693359375f), y);
    y = choose(x == splat(__builtin_inff()), x, y);
    y = choose(x == splat(0), splat(-__builtin_inff()), y);
    y = choose(x < splat(0), splat(__builtin_nanf("")), y);
    return choose(x != x, x, y);
}

INLINE f8 TIER(relu8)(f8 x) { return choose(x <= splat(0), splat(0), x); }

// The fixed tree over eight accumulators.
#define TREE(s) (((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7])))

#define ELEMENTWISE(body)                                                                                              \
    ptrdiff_t i = 0;                                                                                                   \
    for (; i + 8 <= n; i += 8) {                                                                                       \
        const ptrdiff_t count = 8;                                                                                     \
        body                                                                                                           \
    }                                                                                                                  \
    if (i < n) {                                                                                                       \
        const ptrdiff_t count = n - i;                                                                                 \
        body                                                                                                           \
    }

static void TIER(exponential)(const float *x, float *y, ptrdiff_t n) {
    ELEMENTWISE(store_some(y + i, TIER(exp8)(load_some(x + i, count)), count);)
}

static void TIER(logarithm)(const float *x, float *y, ptrdiff_t n) {
    ELEMENTWISE(store_some(y + i, TIER(log8)(load_some(x + i, count)), count);)
}

static void TIER(fused)(const float *a, const float *b, const float *c, float *y, ptrdiff_t n) {
    ELEMENTWISE(store_some(y + i, FUSE(load_some(a + i, count), load_some(b + i, count), load_some(c + i, count)), count);)
}

static void TIER(relu)(float *x, ptrdiff_t n) {
    ELEMENTWISE(store_some(x + i, TIER(relu8)(load_some(x + i, count)), count);)
}

static void TIER(relu_backward)(float *d, const float *activation, ptrdiff_t n) {
    ELEMENTWISE(const f8 y = load_some(activation + i, count);
                store_some(d + i, choose(y <= splat(0), splat(0), load_some(d + i, count)), count);)
}

static void TIER(descend)(float *w, float *v, const float *g, ptrdiff_t n, float rate, float momentum) {
    const f8 back = splat(-rate), keep = splat(momentum);
    ELEMENTWISE(const f8 speed = FUSE(keep, load_some(v + i, count), load_some(g + i, count));
                store_some(v + i, speed, count);
                store_some(w + i, FUSE(back, speed, load_some(w + i, count)), count);)
}

static void TIER(bias)(float *panel, ptrdiff_t features, const float *bias, bool clip) {
    for (ptrdiff_t f = 0; f < features; f++) {
        const f8 b = splat(bias[f]);
        for (ptrdiff_t half = 0; half < BANYAN_PANEL; half += 8) {
            const f8 x = load(panel + f * BANYAN_PANEL + half) + b;
            store(panel + f * BANYAN_PANEL + half, clip ? TIER(relu8)(x) : x);
        }
    }
}

// MARK: Reductions

static float TIER(sum)(const float *x, ptrdiff_t n) {
    f8 sum = splat(0);
    ELEMENTWISE(sum = sum + load_some(x + i, count);)
    return TREE(sum);
}

static void TIER(column_sums)(const float *x, ptrdiff_t row_stride, ptrdiff_t rows, ptrdiff_t n, float *out) {
    ELEMENTWISE(f8 stripe[8];
                for (int s = 0; s < 8; s++) stripe[s] = splat(0);
                for (ptrdiff_t r = 0; r < rows; r++)
                    stripe[r & 7] = stripe[r & 7] + load_some(x + r * row_stride + i, count);
                store_some(out + i, TREE(stripe), count);)
}

static void TIER(cross_entropy)(float *z, ptrdiff_t classes, const uint8_t *labels, float scale, float *losses) {
    for (ptrdiff_t half = 0; half < BANYAN_PANEL; half += 8, z += 8, labels += 8, losses += 8) {
        f8 largest = load(z);
        for (ptrdiff_t c = 1; c < classes; c++) {
            const f8 x = load(z + c * BANYAN_PANEL);
            largest = choose(x > largest, x, largest);
        }
        i8 label;
        for (int s = 0; s < 8; s++) label[s] = labels[s];
        f8 stripe[8], chosen = splat(0);
        for (int s = 0; s < 8; s++) stripe[s] = splat(0);
        for (ptrdiff_t c = 0; c < classes; c++) {
            const f8 x = load(z + c * BANYAN_PANEL) - largest;
            const f8 e = TIER(exp8)(x);
            chosen = choose(label == ints((int32_t)c), x, chosen);
            stripe[c & 7] = stripe[c & 7] + e;
            store(z + c * BANYAN_PANEL, e);
        }
        const f8 total = TREE(stripe);
        store(losses, TIER(log8)(total) - chosen);
        for (ptrdiff_t c = 0; c < classes; c++) {
            const f8 target = choose(label == ints((int32_t)c), splat(1), splat(0));
            store(z + c * BANYAN_PANEL, (load(z + c * BANYAN_PANEL) / total - target) * splat(scale));
        }
    }
}

static void TIER(predict)(const float *z, ptrdiff_t classes, int32_t *best) {
    for (ptrdiff_t half = 0; half < BANYAN_PANEL; half += 8, z += 8, best += 8) {
        f8 largest = load(z);
        i8 index = ints(0);
        for (ptrdiff_t c = 1; c < classes; c++) {
            const f8 x = load(z + c * BANYAN_PANEL);
            const i8 greater = x > largest;
            largest = choose(greater, x, largest);
            index = (greater & ints((int32_t)c)) | (~greater & index);
        }
        for (int s = 0; s < 8; s++) best[s] = index[s];
    }
}

static const banyan_kernels TIER(table) = {
    .gemm = TIER(gemm),
    .pack_columns = TIER(pack_columns),
    .pack_rows = TIER(pack_rows),
    .gather = TIER(gather),
    .unpack = TIER(unpack),
    .bias = TIER(bias),
    .relu = TIER(relu),
    .relu_backward = TIER(relu_backward),
    .cross_entropy = TIER(cross_entropy),
    .predict = TIER(predict),
    .column_sums = TIER(column_sums),
    .sum = TIER(sum),
    .descend = TIER(descend),
    .exponential = TIER(exponential),
    .logarithm = TIER(logarithm),
    .fused = TIER(fused),
};
