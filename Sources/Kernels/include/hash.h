#ifndef BANYAN_HASH_H
#define BANYAN_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// What SHA-256 begins with (FIPS 180-4, section 5.3.3), and BLAKE3 (section 2.2, table 1).
extern const uint32_t banyan_sha256_initial[8];

/// Whether this processor can hash two messages in little more time than one.
bool banyan_sha256_pairs(void);
/// SHA-256 (FIPS 180-4) of two messages of `blocks` blocks of 64 bytes, their padding included. Only where `banyan_sha256_pairs` says so.
void banyan_sha256_pair(ptrdiff_t blocks, const uint8_t *first, const uint8_t *second, uint8_t *first_digest,
                        uint8_t *second_digest);

/// BLAKE3 (O'Connor et al. 2020) of several messages of one length at once.
typedef struct {
    /// The words that every chunk and every node meets: the initial value, or those of a key.
    uint32_t key[8];
    /// Those of the mode, on every block.
    uint32_t flags;
    /// Bytes of each message.
    ptrdiff_t length;
} banyan_blake3_form;

/// `count` ≤ 16 messages that begin `distance` bytes apart; sixteen digests, of which as many are of use.
typedef void banyan_blake3(const banyan_blake3_form *form, const uint8_t *messages, ptrdiff_t distance, ptrdiff_t count,
                           uint8_t *digests);
banyan_blake3 *banyan_blake3_portable(void);
/// Null where the processor has no AVX2, no AVX-512.
banyan_blake3 *_Nullable banyan_blake3_vector(void);
banyan_blake3 *_Nullable banyan_blake3_wide(void);

#pragma clang assume_nonnull end

#endif
