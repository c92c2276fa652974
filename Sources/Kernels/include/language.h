#ifndef BANYAN_LANGUAGE_H
#define BANYAN_LANGUAGE_H

// The operators of a language model. Orders: `Sources/Tensors/Reduction.swift`. Plain loops: `Sources/Tensors/Reference*.swift`.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// Neighbouring values that share a scale, of weights and of activations.
#define BANYAN_BLOCK 32

/// Positions of a tile, and what a block of one takes.
#define BANYAN_TILE 12
#define BANYAN_TILE_BYTES 576

/// How a group of 16 rows of weights lies in memory, made for lanes: 4 neighbouring weights of each of the 16 rows lie side by
/// side. All blocks' integers come first, then all blocks' scales, then all blocks' offsets (or halves' factors).
typedef enum {
    /// `[k][16]` floats of 32, of 16 bits, or the upper halves of 32.
    BANYAN_F32 = 0,
    BANYAN_F16 = 1,
    BANYAN_BF16 = 2,
    /// Four-bit integers less 8; a 16-bit scale. 256 + 32 bytes a block.
    BANYAN_NIBBLES = 3,
    /// Four-bit integers; a 16-bit scale, a 16-bit offset. 256 + 32 + 32 bytes.
    BANYAN_NIBBLES_OFFSET = 4,
    /// Four-bit integers; a 32-bit scale, a 32-bit offset. 256 + 64 + 64 bytes.
    BANYAN_NIBBLES_WIDE = 5,
    /// Signed bytes; a 16-bit scale. 512 + 32 bytes.
    BANYAN_BYTES = 6,
    /// Signed bytes; a 16-bit scale, a 16-bit offset. 512 + 32 + 32 bytes.
    BANYAN_BYTES_OFFSET = 7,
    /// Signed bytes; a 16-bit scale, a signed byte for each half of the block. 512 + 32 + 32 bytes.
    BANYAN_BYTES_FACTORS = 8,
} banyan_layout;

/// Rows of weights times the vectors of several positions.
typedef struct {
    banyan_layout layout;
    /// The first group of 16 rows; groups lie `group_bytes` apart.
    const uint8_t *weights;
    ptrdiff_t group_bytes;
    /// Rows to compute, from the first of the first group.
    ptrdiff_t rows;
    /// Length of a row.
    ptrdiff_t columns;
    ptrdiff_t positions;
    /// float32: position t begins at `x + t * columns`.
    const float *_Nullable x;
    /// int8: block b of position t is number `t * columns / 32 + b` of these.
    const int8_t *_Nullable integers;
    const float *_Nullable scales;
    /// Sum of the integers of the block, and that sum times the scale.
    const int32_t *_Nullable totals;
    const float *_Nullable sums;
    /// The same as tiles of 12 positions, `columns / 32 * 576` bytes apart; NULL: a product reads the plain form.
    const int8_t *_Nullable tiles;
    /// Row r of position t goes to `out[t * out_stride + r]`.
    float *out;
    ptrdiff_t out_stride;
} banyan_product;

/// The rows of queries that look at one head of keys and values.
typedef struct {
    /// Row r begins at `queries + r * width`, already scaled.
    const float *queries;
    ptrdiff_t rows, width;
    /// Row r sees the positions before `seen[r]`, which is at least 1 and does not fall from row to row.
    const int32_t *seen;
    /// Component d of position t is `keys[(t / 16) * key_stride + d * 16 + t % 16]`.
    const float *keys;
    ptrdiff_t key_stride;
    /// Component d of position t is `values[t * value_stride + d]`.
    const float *values;
    ptrdiff_t value_stride;
    /// Room for 6 · (seen rounded up to 16) floats.
    float *scores;
    /// Row r goes to `out[r * width]`.
    float *out;
} banyan_attention;

typedef struct {
    /// Both arithmetics of a product: the layouts without integers know only the first.
    void (*product_floats)(const banyan_product *job);
    void (*product_integers)(const banyan_product *job);
    /// Lays what a product of integers reads of `count` ≤ 12 neighbouring positions side by side, for products of many positions. NULL
    /// where a tier has no use for that.
    void (*_Nullable pack_tile)(const int8_t *integers, const float *scales, const int32_t *totals, const float *sums,
                                ptrdiff_t columns, ptrdiff_t count, int8_t *tile);
    /// Rounds `blocks` blocks of 32 values to integers with a scale each; `totals` are the sums of the integers, `sums` those
    /// times the scales.
    void (*quantize)(const float *x, ptrdiff_t blocks, int8_t *integers, float *scales, int32_t *totals, float *sums);
    /// Root-mean-square norm. Returns false when the sum of the squares is infinite or NaN; y is then of no use.
    bool (*normalize)(const float *x, const float *weight, ptrdiff_t n, float epsilon, float *y);
    /// Turns `pairs` pairs of each of `heads` heads of `width` values.
    void (*rotate)(float *x, ptrdiff_t heads, ptrdiff_t width, ptrdiff_t pairs, const float *cosines, const float *sines,
                   bool interleaved);
    /// gate ← gate ÷ (1 + e^−z) · up, with z = gate (SwiGLU) or the polynomial of GELU.
    void (*gate)(float *gate, const float *up, ptrdiff_t n, bool gelu);
    /// x ← x + y.
    void (*add)(float *x, const float *y, ptrdiff_t n);
    /// x ← x · factor.
    void (*scale)(float *x, float factor, ptrdiff_t n);
    void (*attend)(const banyan_attention *job);
    /// The weights by which a token is drawn: ⌊e^((logit − top) ÷ temperature) · 2³¹⌋, at most 2³¹; 0 for NaN.
    void (*weigh)(const float *logits, ptrdiff_t n, float top, float temperature, uint32_t *weights);
} banyan_language;

const banyan_language *banyan_language_portable(void);
const banyan_language *_Nullable banyan_language_vector(void);
/// AVX-512 with VNNI: integer dots in one instruction.
const banyan_language *_Nullable banyan_language_wide(void);

/// Bytes of one group of 16 rows in a layout, a multiple of 64; columns are whole blocks (of 32, where the layout has such).
ptrdiff_t banyan_group_bytes(banyan_layout layout, ptrdiff_t columns);
/// Rearranges up to 16 rows as the GGUF format stores them (type number, rows `row_bytes` apart) into one group of the layout.
void banyan_pack(uint32_t type, const uint8_t *rows, ptrdiff_t row_bytes, ptrdiff_t count, ptrdiff_t columns,
                 uint8_t *group);
/// Row `row` of the 16 of a group, as floats.
void banyan_unpack_row(banyan_layout layout, const uint8_t *group, ptrdiff_t row, ptrdiff_t columns, float *out);

#pragma clang assume_nonnull end

#endif
