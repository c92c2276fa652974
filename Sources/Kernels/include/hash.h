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

#pragma clang assume_nonnull end

#endif
