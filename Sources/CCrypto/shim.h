// The one-block functions are marked as deprecated in favour of the EVP interface, which allocates for each digest.
// docs/decisions/0002-sha256-from-openssl.md says why they are used all the same.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
