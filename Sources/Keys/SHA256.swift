internal import CSodium

/// Incremental SHA-256.
package struct SHA256: Sendable {
    private var state = crypto_hash_sha256_state()

    package init() { unsafe crypto_hash_sha256_init(&state) }

    package mutating func update(_ bytes: [UInt8]) {
        unsafe crypto_hash_sha256_update(&state, bytes, UInt64(bytes.count))
    }

    package consuming func finish() -> Digest {
        var output = [UInt8](repeating: 0, count: 32)
        unsafe crypto_hash_sha256_final(&state, &output)
        return Digest(bytes: output)!
    }
}
