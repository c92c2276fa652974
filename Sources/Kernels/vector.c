// The tier of processors that fuse a multiply and an add in one instruction.

#include "kernels.h"
#include <string.h>

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "lanes.h"
#define TIER(name) vector_##name
#define FUSE(a, b, c) __builtin_elementwise_fma(a, b, c)
#include "tier.h"
#pragma clang attribute pop

const banyan_kernels *banyan_kernels_vector(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &vector_table : NULL;
}

#elif defined(__aarch64__)
#include "lanes.h"
#define TIER(name) vector_##name
#define FUSE(a, b, c) __builtin_elementwise_fma(a, b, c)
#include "tier.h"

const banyan_kernels *banyan_kernels_vector(void) { return &vector_table; }

#else
const banyan_kernels *banyan_kernels_vector(void) { return NULL; }
#endif
