// Runs every kernel of one tier on the same pseudo-random numbers, and prints a digest of what each gives, one line an operator.
// Equal output on two processors means equal bits. Usage: kernels portable | vector | wide

#include "hash.h"
#include "kernels.h"
#include "language.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// xorshift64 (Marsaglia 2003).
static uint64_t state;
static uint64_t draw(void) {
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}
static float number(void) { return (float)(int64_t)draw() * 0x1p-62f; }
static float *numbers(ptrdiff_t n) {
    float *x = aligned_alloc(64, ((size_t)n * 4 + 127) / 64 * 64);
    for (ptrdiff_t i = 0; i < n; i++) x[i] = number();
    return x;
}
static float *zeros(ptrdiff_t n) {
    float *x = numbers(n);
    memset(x, 0, (size_t)n * 4);
    return x;
}

// FNV-1a, 64 bits.
static void show(const char *name, const void *bytes, size_t count) {
    uint64_t hash = 0xcbf29ce484222325;
    for (size_t i = 0; i < count; i++) hash = (hash ^ ((const uint8_t *)bytes)[i]) * 0x100000001b3;
    printf("%-34s %016llx\n", name, (unsigned long long)hash);
}

enum { COLUMNS = 512, ROWS = 37, GROUPS = 3 };

// A stored row of random blocks whose 16-bit scales are ordinary numbers.
static void stored(uint32_t type, ptrdiff_t block, uint8_t *row, ptrdiff_t bytes) {
    for (ptrdiff_t i = 0; i < bytes; i++) row[i] = (uint8_t)draw();
    if (type == 0)
        for (ptrdiff_t i = 0; i < bytes; i += 4) {
            const float x = number();
            memcpy(row + i, &x, 4);
        }
    else if (type == 1 || type == 30)
        for (ptrdiff_t i = 1; i < bytes; i += 2) row[i] = (row[i] & 0x83) | (type == 1 ? 0x38 : 0x3c);
    else
        for (ptrdiff_t at = 0; at < bytes; at += block) {
            const ptrdiff_t scale = type == 14 ? 209 : 1;
            row[at + scale] = (row[at + scale] & 0x83) | 0x20;
            if (type == 3 || type == 7 || type == 12) row[at + 3] = (row[at + 3] & 0x83) | 0x20;
        }
}

static void products(const banyan_language *tier) {
    // GGUF's number of each type, its layout here, values and bytes of a block.
    static const struct {
        const char *name;
        uint32_t type;
        banyan_layout layout;
        ptrdiff_t values, bytes;
    } types[] = {{"f32", 0, BANYAN_F32, 1, 4},
                 {"f16", 1, BANYAN_F16, 1, 2},
                 {"bf16", 30, BANYAN_BF16, 1, 2},
                 {"q4_0", 2, BANYAN_NIBBLES, 32, 18},
                 {"q4_1", 3, BANYAN_NIBBLES_OFFSET, 32, 20},
                 {"q5_0", 6, BANYAN_BYTES, 32, 22},
                 {"q5_1", 7, BANYAN_BYTES_OFFSET, 32, 24},
                 {"q8_0", 8, BANYAN_BYTES, 32, 34},
                 {"q4_K", 12, BANYAN_NIBBLES_WIDE, 256, 144},
                 {"q6_K", 14, BANYAN_BYTES_FACTORS, 256, 210}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        state = 1 + types[i].type;
        const ptrdiff_t row_bytes = COLUMNS / types[i].values * types[i].bytes;
        const ptrdiff_t group_bytes = banyan_group_bytes(types[i].layout, COLUMNS);
        uint8_t *rows = malloc((size_t)(row_bytes * ROWS)), *groups = aligned_alloc(64, (size_t)(group_bytes * GROUPS));
        for (ptrdiff_t r = 0; r < ROWS; r++) stored(types[i].type, types[i].bytes, rows + r * row_bytes, row_bytes);
        for (ptrdiff_t g = 0; g < GROUPS; g++)
            banyan_pack(types[i].type, rows + g * 16 * row_bytes, row_bytes, ROWS - g * 16 < 16 ? ROWS - g * 16 : 16, COLUMNS,
                        groups + g * group_bytes);
        char name[64];
        snprintf(name, sizeof name, "packed %s", types[i].name);
        show(name, groups, (size_t)(group_bytes * GROUPS));
        float unpacked[COLUMNS];
        banyan_unpack_row(types[i].layout, groups + group_bytes, 5, COLUMNS, unpacked);
        snprintf(name, sizeof name, "unpacked %s", types[i].name);
        show(name, unpacked, sizeof unpacked);
        for (ptrdiff_t positions = 1; positions <= 13; positions += 6) {
            const ptrdiff_t blocks = positions * COLUMNS / BANYAN_BLOCK;
            float *x = numbers(positions * COLUMNS), *out = zeros(positions * GROUPS * 16);
            float *scales = zeros(blocks), *sums = zeros(blocks);
            int8_t *integers = malloc((size_t)(blocks * BANYAN_BLOCK));
            int32_t *totals = malloc((size_t)blocks * 4);
            tier->quantize(x, blocks, integers, scales, totals, sums);
            const banyan_product job = {.layout = types[i].layout, .weights = groups, .group_bytes = group_bytes,
                                        .rows = GROUPS * 16, .columns = COLUMNS, .positions = positions, .x = x,
                                        .integers = integers, .scales = scales, .totals = totals, .sums = sums, .out = out,
                                        .out_stride = GROUPS * 16};
            tier->product_floats(&job);
            snprintf(name, sizeof name, "floats × %s, %d positions", types[i].name, (int)positions);
            show(name, out, (size_t)(positions * GROUPS * 16) * 4);
            if (types[i].values > 1) {
                tier->product_integers(&job);
                snprintf(name, sizeof name, "integers × %s, %d positions", types[i].name, (int)positions);
                show(name, out, (size_t)(positions * GROUPS * 16) * 4);
            }
            free(x), free(out), free(scales), free(sums), free(integers), free(totals);
        }
        free(rows), free(groups);
    }
}

