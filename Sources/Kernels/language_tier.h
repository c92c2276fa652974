// The operators of a language model in one tier, eight lanes wide. Included after tier.h; the including file defines
//   HALVES(from)            eight 16-bit floats, widened
//   NIBBLE_DOTS(w, a)       the integer dots of 8 rows over 32 weights from 0 to 15
//   BYTE_DOTS(w, a)         the same over 16 signed weights
//   PRODUCT_INTEGERS        the product of integers that the tier uses: TIER(product_integers), or a faster one of its own
//   QUANTIZE                what rounds activations to integers, if the tier has something of its own
//   PACK_TILE               what lays integers as that product likes them, if it does
//   WIDEN_BLOCKS            what makes floats of integer weights, if it does
//   PRODUCT_FLOATS          the product of floats that the tier uses, if it has one of its own
//   ATTEND                  the same of attention
// where w[i] holds weights 4·i … 4·i + 3 of each of the 8 rows.

// MARK: Weights

INLINE bool TIER(is_nibbles)(banyan_layout layout) { return layout <= BANYAN_NIBBLES_WIDE; }
INLINE bool TIER(has_offset)(banyan_layout layout) {
    return layout == BANYAN_NIBBLES_OFFSET || layout == BANYAN_NIBBLES_WIDE || layout == BANYAN_BYTES_OFFSET;
}

typedef struct {
    const uint8_t *integers, *scales, *offsets;
} TIER(group);

INLINE TIER(group) TIER(parts)(banyan_layout layout, const uint8_t *group, ptrdiff_t blocks) {
    const ptrdiff_t integers = TIER(is_nibbles)(layout) ? 256 : 512;
    const ptrdiff_t scale = layout == BANYAN_NIBBLES_WIDE ? 64 : 32;
    return (TIER(group)){group, group + blocks * integers, group + blocks * (integers + scale)};
}

// Block b of rows 8·half … 8·half + 7.
INLINE void TIER(integers)(banyan_layout layout, TIER(group) group, ptrdiff_t b, ptrdiff_t half, b32 w[8]) {
    if (TIER(is_nibbles)(layout)) {
        for (ptrdiff_t i = 0; i < 4; i++) {
            const b32 x = bytes_at(group.integers + b * 256 + i * 64 + half * 32);
            w[i] = x & 15;
            w[i + 4] = x >> 4;
        }
    } else {
        for (ptrdiff_t i = 0; i < 8; i++) w[i] = bytes_at(group.integers + b * 512 + i * 64 + half * 32);
    }
}

INLINE f8 TIER(number)(banyan_layout layout, const uint8_t *from, ptrdiff_t b, ptrdiff_t half) {
    if (layout == BANYAN_NIBBLES_WIDE) return load((const float *)(const void *)(from + b * 64 + half * 32));
    return HALVES(from + b * 32 + half * 16);
}

INLINE i8 TIER(factor)(TIER(group) group, ptrdiff_t b, ptrdiff_t half, ptrdiff_t which) {
    i8 x;
    for (ptrdiff_t r = 0; r < 8; r++) x[r] = (int8_t)group.offsets[b * 32 + (half * 8 + r) * 2 + which];
    return x;
}

// Calls a function that is compiled for each layout of integers with that of the weights.
#define BY_LAYOUT(layout, function, ...)                                                                               \
    switch (layout) {                                                                                                  \
    case BANYAN_NIBBLES: function(BANYAN_NIBBLES, __VA_ARGS__); break;                                                 \
    case BANYAN_NIBBLES_OFFSET: function(BANYAN_NIBBLES_OFFSET, __VA_ARGS__); break;                                   \
    case BANYAN_NIBBLES_WIDE: function(BANYAN_NIBBLES_WIDE, __VA_ARGS__); break;                                       \
    case BANYAN_BYTES: function(BANYAN_BYTES, __VA_ARGS__); break;                                                     \
    case BANYAN_BYTES_OFFSET: function(BANYAN_BYTES_OFFSET, __VA_ARGS__); break;                                       \
    case BANYAN_BYTES_FACTORS: function(BANYAN_BYTES_FACTORS, __VA_ARGS__); break;                                     \
    default: break; /* Weights that are floats have no integers. */                                                    \
    }

// MARK: Products

