// From rows as the GGUF format stores them to groups of 16 rows made for lanes: see `banyan_layout`.

#include "language.h"
#include <string.h>

// A product and a sum written apart stay apart.
#pragma STDC FP_CONTRACT OFF

enum { GROUP = 16 };

ptrdiff_t banyan_group_bytes(banyan_layout layout, ptrdiff_t columns) {
    static const ptrdiff_t block[] = {[BANYAN_F32] = 2048, [BANYAN_F16] = 1024, [BANYAN_BF16] = 1024,
                                      [BANYAN_NIBBLES] = 288, [BANYAN_NIBBLES_OFFSET] = 320,
                                      [BANYAN_NIBBLES_WIDE] = 384, [BANYAN_BYTES] = 544,
                                      [BANYAN_BYTES_OFFSET] = 576, [BANYAN_BYTES_FACTORS] = 576};
    // A group begins on a cache line.
    return (block[layout] * columns / BANYAN_BLOCK + 63) / 64 * 64;
}

typedef struct {
    uint8_t *integers, *scales, *offsets;
} places;

static places split(uint8_t *group, ptrdiff_t blocks, ptrdiff_t integers, ptrdiff_t scale) {
    return (places){group, group + blocks * integers * GROUP, group + blocks * (integers + scale) * GROUP};
}

// Sixteen or thirty-two bytes of one row and block: four at a time, 64 apart.
static inline void spread(const uint8_t *from, ptrdiff_t bytes, uint8_t *to) {
    for (ptrdiff_t i = 0; i < bytes / 4; i++) memcpy(to + i * 64, from + i * 4, 4);
}

static void small(uint32_t type, const uint8_t *row, ptrdiff_t blocks, ptrdiff_t r, uint8_t *group) {
    const places to = split(group, blocks, 16, 2);
    const bool offset = type == 3;
    for (ptrdiff_t b = 0; b < blocks; b++, row += offset ? 20 : 18) {
        memcpy(to.scales + (b * GROUP + r) * 2, row, 2);
        if (offset) memcpy(to.offsets + (b * GROUP + r) * 2, row + 2, 2);
        spread(row + (offset ? 4 : 2), 16, to.integers + b * 256 + r * 4);
    }
}

static void bytes(const uint8_t *row, ptrdiff_t blocks, ptrdiff_t r, uint8_t *group) {
    const places to = split(group, blocks, 32, 2);
    for (ptrdiff_t b = 0; b < blocks; b++, row += 34) {
        memcpy(to.scales + (b * GROUP + r) * 2, row, 2);
        spread(row + 2, 32, to.integers + b * 512 + r * 4);
    }
}

// Q5_0 and Q5_1: the fifth bits of a block follow its scales.
static void five(bool offset, const uint8_t *row, ptrdiff_t blocks, ptrdiff_t r, uint8_t *group) {
    const places to = split(group, blocks, 32, 2);
    for (ptrdiff_t b = 0; b < blocks; b++, row += offset ? 24 : 22) {
        memcpy(to.scales + (b * GROUP + r) * 2, row, 2);
        if (offset) memcpy(to.offsets + (b * GROUP + r) * 2, row + 2, 2);
        const uint8_t *fifth = row + (offset ? 4 : 2), *low = fifth + 4;
        uint8_t wide[32];
        for (int i = 0; i < 32; i++) {
            const int value = (i < 16 ? low[i] & 15 : low[i - 16] >> 4) | (fifth[i / 8] >> (i % 8) & 1) << 4;
            wide[i] = (uint8_t)(offset ? value : value - 16);
        }
        spread(wide, 32, to.integers + b * 512 + r * 4);
    }
}

// Exact: 16-bit floats have 11 significant bits, and 2^112 brings the exponent in place.
static float half(const uint8_t *from) {
    uint16_t h;
    memcpy(&h, from, 2);
    const uint32_t magnitude = (uint32_t)(h & 0x7fff) << 13, sign = (uint32_t)(h & 0x8000) << 16;
    float x;
    memcpy(&x, &magnitude, 4);
    x *= 0x1p112f;
    uint32_t result;
    memcpy(&result, &x, 4);
    result = sign | (magnitude >= 0x0f800000 ? magnitude | 0x7f800000 : result);
    memcpy(&x, &result, 4);
    return x;
}

// Q4_K: eight blocks of 32; scales and offsets of six bits in twelve bytes.
static void four_k(const uint8_t *row, ptrdiff_t blocks, ptrdiff_t r, uint8_t *group) {
    const places to = split(group, blocks, 16, 4);
    for (ptrdiff_t b = 0; b < blocks; b += 8, row += 144) {
        const float scale = half(row), offset = half(row + 2);
        const uint8_t *packed = row + 4;
        for (ptrdiff_t j = 0; j < 8; j++) {
            const int s = j < 4 ? packed[j] & 63 : (packed[j + 4] & 15) | (packed[j - 4] >> 6) << 4;
            const int m = j < 4 ? packed[j + 4] & 63 : packed[j + 4] >> 4 | (packed[j] >> 6) << 4;
            const float d = scale * (float)s, o = -(offset * (float)m);
            memcpy(to.scales + ((b + j) * GROUP + r) * 4, &d, 4);
            memcpy(to.offsets + ((b + j) * GROUP + r) * 4, &o, 4);
            // Here byte i holds weight i of two blocks; in a layout of nibbles it holds weights i and i + 16 of one.
            const uint8_t *from = row + 16 + j / 2 * 32;
            const int shift = j % 2 * 4;
            uint8_t nibbles[16];
            for (int i = 0; i < 16; i++)
                nibbles[i] = (uint8_t)((from[i] >> shift & 15) | (from[i + 16] >> shift & 15) << 4);
            spread(nibbles, 16, to.integers + (b + j) * 256 + r * 4);
        }
    }
}

