#ifndef BANYAN_HASH_H
#define BANYAN_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// Whether this processor can hash two messages in little more time than one.
bool banyan_sha256_pairs(void);
/// SHA-256 of two messages of `blocks` blocks of 64 bytes each, their padding included.
/// Only where `banyan_sha256_pairs` says so.
void banyan_sha256_pair(const uint8_t *first, const uint8_t *second, ptrdiff_t blocks, uint8_t *first_digest,
                        uint8_t *second_digest);

/// Whether this processor can hash sixteen messages at once.
bool banyan_sha256_sixteens(void);
/// SHA-256 of sixteen messages of `blocks` blocks of 64 bytes each, their padding included, one after the other; so are the digests.
/// Only where `banyan_sha256_sixteens` says so.
void banyan_sha256_sixteen(const uint8_t *messages, ptrdiff_t blocks, uint8_t *digests);

#pragma clang assume_nonnull end

#endif