// Bytes from what is computed with to what is fetched: the three streams of a group are short, the processor's own foresight
// does not get going on them.
enum { BANYAN_AHEAD = 8192 };

// `count` positions, 8 rows: one chain over the blocks for each.
INLINE void TIER(eight_rows)(const banyan_layout layout, const ptrdiff_t count, const banyan_product *job,
                             TIER(group) group, ptrdiff_t half, ptrdiff_t position, float *out) {
    const ptrdiff_t blocks = job->columns / BANYAN_BLOCK;
    f8 sum[4];
    for (ptrdiff_t t = 0; t < count; t++) sum[t] = splat(0);
    const ptrdiff_t block_bytes = TIER(is_nibbles)(layout) ? 384 : 576;
    const uint8_t *ahead = group.integers + BANYAN_AHEAD;
    for (ptrdiff_t b = 0; b < blocks; b++) {
        if (count == 1 && half == 0)
            for (ptrdiff_t i = 0; i < block_bytes; i += 64) __builtin_prefetch(ahead + b * block_bytes + i);
        b32 w[8];
        TIER(integers)(layout, group, b, half, w);
        const f8 scale = TIER(number)(layout, group.scales, b, half);
        const f8 offset = TIER(has_offset)(layout) ? TIER(number)(layout, group.offsets, b, half) : splat(0);
#pragma clang loop unroll(full)
        for (ptrdiff_t t = 0; t < count; t++) {
            const ptrdiff_t place = (position + t) * blocks + b;
            const int8_t *a = job->integers + place * BANYAN_BLOCK;
            i8 dot;
            if (TIER(is_nibbles)(layout)) {
                dot = NIBBLE_DOTS(w, a);
                if (layout == BANYAN_NIBBLES) dot = dot - ints(8 * job->totals[place]);
            } else if (layout == BANYAN_BYTES_FACTORS) {
                dot = BYTE_DOTS(w, a) * TIER(factor)(group, b, half, 0)
                      + BYTE_DOTS(w + 4, a + 16) * TIER(factor)(group, b, half, 1);
            } else {
                dot = BYTE_DOTS(w, a) + BYTE_DOTS(w + 4, a + 16);
            }
            const float x = job->scales[place];
            sum[t] = FUSE(scale * splat(x), from_ints(dot), sum[t]);
            if (TIER(has_offset)(layout)) sum[t] = FUSE(offset, splat(job->sums[place]), sum[t]);
        }
    }
    for (ptrdiff_t t = 0; t < count; t++) store(out + t * job->out_stride, sum[t]);
}

INLINE void TIER(integer_rows)(const banyan_layout layout, const banyan_product *job) {
    for (ptrdiff_t row = 0; row < job->rows; row += 16) {
        const TIER(group) group =
            TIER(parts)(layout, job->weights + row / 16 * job->group_bytes, job->columns / BANYAN_BLOCK);
        ptrdiff_t t = 0;
        for (; t + 4 <= job->positions; t += 4)
            for (ptrdiff_t half = 0; half < 2; half++)
                TIER(eight_rows)(layout, 4, job, group, half, t, job->out + t * job->out_stride + row + half * 8);
        for (; t < job->positions; t++)
            for (ptrdiff_t half = 0; half < 2; half++)
                TIER(eight_rows)(layout, 1, job, group, half, t, job->out + t * job->out_stride + row + half * 8);
    }
}

static void TIER(product_integers)(const banyan_product *job) {
    BY_LAYOUT(job->layout, TIER(integer_rows), job)
}

