internal import CCrypto

/// Incremental SHA-256 (FIPS 180-4). A value: a copy continues on its own.
package struct SHA256: Sendable {
    private var state = SHA256_CTX()

    package init() { unsafe SHA256_Init(&state) }

    package mutating func update(_ bytes: [UInt8]) { unsafe SHA256_Update(&state, bytes, bytes.count) }

    /// Adds the bytes of any array without a copy: `update(numbers.span.bytes)`.
    package mutating func update(_ bytes: RawSpan) {
        unsafe bytes.withUnsafeBytes { unsafe _ = SHA256_Update(&state, $0.baseAddress, $0.count) }
    }

    package consuming func finish() -> Digest {
        unsafe Digest(Bytes32 { unsafe _ = SHA256_Final($0, &state) })
    }
}
