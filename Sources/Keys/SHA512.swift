internal import CSodium

/// SHA-512 (FIPS 180-4), 64 bytes, in one call.
package enum SHA512 {
    package static func hash(_ message: [UInt8]) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: 64)
        unsafe crypto_hash_sha512(&output, message, UInt64(message.count))
        return output
    }
}
