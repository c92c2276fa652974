// BLAKE3 (O'Connor, Aumasson, Neves, Wilcox-O'Hearn: "BLAKE3, one function, fast everywhere", 2020, section 2) of sixteen messages of one length,
// one in each lane. Included once for each set of instructions, after LANES16(name) has named its functions and the target is set.

#define INLINE static inline __attribute__((always_inline))

typedef uint32_t LANES16(words) __attribute__((vector_size(64)));
typedef uint32_t LANES16(words_anywhere) __attribute__((vector_size(64), aligned(1), may_alias));
#define WORDS LANES16(words)

INLINE WORDS LANES16(all)(uint32_t x) { return (WORDS){x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x}; }
INLINE WORDS LANES16(rotate)(WORDS x, int by) { return x >> by | x << (32 - by); }

// From sixteen words of a message in each register to one word of sixteen messages: lanes whose number has a bit and registers whose number has
// it not change places, for one bit after another.
#define LOWER(d, i) ((i) & (d) ? 16 + ((i) ^ (d)) : (i))
#define UPPER(d, i) ((i) & (d) ? 16 + (i) : (i) ^ (d))
#define PICK(side, d) \
    side(d, 0), side(d, 1), side(d, 2), side(d, 3), side(d, 4), side(d, 5), side(d, 6), side(d, 7), side(d, 8), side(d, 9), \
        side(d, 10), side(d, 11), side(d, 12), side(d, 13), side(d, 14), side(d, 15)
#define EXCHANGE(d) \
    _Pragma("clang loop unroll(full)") for (int i = 0; i < 16; i++) \
        if (!(i & (d))) { \
            const WORDS lower = w[i], upper = w[i + (d)]; \
            w[i] = __builtin_shufflevector(lower, upper, PICK(LOWER, d)); \
            w[i + (d)] = __builtin_shufflevector(lower, upper, PICK(UPPER, d)); \
        }
INLINE void LANES16(transpose)(WORDS w[16]) {
    EXCHANGE(8) EXCHANGE(4) EXCHANGE(2) EXCHANGE(1)
}

INLINE void LANES16(quarter)(WORDS v[16], int a, int b, int c, int d, WORDS x, WORDS y) {
    v[a] += v[b] + x, v[d] = LANES16(rotate)(v[d] ^ v[a], 16);
    v[c] += v[d], v[b] = LANES16(rotate)(v[b] ^ v[c], 12);
    v[a] += v[b] + y, v[d] = LANES16(rotate)(v[d] ^ v[a], 8);
    v[c] += v[d], v[b] = LANES16(rotate)(v[b] ^ v[c], 7);
}

// The compression function without its extended output. Not inlined: a token finds its code in no cache, since the weights sweep them, so there
// is one copy of it.
static __attribute__((noinline)) void LANES16(compress)(WORDS value[8], const WORDS w[16], uint64_t counter, uint32_t length, uint32_t flags) {
    WORDS v[16];
    for (int i = 0; i < 8; i++) v[i] = value[i];
    for (int i = 0; i < 4; i++) v[8 + i] = LANES16(all)(banyan_sha256_initial[i]);
    v[12] = LANES16(all)((uint32_t)counter), v[13] = LANES16(all)((uint32_t)(counter >> 32));
    v[14] = LANES16(all)(length), v[15] = LANES16(all)(flags);
#pragma clang loop unroll(full)
    for (int round = 0; round < 7; round++) {
        const uint8_t *at = schedule[round];
        for (int i = 0; i < 4; i++)
            LANES16(quarter)(v, i, 4 + i, 8 + i, 12 + i, w[at[2 * i]], w[at[2 * i + 1]]);
        for (int i = 0; i < 4; i++)
            LANES16(quarter)(v, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4, w[at[8 + 2 * i]], w[at[9 + 2 * i]]);
    }
    for (int i = 0; i < 8; i++) value[i] = v[i] ^ v[8 + i];
}

INLINE void LANES16(start)(WORDS value[8], const banyan_blake3_form *form) {
    for (int i = 0; i < 8; i++) value[i] = LANES16(all)(form->key[i]);
}

// A node over `left`, `right`; it takes the place of the left one.
INLINE void LANES16(join)(WORDS left[8], const WORDS right[8], uint32_t flags, const banyan_blake3_form *form) {
    WORDS w[16];
    for (int i = 0; i < 8; i++) w[i] = left[i], w[8 + i] = right[i];
    LANES16(start)(left, form);
    LANES16(compress)(left, w, 0, 64, form->flags | flags);
}

static void LANES16(hash)(const banyan_blake3_form *form, const uint8_t *messages, ptrdiff_t distance, ptrdiff_t count,
                          uint8_t *digests) {
    // The roots of the whole subtrees so far, the largest first: as many as the number of their chunks has ones.
    WORDS values[DEPTH][8];
    int depth = 0;
    const ptrdiff_t chunks = form->length > CHUNK ? (form->length + CHUNK - 1) / CHUNK : 1;
    const uint8_t *at[16];
    for (ptrdiff_t m = 0; m < 16; m++) at[m] = messages + (m < count ? m : 0) * distance;
    for (ptrdiff_t chunk = 0; chunk < chunks; chunk++) {
        const bool is_last = chunk == chunks - 1;
        const ptrdiff_t length = is_last ? form->length - chunk * CHUNK : CHUNK;
        const ptrdiff_t blocks = length > BLOCK ? (length + BLOCK - 1) / BLOCK : 1;
        WORDS value[8];
        LANES16(start)(value, form);
        for (ptrdiff_t block = 0; block < blocks; block++) {
            const ptrdiff_t some = block == blocks - 1 ? length - block * BLOCK : BLOCK;
            WORDS w[16];
            for (int m = 0; m < 16; m++, at[m - 1] += some) {
                // Sixteen short streams are more than the processor itself foresees.
                __builtin_prefetch(at[m] + 3 * BLOCK);
                if (some == BLOCK) {
                    w[m] = *(const LANES16(words_anywhere) *)at[m];
                } else {
                    w[m] = LANES16(all)(0);
                    memcpy(&w[m], at[m], (size_t)some);
                }
            }
            LANES16(transpose)(w);
            uint32_t flags = form->flags | (block == 0 ? CHUNK_START : 0);
            if (block == blocks - 1) flags |= CHUNK_END | (chunks == 1 ? ROOT : 0);
            LANES16(compress)(value, w, (uint64_t)chunk, (uint32_t)some, flags);
        }
        memcpy(values[depth++], value, sizeof value);
        // Two subtrees of one size are one; at the end all of them are.
        for (ptrdiff_t whole = chunk + 1; depth > 1 && (is_last || whole % 2 == 0); whole /= 2, depth--)
            LANES16(join)(values[depth - 2], values[depth - 1], PARENT | (is_last && depth == 2 ? ROOT : 0), form);
    }
    for (int i = 0; i < 8; i++)
        for (int m = 0; m < 16; m++) {
            const uint32_t word = values[0][i][m];
            memcpy(digests + m * 32 + i * 4, &word, 4);
        }
}

#undef WORDS
#undef INLINE