#ifndef WIDEN_BLOCKS
#define WIDEN_BLOCKS TIER(widen_blocks)
// The same where they are integers.
INLINE void TIER(widen_rows)(const banyan_layout layout, const uint8_t *bytes, ptrdiff_t columns, ptrdiff_t from,
                             ptrdiff_t k, float *panel) {
    const TIER(group) group = TIER(parts)(layout, bytes, columns / BANYAN_BLOCK);
    for (ptrdiff_t b = from / BANYAN_BLOCK; b < (from + k) / BANYAN_BLOCK; b++, panel += BANYAN_BLOCK * 16)
        for (ptrdiff_t half = 0; half < 2; half++) {
            b32 w[8];
            TIER(integers)(layout, group, b, half, w);
            const f8 scale = TIER(number)(layout, group.scales, b, half);
            const f8 offset = TIER(has_offset)(layout) ? TIER(number)(layout, group.offsets, b, half) : splat(0);
            for (ptrdiff_t i = 0; i < 8; i++)
                for (int j = 0; j < 4; j++) {
                    // Byte j of each lane, its sign kept.
                    i8 integer = ((i8)w[i] << (24 - 8 * j)) >> 24;
                    if (layout == BANYAN_NIBBLES) integer = integer - ints(8);
                    if (layout == BANYAN_BYTES_FACTORS) integer = integer * TIER(factor)(group, b, half, i / 4);
                    f8 x = scale * from_ints(integer);
                    if (TIER(has_offset)(layout)) x = x + offset;
                    store(panel + (4 * i + j) * 16 + half * 8, x);
                }
        }
}

static void TIER(widen_blocks)(banyan_layout layout, const uint8_t *bytes, ptrdiff_t columns, ptrdiff_t from, ptrdiff_t k,
                               float *panel) {
    BY_LAYOUT(layout, TIER(widen_rows), bytes, columns, from, k, panel)
}
#endif

// Weights `from` … `from + k − 1` of 16 rows as floats, `[k][16]`.
static void TIER(widen)(banyan_layout layout, const uint8_t *group, ptrdiff_t columns, ptrdiff_t from, ptrdiff_t k,
                        float *panel) {
    const uint8_t *pairs = group + from * 32;
    switch (layout) {
    case BANYAN_F32: memcpy(panel, group + from * 64, (size_t)k * 64); break;
    case BANYAN_F16:
        for (ptrdiff_t i = 0; i < 2 * k; i++) store(panel + i * 8, HALVES(pairs + i * 16));
        break;
    case BANYAN_BF16:
        for (ptrdiff_t i = 0; i < 2 * k; i++) {
            typedef uint16_t h8 __attribute__((vector_size(16)));
            h8 x;
            memcpy(&x, pairs + i * 16, 16);
            store(panel + i * 8, floats(__builtin_convertvector(x, i8) << 16));
        }
        break;
    default: WIDEN_BLOCKS(layout, group, columns, from, k, panel);
    }
}

#ifndef PRODUCT_FLOATS
#define PRODUCT_FLOATS TIER(product_floats)
#endif
static void TIER(product_floats)(const banyan_product *job) {
    enum { depth = 128 };  // 8 KiB of widened weights stay in the first-level cache.
    float panel[depth * 16] __attribute__((aligned(64)));
    for (ptrdiff_t row = 0; row < job->rows; row += 16) {
        const uint8_t *group = job->weights + row / 16 * job->group_bytes;
        for (ptrdiff_t from = 0; from < job->columns; from += depth) {
            const ptrdiff_t k = job->columns - from < depth ? job->columns - from : depth;
            TIER(widen)(job->layout, group, job->columns, from, k, panel);
            for (ptrdiff_t t = 0; t < job->positions;) {
                const ptrdiff_t m = TIER(tile_rows)(job->positions - t, false);
                TIER(tiles)(m, k, job->x + t * job->columns + from, job->columns, 1, BANYAN_GROUP * job->columns, panel,
                            16, job->out + t * job->out_stride + row, job->out_stride, from > 0);
                t += m;
            }
        }
    }
}

// MARK: Between the products

