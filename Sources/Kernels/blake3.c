#include "hash.h"
#include <string.h>

// Every function that takes or returns lanes is inlined, so no calling convention is involved.
#pragma clang diagnostic ignored "-Wpsabi"

enum { BLOCK = 64, CHUNK = 1024, CHUNK_START = 1, CHUNK_END = 2, PARENT = 4, ROOT = 8 };

// Subtrees that wait for others at most: enough for messages of 2^42 bytes.
enum { DEPTH = 34 };

// Which word of the message a round takes when: each row is the one before it, permuted.
static const uint8_t schedule[7][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, {2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8},
    {3, 4, 10, 12, 13, 2, 7, 14, 6, 5, 9, 0, 11, 15, 8, 1}, {10, 7, 12, 9, 14, 3, 13, 15, 4, 0, 11, 2, 5, 8, 1, 6},
    {12, 13, 9, 11, 15, 10, 14, 8, 7, 2, 5, 3, 0, 1, 6, 4}, {9, 14, 11, 5, 8, 12, 15, 1, 13, 3, 0, 10, 2, 6, 4, 7},
    {11, 15, 5, 0, 1, 9, 8, 6, 14, 10, 2, 12, 3, 4, 7, 13}};

#define LANES16(name) plain_##name
#include "blake3_lanes.h"
#undef LANES16

#if defined(__x86_64__)
#define LANES16(name) vector_##name
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#include "blake3_lanes.h"
#pragma clang attribute pop
#undef LANES16

#define LANES16(name) wide_##name
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw"))), apply_to = function)
#include "blake3_lanes.h"
#pragma clang attribute pop
#undef LANES16

banyan_blake3 *banyan_blake3_vector(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") ? vector_hash : NULL;
}
banyan_blake3 *banyan_blake3_wide(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") ? wide_hash : NULL;
}
#else
// Others have what plain C needs, NEON for one, always.
banyan_blake3 *banyan_blake3_vector(void) { return NULL; }
banyan_blake3 *banyan_blake3_wide(void) { return NULL; }
#endif

banyan_blake3 *banyan_blake3_portable(void) { return plain_hash; }
