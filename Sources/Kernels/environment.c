#include "kernels.h"

#if defined(__x86_64__)
#include <xmmintrin.h>

// MXCSR: bit 15 flush to zero, bits 13–14 rounding (0 = nearest even), bit 6 denormals are zero.
bool banyan_arithmetic_is_standard(void) { return (_mm_getcsr() & 0xe040) == 0; }
void banyan_flush_denormals(bool flush) { _mm_setcsr(flush ? _mm_getcsr() | 0x8040 : _mm_getcsr() & ~0x8040u); }

#elif defined(__aarch64__)

// FPCR: bit 24 flush to zero, bits 22–23 rounding (0 = nearest even), bit 25 default NaN does not matter here.
static uint64_t control(void) {
    uint64_t value;
    __asm__ volatile("mrs %0, fpcr" : "=r"(value));
    return value;
}
bool banyan_arithmetic_is_standard(void) { return (control() & 0x1c00000) == 0; }
void banyan_flush_denormals(bool flush) {
    const uint64_t value = flush ? control() | 0x1000000 : control() & ~0x1000000ull;
    __asm__ volatile("msr fpcr, %0" : : "r"(value));
}

#else
#include <float.h>
bool banyan_arithmetic_is_standard(void) { return FLT_ROUNDS == 1; }
void banyan_flush_denormals(bool flush) { (void)flush; }
#endif
