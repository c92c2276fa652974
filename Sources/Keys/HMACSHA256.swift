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

/// Keys from keying material with HMAC-SHA-256 (RFC 5869).
package enum HKDF {
    package static func extract(salt: [UInt8], _ material: [UInt8]) -> [UInt8] {
        HMACSHA256.authenticate(material, key: salt)
    }

    /// - Precondition: `length` is at most 8,160 bytes.
    package static func expand(_ key: [UInt8], info: [UInt8] = [], length: Int) -> [UInt8] {
        precondition(length >= 0 && length <= 255 * 32, "HKDF gives at most 8,160 bytes")
        var output: [UInt8] = []
        output.reserveCapacity(length + 32)
        var block: [UInt8] = []
        var counter: UInt8 = 0
        while output.count < length {
            counter += 1
            block = HMACSHA256.authenticate([block, info, [counter]], key: key)
            output += block
        }
        block.zero()
        return Array(output.prefix(length))
    }

    /// Extract, then expand.
    package static func derive(salt: [UInt8], _ material: [UInt8], info: [UInt8] = [], length: Int) -> [UInt8] {
        var key = extract(salt: salt, material)
        defer { key.zero() }
        return expand(key, info: info, length: length)
    }

    /// HKDF of the Noise framework (revision 34, section 4.3): two outputs of 32 bytes with an empty info.
    package static func noise2(chainingKey: [UInt8], _ material: [UInt8]) -> ([UInt8], [UInt8]) {
        var both = derive(salt: chainingKey, material, length: 64)
        defer { both.zero() }
        return (Array(both[..<32]), Array(both[32...]))
    }
}
