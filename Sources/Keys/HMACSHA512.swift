internal import CSodium

/// HMAC with SHA-512 (RFC 2104), 64 bytes.
package enum HMACSHA512 {
    package static func authenticate(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        var state = crypto_auth_hmacsha512_state()
        var tag = [UInt8](repeating: 0, count: 64)
        unsafe crypto_auth_hmacsha512_init(&state, key, key.count)
        unsafe crypto_auth_hmacsha512_update(&state, message, UInt64(message.count))
        unsafe crypto_auth_hmacsha512_final(&state, &tag)
        unsafe sodium_memzero(&state, MemoryLayout.size(ofValue: state))
        return tag
    }
}
