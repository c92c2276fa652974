// SHA-256 (FIPS 180-4) of two messages side by side: the processor's instruction for two rounds takes four cycles and can begin every
// other one, so a second message costs little.

#include "hash.h"
#include "sha256_constants.h"
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>

bool banyan_sha256_pairs(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("sha") && __builtin_cpu_supports("sse4.1") && __builtin_cpu_supports("ssse3");
}

__attribute__((target("sha,sse4.1,ssse3"))) void banyan_sha256_pair(const banyan_sha256_form *form, const uint8_t *first,
                                                                    const uint8_t *second, uint8_t *first_digest,
                                                                    uint8_t *second_digest) {
    const __m128i big_endian = _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
    // The places of the words of a state in the order that the instruction takes: f e b a, and h g d c.
    static const int places[8] = {3, 2, 7, 6, 1, 0, 5, 4};
    uint32_t start[8];
    for (int i = 0; i < 8; i++) start[places[i]] = form->start[i];
    __m128i state[2][2];
    for (int v = 0; v < 2; v++)
        for (int half = 0; half < 2; half++) state[v][half] = _mm_loadu_si128((const __m128i_u *)(start + half * 4));
    const ptrdiff_t blocks = form->blocks + (form->last ? 1 : 0);
    for (ptrdiff_t block = 0; block < blocks; block++) {
        const uint8_t *at[2] = {first + block * 64, second + block * 64};
        if (block == form->blocks) at[0] = at[1] = form->last;
        __m128i s[2][2], w[2][4];
#pragma clang loop unroll(full)
        for (int v = 0; v < 2; v++) {
            s[v][0] = state[v][0];
            s[v][1] = state[v][1];
            for (int i = 0; i < 4; i++)
                w[v][i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i_u *)(at[v] + i * 16)), big_endian);
        }
#pragma clang loop unroll(full)
        for (int i = 0; i < 16; i++) {
#pragma clang loop unroll(full)
            for (int v = 0; v < 2; v++) {
                __m128i *now = &w[v][i % 4], *next = &w[v][(i + 1) % 4], *before = &w[v][(i + 3) % 4];
                const __m128i sum = _mm_add_epi32(*now, _mm_load_si128((const __m128i *)(banyan_sha256_constants + 4 * i)));
                s[v][1] = _mm_sha256rnds2_epu32(s[v][1], s[v][0], sum);
                if (i >= 3 && i < 15)
                    *next = _mm_sha256msg2_epu32(_mm_add_epi32(*next, _mm_alignr_epi8(*now, *before, 4)), *now);
                s[v][0] = _mm_sha256rnds2_epu32(s[v][0], s[v][1], _mm_shuffle_epi32(sum, 0x0e));
                if (i >= 1 && i < 13) *before = _mm_sha256msg1_epu32(*before, *now);
            }
        }
        for (int v = 0; v < 2; v++) {
            state[v][0] = _mm_add_epi32(state[v][0], s[v][0]);
            state[v][1] = _mm_add_epi32(state[v][1], s[v][1]);
        }
    }
    for (int v = 0; v < 2; v++) {
        uint32_t words[8];
        _mm_storeu_si128((__m128i_u *)words, state[v][0]);
        _mm_storeu_si128((__m128i_u *)(words + 4), state[v][1]);
        for (int i = 0; i < 8; i++) {
            const uint32_t word = __builtin_bswap32(words[places[i]]);
            memcpy((v == 0 ? first_digest : second_digest) + i * 4, &word, 4);
        }
    }
}
#else
bool banyan_sha256_pairs(void) { return false; }
void banyan_sha256_pair(const banyan_sha256_form *form, const uint8_t *first, const uint8_t *second, uint8_t *first_digest,
                        uint8_t *second_digest) {
    (void)form, (void)first, (void)second, (void)first_digest, (void)second_digest;
}
#endif
