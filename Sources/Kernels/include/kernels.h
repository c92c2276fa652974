#ifndef BANYAN_KERNELS_H
#define BANYAN_KERNELS_H

// Inner loops on 32-bit floats. Every result is a function of the inputs alone: the same bits on every machine, in every
// tier. `Sources/Tensors/Reduction.swift` states the order of each operation; `Sources/Tensors/Reference.swift` is the
// plain loop that each function here equals bit for bit (a NaN equals any NaN).

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// Samples that lie side by side in a panel, and columns of one packed panel of the right factor.
#define BANYAN_PANEL 16
/// Rows of one packed group of the left factor.
#define BANYAN_GROUP 6

/// C ← A·B, or C ← C + A·B: one chain of fused multiply-adds along k for each element of C, from k = 0 upwards.
typedef struct {
    /// Rows and columns of C, length of the chain.
    ptrdiff_t m, n, k;
    /// Element (i, p) of A is `a[(i / 6) * a_group + (i % 6) * a_row + p * a_k]` when `a_group` is not 0 (packed), else `a[i * a_row + p * a_k]`.
    const float *a;
    ptrdiff_t a_row, a_k, a_group;
    /// Element (p, j) of B is `b[(j / 16) * b_panel + j % 16 + p * b_k]`. A packed B (`b_panel` ≠ 16) is padded to whole panels.
    const float *b;
    ptrdiff_t b_k, b_panel;
    /// Element (i, j) of C is `c[i * c_row + j]`.
    float *c;
    ptrdiff_t c_row;
    /// True: the chain goes on from what C holds; false: it starts at +0.
    bool accumulate;
} banyan_gemm;

/// The functions of one tier of hardware.
typedef struct {
    void (*gemm)(const banyan_gemm *job);
    /// Packs B, element (p, j) at `b[p * b_row + j * b_column]`, into panels `[n / 16][k][16]` padded with zeros.
    void (*pack_columns)(const float *b, ptrdiff_t b_row, ptrdiff_t b_column, ptrdiff_t k, ptrdiff_t n, float *panels);
    /// Packs A, element (i, p) at `a[i * a_row + p * a_k]`, into groups `[m / 6][k][6]` padded with zeros.
    void (*pack_rows)(const float *a, ptrdiff_t a_row, ptrdiff_t a_k, ptrdiff_t m, ptrdiff_t k, float *groups);
    /// Reads up to 16 images of `width` bytes into rows (`rows[s * row_stride + f]`) and one panel (`panel[f * 16 + s]`), each
    /// pixel as its value times the float nearest to 1/255. Lanes without a sample become 0.
    void (*gather)(const uint8_t *pixels, ptrdiff_t width, const uint32_t *indices, ptrdiff_t count, float *rows,
                   ptrdiff_t row_stride, float *panel);
    /// Turns `count` lanes of a panel `[features][16]` into rows.
    void (*unpack)(const float *panel, ptrdiff_t features, ptrdiff_t count, float *rows, ptrdiff_t row_stride);
    /// Adds `bias[f]` to the 16 lanes of each feature, then clips at zero when `clip` is true.
    void (*bias)(float *panel, ptrdiff_t features, const float *bias, bool clip);
    /// x ≤ 0 becomes +0; NaN stays.
    void (*relu)(float *x, ptrdiff_t n);
    /// The gradient d becomes +0 where the activation is ≤ 0.
    void (*relu_backward)(float *d, const float *activation, ptrdiff_t n);
    /// Softmax cross-entropy of 16 samples in lanes: `losses[s]`, and `z` becomes `(p − target) · scale`.
    void (*cross_entropy)(float *z, ptrdiff_t classes, const uint8_t *labels, float scale, float *losses);
    /// The class of the largest value of each lane, the lowest one when several are equal.
    void (*predict)(const float *z, ptrdiff_t classes, int32_t *best);
    /// `out[j]` = the sum of column j, rows striped over 8 accumulators, then the fixed tree.
    void (*column_sums)(const float *x, ptrdiff_t row_stride, ptrdiff_t rows, ptrdiff_t columns, float *out);
    /// The sum of n values, striped over 8 accumulators, then the fixed tree.
    float (*sum)(const float *x, ptrdiff_t n);
    /// v ← fma(momentum, v, g); w ← fma(−rate, v, w).
    void (*descend)(float *w, float *v, const float *g, ptrdiff_t n, float rate, float momentum);
    void (*exponential)(const float *x, float *y, ptrdiff_t n);
    void (*logarithm)(const float *x, float *y, ptrdiff_t n);
    /// a·b + c with one rounding, elementwise.
    void (*fused)(const float *a, const float *b, const float *c, float *y, ptrdiff_t n);
} banyan_kernels;

/// Fused multiply-add composed of double-precision operations of the base instruction set; runs everywhere.
const banyan_kernels *banyan_kernels_portable(void);
/// AVX2 with FMA on x86-64, NEON on arm64.
/// Returns NULL when this processor has neither.
const banyan_kernels *_Nullable banyan_kernels_vector(void);

/// AVX-512 with VNNI on x86-64: thirty-two registers, and integer dots in one instruction.
/// Returns NULL when this processor has none.
const banyan_kernels *_Nullable banyan_kernels_wide(void);

/// True when this thread rounds to nearest even and keeps denormal numbers (no flush to zero, no denormals as zero).
bool banyan_arithmetic_is_standard(void);
/// Sets or clears flush-to-zero and denormals-as-zero of this thread; exists so that a test can see the check fail.
void banyan_flush_denormals(bool flush);

/// Zeroed memory in whole pages, large ones where the system has them: for what is read from end to end again and again.
/// Returns NULL when there is none.
void *_Nullable banyan_pages_take(size_t bytes);
/// Addresses for zeroed memory that is taken a small page at a time, when it is first written to.
/// Returns NULL when there are none.
void *_Nullable banyan_pages_reserve(size_t bytes);
void banyan_pages_return(void *pages, size_t bytes);
/// Says that the whole pages between these addresses of a mapped file are not needed for now; they are read again when touched.
void banyan_pages_forget(const void *from, size_t bytes);
/// From now on, bytes of a mapped file that are gone because the file was cut read as zeros instead of ending the process: look at
/// the file's size after reading. Returns false when too many files are guarded.
bool banyan_guard(const void *mapped, size_t bytes);
/// Call before the file is unmapped.
void banyan_unguard(const void *mapped);
/// Tells the processor that this thread waits for another.
void banyan_pause(void);
/// Lets others run on the processor that this thread is on.
void banyan_yield(void);

#pragma clang assume_nonnull end

#endif