static void between(const banyan_language *tier) {
    static const ptrdiff_t counts[] = {2, 6, 8, 14, 34, 100, 576};
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        const ptrdiff_t n = counts[c];
        char name[64];
        state = 100 + (uint64_t)n;
        float *x = numbers(n), *w = numbers(n), *y = zeros(n);
        snprintf(name, sizeof name, "norm of %d", (int)n);
        tier->normalize(x, w, n, 1e-5f, y);
        show(name, y, (size_t)n * 4);
        for (int gelu = 0; gelu < 2; gelu++) {
            memcpy(y, x, (size_t)n * 4);
            tier->gate(y, w, n, gelu);
            snprintf(name, sizeof name, "gate %d of %d", gelu, (int)n);
            show(name, y, (size_t)n * 4);
        }
        for (int interleaved = 0; interleaved < 2; interleaved++) {
            float *cosines = numbers(n / 2), *sines = numbers(n / 2);
            memcpy(y, x, (size_t)n * 4);
            tier->rotate(y, 1, n, n / 2, cosines, sines, interleaved);
            snprintf(name, sizeof name, "rotation %d of %d", interleaved, (int)n);
            show(name, y, (size_t)n * 4);
            free(cosines), free(sines);
        }
        memcpy(y, x, (size_t)n * 4);
        tier->add(y, w, n);
        tier->scale(y, 0.3f, n);
        snprintf(name, sizeof name, "sum and scale of %d", (int)n);
        show(name, y, (size_t)n * 4);
        free(x), free(w), free(y);
    }
    state = 9;
    float *logits = numbers(1003);
    for (int i = 0; i < 1003; i++) logits[i] *= 20;
    uint32_t weights[1003];
    tier->weigh(logits, 1003, 40, 0.8f, weights);
    show("weights of tokens", weights, sizeof weights);
    free(logits);
    // Denormals, zeros, halves that round to even.
    state = 7;
    float edge[64];
    for (int i = 0; i < 64; i++) edge[i] = i < 32 ? number() * 0x1p-130f : (float)(i - 48) * 0.5f;
    int8_t integers[64];
    float scales[2], sums[2];
    int32_t totals[2];
    tier->quantize(edge, 2, integers, scales, totals, sums);
    show("rounding to integers", integers, sizeof integers);
    show("rounding: scales", scales, sizeof scales);
    show("rounding: sums", sums, sizeof sums);
}

static void attention(const banyan_language *tier) {
    static const int32_t seen[][6] = {{1}, {5}, {17, 17, 17}, {1, 1, 2, 2, 3, 3}, {30, 31, 32, 33, 34, 35}, {200, 200, 201}};
    static const ptrdiff_t rows[] = {1, 1, 3, 6, 6, 3};
    for (ptrdiff_t width = 48; width <= 64; width += 16)
        for (size_t c = 0; c < sizeof rows / sizeof *rows; c++) {
            state = 1000 + c;
            const ptrdiff_t last = seen[c][rows[c] - 1], padded = (last + 15) / 16 * 16;
            float *queries = numbers(rows[c] * width), *keys = numbers(padded * width), *values = numbers(padded * width);
            float *scores = zeros(6 * padded), *out = zeros(rows[c] * width);
            const banyan_attention job = {.queries = queries, .rows = rows[c], .width = width, .seen = seen[c], .keys = keys,
                                          .key_stride = width * 16, .values = values, .value_stride = width,
                                          .scores = scores, .out = out};
            tier->attend(&job);
            char name[64];
            snprintf(name, sizeof name, "attention %d of %d × %d", (int)width, (int)rows[c], (int)last);
            show(name, out, (size_t)(rows[c] * width) * 4);
            free(queries), free(keys), free(values), free(scores), free(out);
        }
}

