internal import CSodium

/// HMAC with SHA-256 (RFC 2104), 32 bytes.
package enum HMACSHA256 {
    package static func authenticate(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        authenticate([message], key: key)
    }

    /// Authenticates the concatenation of `parts`.
    package static func authenticate(_ parts: [[UInt8]], key: [UInt8]) -> [UInt8] {
        var state = crypto_auth_hmacsha256_state()
        var tag = [UInt8](repeating: 0, count: 32)
        unsafe crypto_auth_hmacsha256_init(&state, key, key.count)
        for part in parts { unsafe crypto_auth_hmacsha256_update(&state, part, UInt64(part.count)) }
        unsafe crypto_auth_hmacsha256_final(&state, &tag)
        unsafe sodium_memzero(&state, MemoryLayout.size(ofValue: state))
        return tag
    }
}