static void six_k(const uint8_t *row, ptrdiff_t blocks, ptrdiff_t r, uint8_t *group) {
    const places to = split(group, blocks, 32, 2);
    for (ptrdiff_t b = 0; b < blocks; b += 8, row += 210)
        for (ptrdiff_t j = 0; j < 8; j++) {
            const uint8_t *low = row + j / 4 * 64 + j % 2 * 32, *high = row + 128 + j / 4 * 32;
            const int down = j % 4 < 2 ? 0 : 4, up = 2 * (int)(j % 4);
            uint8_t wide[32];
            for (int i = 0; i < 32; i++)
                wide[i] = (uint8_t)(((low[i] >> down & 15) | (high[i] >> up & 3) << 4) - 32);
            spread(wide, 32, to.integers + (b + j) * 512 + r * 4);
            memcpy(to.scales + ((b + j) * GROUP + r) * 2, row + 208, 2);
            memcpy(to.offsets + ((b + j) * GROUP + r) * 2, row + 192 + 2 * j, 2);
        }
}

static void plain(ptrdiff_t size, const uint8_t *row, ptrdiff_t columns, ptrdiff_t r, uint8_t *group) {
    for (ptrdiff_t k = 0; k < columns; k++) memcpy(group + (k * GROUP + r) * size, row + k * size, (size_t)size);
}

static banyan_layout layout_of(uint32_t type) {
    switch (type) {
    case 0: return BANYAN_F32;
    case 1: return BANYAN_F16;
    case 2: return BANYAN_NIBBLES;
    case 3: return BANYAN_NIBBLES_OFFSET;
    case 7: return BANYAN_BYTES_OFFSET;
    case 12: return BANYAN_NIBBLES_WIDE;
    case 14: return BANYAN_BYTES_FACTORS;
    case 30: return BANYAN_BF16;
    default: return BANYAN_BYTES;
    }
}

void banyan_pack(uint32_t type, const uint8_t *rows, ptrdiff_t row_bytes, ptrdiff_t count, ptrdiff_t columns,
                 uint8_t *group) {
    if (count < GROUP) memset(group, 0, (size_t)banyan_group_bytes(layout_of(type), columns));
    const ptrdiff_t blocks = columns / BANYAN_BLOCK;
    for (ptrdiff_t r = 0; r < count; r++) {
        const uint8_t *row = rows + r * row_bytes;
        switch (type) {
        case 0: plain(4, row, columns, r, group); break;
        case 1:
        case 30: plain(2, row, columns, r, group); break;
        case 2:
        case 3: small(type, row, blocks, r, group); break;
        case 6:
        case 7: five(type == 7, row, blocks, r, group); break;
        case 8: bytes(row, blocks, r, group); break;
        case 12: four_k(row, blocks, r, group); break;
        case 14: six_k(row, blocks, r, group); break;
        }
    }
}

void banyan_unpack_row(banyan_layout layout, const uint8_t *group, ptrdiff_t row, ptrdiff_t columns, float *out) {
    if (layout <= BANYAN_BF16) {
        for (ptrdiff_t k = 0; k < columns; k++) {
            const uint8_t *from = group + (k * GROUP + row) * (layout == BANYAN_F32 ? 4 : 2);
            uint8_t widened[4] = {0, 0, from[0], from[1]};
            if (layout == BANYAN_F16) out[k] = half(from);
            else memcpy(out + k, layout == BANYAN_F32 ? from : widened, 4);
        }
        return;
    }
    const ptrdiff_t blocks = columns / BANYAN_BLOCK;
    const bool nibbles = layout <= BANYAN_NIBBLES_WIDE, wide = layout == BANYAN_NIBBLES_WIDE;
    const bool has_offset = layout == BANYAN_NIBBLES_OFFSET || wide || layout == BANYAN_BYTES_OFFSET;
    const places at = split((uint8_t *)group, blocks, nibbles ? 16 : 32, wide ? 4 : 2);
    for (ptrdiff_t b = 0; b < blocks; b++) {
        const uint8_t *scale = at.scales + (b * GROUP + row) * (wide ? 4 : 2);
        const uint8_t *offset = at.offsets + (b * GROUP + row) * (wide ? 4 : 2);
        float s, o = 0;
        if (wide) {
            memcpy(&s, scale, 4);
            memcpy(&o, offset, 4);
        } else {
            s = half(scale);
            if (has_offset) o = half(offset);
        }
        for (ptrdiff_t i = 0; i < BANYAN_BLOCK; i++) {
            const ptrdiff_t place = nibbles ? i % 16 : i;
            const uint8_t byte = at.integers[b * (nibbles ? 256 : 512) + place / 4 * 64 + row * 4 + place % 4];
            int integer = nibbles ? (i < 16 ? byte & 15 : byte >> 4) : (int8_t)byte;
            if (layout == BANYAN_NIBBLES) integer -= 8;
            if (layout == BANYAN_BYTES_FACTORS) integer *= (int8_t)offset[i / 16];
            const float product = s * (float)integer;
            *out++ = has_offset ? product + o : product;
        }
    }
}