static void training(const banyan_kernels *tier) {
    enum { M = 13, N = 37, K = 300, CLASSES = 10 };
    state = 5;
    float *a = numbers(M * K), *b = numbers(K * N), *c = zeros(M * 48);
    float *panels = zeros(48 * K), *groups = zeros(18 * K);
    tier->pack_columns(b, N, 1, K, N, panels);
    tier->pack_rows(a, K, 1, M, K, groups);
    show("packed columns", panels, 48 * K * 4);
    show("packed rows", groups, 18 * K * 4);
    banyan_gemm job = {.m = M, .n = N, .k = K, .a = a, .a_row = K, .a_k = 1, .b = panels, .b_k = 16, .b_panel = 16 * K,
                       .c = c, .c_row = 48};
    tier->gemm(&job);
    show("matrix product", c, M * 48 * 4);
    float *x = numbers(K), *y = zeros(K), *v = numbers(K), *w = numbers(K);
    const float sum = tier->sum(x, K);
    show("sum", &sum, 4);
    tier->column_sums(a, K, M, K, y);
    show("column sums", y, K * 4);
    tier->exponential(x, y, K);
    show("exponential", y, K * 4);
    for (int i = 0; i < K; i++) x[i] = x[i] * x[i] + 0x1p-140f;
    tier->logarithm(x, y, K);
    show("logarithm", y, K * 4);
    tier->fused(x, v, w, y, K);
    show("fused multiply-add", y, K * 4);
    for (int i = 0; i < K; i++) x[i] = number() * 0x1p-75f;
    tier->fused(x, x, x, y, K);
    show("fused multiply-add of denormals", y, K * 4);
    tier->descend(w, v, x, K, 0.05f, 0.9f);
    show("descent", w, K * 4);
    memcpy(y, v, K * 4);
    tier->relu(y, K);
    tier->relu_backward(w, y, K);
    show("rectifier", w, K * 4);
    float *z = numbers(CLASSES * 16), losses[16];
    uint8_t labels[16];
    for (int i = 0; i < 16; i++) labels[i] = (uint8_t)(draw() % CLASSES);
    int32_t best[16];
    tier->bias(z, CLASSES, v, false);
    tier->predict(z, CLASSES, best);
    show("predictions", best, sizeof best);
    tier->cross_entropy(z, CLASSES, labels, 0.0625f, losses);
    show("losses", losses, sizeof losses);
    show("gradients", z, CLASSES * 16 * 4);
    free(a), free(b), free(c), free(panels), free(groups), free(x), free(y), free(v), free(w), free(z);
}

static void hashing(banyan_blake3 *blake3) {
    enum { LENGTH = 2304 };
    uint8_t rows[LENGTH * 16], digests[16 * 32];
    for (size_t i = 0; i < sizeof rows; i++) rows[i] = (uint8_t)draw();
    const banyan_blake3_form form = {{1, 2, 3, 4, 5, 6, 7, 8}, 0x40, LENGTH};
    blake3(&form, rows, LENGTH, 16, digests);
    show("BLAKE3", digests, sizeof digests);
}

int main(int count, char **arguments) {
    const char *tier = count > 1 ? arguments[1] : "";
    const banyan_kernels *kernels = NULL;
    const banyan_language *language = NULL;
    banyan_blake3 *blake3 = banyan_blake3_portable();
    if (strcmp(tier, "portable") == 0) kernels = banyan_kernels_portable(), language = banyan_language_portable();
    if (strcmp(tier, "vector") == 0) kernels = banyan_kernels_vector(), language = banyan_language_vector();
    if (strcmp(tier, "wide") == 0) kernels = banyan_kernels_wide(), language = banyan_language_wide();
    if (!kernels || !language) {
        fprintf(stderr, "kernels: this processor has no tier '%s'\n", tier);
        return 3;
    }
    if (strcmp(tier, "vector") == 0 && banyan_blake3_vector()) blake3 = banyan_blake3_vector();
    if (strcmp(tier, "wide") == 0 && banyan_blake3_wide()) blake3 = banyan_blake3_wide();
    if (!banyan_arithmetic_is_standard()) return 4;
    products(language);
    between(language);
    attention(language);
    training(kernels);
    hashing(blake3);
    return 0;
}
