internal import CCrypto

/// Incremental SHA-256 (FIPS 180-4). A value: a copy continues on its own.
package struct SHA256: Sendable {
    private var state = SHA256_CTX()

    package init() { unsafe SHA256_Init(&state) }

    package mutating func update(_ bytes: [UInt8]) { unsafe SHA256_Update(&state, bytes, bytes.count) }

    /// Adds borrowed bytes.
    package mutating func update(raw bytes: UnsafeRawBufferPointer) {
        unsafe _ = SHA256_Update(&state, bytes.baseAddress, bytes.count)
    }

    /// Adds the 32 bytes of a digest.
    package mutating func update(_ digest: Digest) {
        unsafe digest.value.withBytes { unsafe _ = SHA256_Update(&state, $0.baseAddress, $0.count) }
    }

    /// Adds one byte.
    package mutating func update(_ byte: UInt8) {
        unsafe withUnsafeBytes(of: byte) { unsafe _ = SHA256_Update(&state, $0.baseAddress, 1) }
    }

    /// Adds the bit patterns of the numbers, four bytes each, little-endian, without a copy on machines that store them so.
    package mutating func update(numbers: [Float]) {
        #if _endian(little)
            unsafe numbers.withUnsafeBytes { unsafe _ = SHA256_Update(&state, $0.baseAddress, $0.count) }
        #else
            update(numbers.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) } })
        #endif
    }

    /// Adds the bit patterns of borrowed numbers, as ``update(numbers:)`` does.
    package mutating func update(floats: UnsafeBufferPointer<Float>) {
        #if _endian(little)
            unsafe _ = SHA256_Update(&state, floats.baseAddress, floats.count * 4)
        #else
            unsafe update(numbers: Array(floats))
        #endif
    }

    package consuming func finish() -> Digest {
        unsafe Digest(Bytes32 { unsafe _ = SHA256_Final($0, &state) })
    }
}
