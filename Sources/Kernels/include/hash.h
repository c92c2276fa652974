#ifndef BANYAN_HASH_H
#define BANYAN_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// SHA-256 (FIPS 180-4) of several messages of one length at once.
typedef struct {
    /// The words that the first block meets.
    uint32_t start[8];
    /// Blocks of 64 bytes of each message.
    ptrdiff_t blocks;
    /// One more block at the end that is the same for all, if there is one.
    const uint8_t *_Nullable last;
} banyan_sha256_form;

/// Whether this processor can hash two messages in little more time than one.
bool banyan_sha256_pairs(void);
/// Only where `banyan_sha256_pairs` says so.
void banyan_sha256_pair(const banyan_sha256_form *form, const uint8_t *first, const uint8_t *second, uint8_t *first_digest,
                        uint8_t *second_digest);

/// Whether this processor can hash sixteen messages at once.
bool banyan_sha256_sixteens(void);
/// `count` ≤ 16 messages that begin `distance` bytes apart; sixteen digests, of which as many are of use.
/// Only where `banyan_sha256_sixteens` says so.
void banyan_sha256_sixteen(const banyan_sha256_form *form, const uint8_t *messages, ptrdiff_t distance, ptrdiff_t count,
                           uint8_t *digests);

#pragma clang assume_nonnull end

#endif
