// SHA-256 (FIPS 180-4) of two messages side by side: the processor's instruction for two rounds takes four cycles and can begin every
// other one, so a second message costs little.

#include "hash.h"
#include <string.h>

const uint32_t banyan_sha256_initial[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                           0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

#if defined(__x86_64__)
#include <immintrin.h>

// The constants of the rounds (FIPS 180-4, section 4.2.2).
static const uint32_t constants[64] __attribute__((aligned(64))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01,
    0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
    0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08,
    0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

bool banyan_sha256_pairs(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("sha") && __builtin_cpu_supports("sse4.1") && __builtin_cpu_supports("ssse3");
}

__attribute__((target("sha,sse4.1,ssse3"))) void banyan_sha256_pair(ptrdiff_t blocks, const uint8_t *first,
                                                                    const uint8_t *second, uint8_t *first_digest,
                                                                    uint8_t *second_digest) {
    const __m128i big_endian = _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
    // The places of the words of a state in the order that the instruction takes: f e b a, and h g d c.
    static const int places[8] = {3, 2, 7, 6, 1, 0, 5, 4};
    uint32_t start[8];
    for (int i = 0; i < 8; i++) start[places[i]] = banyan_sha256_initial[i];
    __m128i state[2][2];
    for (int v = 0; v < 2; v++)
        for (int half = 0; half < 2; half++) state[v][half] = _mm_loadu_si128((const __m128i_u *)(start + half * 4));
    for (ptrdiff_t block = 0; block < blocks; block++) {
        const uint8_t *const at[2] = {first + block * 64, second + block * 64};
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
                const __m128i sum = _mm_add_epi32(*now, _mm_load_si128((const __m128i *)(constants + 4 * i)));
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
void banyan_sha256_pair(ptrdiff_t blocks, const uint8_t *first, const uint8_t *second, uint8_t *first_digest,
                        uint8_t *second_digest) {
    (void)blocks, (void)first, (void)second, (void)first_digest, (void)second_digest;
}
#endif