#ifndef QUANTIZE
#define QUANTIZE TIER(quantize)
static void TIER(quantize)(const float *x, ptrdiff_t blocks, int8_t *integers, float *scales, int32_t *totals,
                           float *sums) {
    typedef int8_t s8 __attribute__((vector_size(8)));
    for (ptrdiff_t b = 0; b < blocks; b++, x += BANYAN_BLOCK, integers += BANYAN_BLOCK) {
        f8 most = splat(0);
        for (ptrdiff_t i = 0; i < BANYAN_BLOCK; i += 8) {
            const f8 size = floats(bits(load(x + i)) & ints(0x7fffffff));
            most = choose(size > most, size, most);
        }
        float largest = most[0];
        for (int s = 1; s < 8; s++) largest = most[s] > largest ? most[s] : largest;
        if (!(largest >= 0x1p-100f)) {
            memset(integers, 0, BANYAN_BLOCK);
            scales[b] = 0;
            totals[b] = 0;
            sums[b] = 0;
            continue;
        }
        const f8 factor = splat(127.0f / largest), magic = splat(12582912.0f);  // 1.5 · 2^23
        i8 total = ints(0);
        for (ptrdiff_t i = 0; i < BANYAN_BLOCK; i += 8) {
            f8 value = load(x + i) * factor;
            value = choose(value > splat(-127), value, splat(-127));
            value = choose(value < splat(127), value, splat(127));
            const i8 n = bits(value + magic) - bits(magic);
            total = total + n;
            const s8 narrow = __builtin_convertvector(n, s8);
            memcpy(integers + i, &narrow, 8);
        }
        scales[b] = largest / 127.0f;
        totals[b] = ((total[0] + total[4]) + (total[2] + total[6])) + ((total[1] + total[5]) + (total[3] + total[7]));
        sums[b] = scales[b] * (float)totals[b];
    }
}
#endif

static bool TIER(normalize)(const float *x, const float *weight, ptrdiff_t n, float epsilon, float *y) {
    f8 squares = splat(0);
    {
        ELEMENTWISE(const f8 value = load_some(x + i, count); squares = FUSE(value, value, squares);)
    }
    const float mean = TREE(squares) / (float)n;
    const f8 factor = splat(1.0f / __builtin_elementwise_sqrt(mean + epsilon));
    {
        ELEMENTWISE(store_some(y + i, load_some(x + i, count) * factor * load_some(weight + i, count), count);)
    }
    return mean < __builtin_inff();
}

static void TIER(rotate)(float *x, ptrdiff_t heads, ptrdiff_t width, ptrdiff_t pairs, const float *cosines,
                         const float *sines, bool interleaved) {
    for (ptrdiff_t head = 0; head < heads; head++, x += width)
        for (ptrdiff_t p = 0; p < pairs; p += 8) {
            const ptrdiff_t count = pairs - p < 8 ? pairs - p : 8;
            const f8 cosine = load_some(cosines + p, count), sine = load_some(sines + p, count);
            f8 a, b;
            if (!interleaved) {
                a = load_some(x + p, count);
                b = load_some(x + pairs + p, count);
            } else if (count == 8) {
                const f8 low = load(x + 2 * p), high = load(x + 2 * p + 8);
                a = __builtin_shufflevector(low, high, 0, 2, 4, 6, 8, 10, 12, 14);
                b = __builtin_shufflevector(low, high, 1, 3, 5, 7, 9, 11, 13, 15);
            } else {
                a = b = splat(0);
                for (ptrdiff_t i = 0; i < count; i++) {
                    a[i] = x[2 * (p + i)];
                    b[i] = x[2 * (p + i) + 1];
                }
            }
            const f8 first = FUSE(a, cosine, -(b * sine)), second = FUSE(a, sine, b * cosine);
            if (!interleaved) {
                store_some(x + p, first, count);
                store_some(x + pairs + p, second, count);
            } else if (count == 8) {
                store(x + 2 * p, __builtin_shufflevector(first, second, 0, 8, 1, 9, 2, 10, 3, 11));
                store(x + 2 * p + 8, __builtin_shufflevector(first, second, 4, 12, 5, 13, 6, 14, 7, 15));
            } else {
                for (ptrdiff_t i = 0; i < count; i++) {
                    x[2 * (p + i)] = first[i];
                    x[2 * (p + i) + 1] = second[i];
                }
            }
        }
}

static void TIER(gate)(float *gate, const float *up, ptrdiff_t n, bool gelu) {
    ELEMENTWISE(const f8 g = load_some(gate + i, count);
                const f8 z = gelu ? g * FUSE(splat(0.071354814f), g * g, splat(1.5957691f)) : g;
                store_some(gate + i, g / (splat(1) + TIER(exp8)(-z)) * load_some(up + i, count), count);)
}

static void TIER(add)(float *x, const float *y, ptrdiff_t n) {
    ELEMENTWISE(store_some(x + i, load_some(x + i, count) + load_some(y + i, count), count);)
}

static void TIER(scale)(float *x, float factor, ptrdiff_t n) {
    ELEMENTWISE(store_some(x + i, load_some(x + i, count) * splat(factor), count);)
}

// MARK: Attention

// Scores to powers of e, in place; returns their sum.
INLINE float TIER(powers)(float *score, ptrdiff_t n) {
    f8 most = splat(score[0]);
    {
        // The lanes past the end repeat a score that is there: the largest does not change.
        ELEMENTWISE(f8 x = load_some(score + i, count); for (ptrdiff_t s = count; s < 8; s++) x[s] = score[0];
                    most = choose(x > most, x, most);)
    }
    float largest = most[0];
    for (int s = 1; s < 8; s++) largest = most[s] > largest ? most[s] : largest;
    f8 sum = splat(0);
    const f8 shift = splat(largest);
    {
        ELEMENTWISE(f8 e = TIER(exp8)(load_some(score + i, count) - shift);
                    for (ptrdiff_t s = count; s < 8; s++) e[s] = 0;
                    store_some(score + i, e, count); sum = sum + e;)
    }
    return TREE(sum);
}

#ifndef PACK_TILE
#define PACK_TILE NULL
#endif

#ifndef ATTEND
#define ATTEND TIER(attend)
static void TIER(attend)(const banyan_attention *job) {
    const ptrdiff_t width = job->width;
    for (ptrdiff_t first = 0; first < job->rows; first += 6) {
        const ptrdiff_t rows = job->rows - first < 6 ? job->rows - first : 6;
        const int32_t *seen = job->seen + first;
        const ptrdiff_t room = (seen[rows - 1] + 15) / 16 * 16;
        float *out = job->out + first * width, *scores = job->scores;
        for (ptrdiff_t t = 0; t < seen[rows - 1]; t += 16)
            TIER(tiles)(rows, width, job->queries + first * width, width, 1, 0, job->keys + t / 16 * job->key_stride, 16,
                        scores + t, room, false);
        float sums[6];
        for (ptrdiff_t r = 0; r < rows; r++) sums[r] = TIER(powers)(scores + r * room, seen[r]);
        for (ptrdiff_t d = 0; d < width; d += 16) {
            TIER(tiles)(rows, seen[0], scores, room, 1, 0, job->values + d, job->value_stride, out + d, width, false);
            // Positions that only some rows see: the chain of each goes on.
            for (ptrdiff_t r = 0; r < rows; r++)
                if (seen[r] > seen[0])
                    TIER(tiles)(1, seen[r] - seen[0], scores + r * room + seen[0], room, 1, 0,
                                job->values + seen[0] * job->value_stride + d, job->value_stride, out + r * width + d,
                                width, true);
        }
        for (ptrdiff_t r = 0; r < rows; r++)
            for (ptrdiff_t d = 0; d < width; d += 8)
                store(out + r * width + d, load(out + r * width + d) / splat(sums[r]));
    }
}
#endif

// MARK: Sampling

static void TIER(weigh)(const float *logits, ptrdiff_t n, float top, float temperature, uint32_t *weights) {
    const f8 most = splat(top), t = splat(temperature), half = splat(0x1p30f);
    ELEMENTWISE(const f8 x = (load_some(logits + i, count) - most) / t; const f8 power = TIER(exp8)(x);
                const f8 bounded = choose(power < splat(1), power, splat(1));
                // The exponent of a NaN is not below or equal to zero.
                const f8 weight = choose(x <= splat(0), bounded * splat(0x1p31f), splat(0));
                // 2³¹ does not fit a signed integer; from 2³⁰ on the difference is exact.
                const i8 large = weight >= half;
                const i8 whole = __builtin_convertvector(choose(large, weight - half, weight), i8) + (large & (1 << 30));
                if (count == 8) memcpy(weights + i, &whole, 32);
                else for (ptrdiff_t s = 0; s < count; s++) weights[i + s] = (uint32_t)whole[s];)
}

static const banyan_language TIER(language) = {
    .product_floats = PRODUCT_FLOATS,
    .product_integers = PRODUCT_INTEGERS,
    .pack_tile = PACK_TILE,
    .quantize = QUANTIZE,
    .normalize = TIER(normalize),
    .rotate = TIER(rotate),
    .gate = TIER(gate),
    .add = TIER(add),
    .scale = TIER(scale),
    .attend = ATTEND,
    .weigh = TIER(weigh),
};
