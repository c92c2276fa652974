internal import Kernels

/// SHA-256 of many messages of one length, two at a time: where the processor has instructions for it, the second costs a tenth of the
/// first.
package struct PairedSHA256: Sendable {
    private static let hasPairs = banyan_sha256_pairs()

    /// Bytes of a message.
    package let length: Int
    private let blocks: Int
    /// Two messages with their padding (FIPS 180-4, section 5.1.1).
    private var memory: [UInt8]

    package init(length: Int) {
        self.length = length
        blocks = (length + 9 + 63) / 64
        memory = [UInt8](repeating: 0, count: 2 * blocks * 64)
        for end in [blocks * 64, 2 * blocks * 64] {
            memory[end - blocks * 64 + length] = 0x80
            for place in 0..<8 { memory[end - 1 - place] = UInt8(truncatingIfNeeded: (length * 8) >> (8 * place)) }
        }
    }

    /// Lends the bytes of message 0 or 1, which keep what was written before.
    package mutating func withMessage(_ number: Int, _ body: (UnsafeMutableRawBufferPointer) -> Void) {
        precondition(number == 0 || number == 1, "message \(number) of a pair")
        unsafe memory.withUnsafeMutableBytes { memory in
            let start = number * blocks * 64
            unsafe body(UnsafeMutableRawBufferPointer(rebasing: memory[start..<start + length]))
        }
    }

    package func digests() -> (Digest, Digest) {
        guard Self.hasPairs else { return (digest(0), digest(1)) }
        var second = Bytes32.zero
        let first = unsafe memory.withUnsafeBufferPointer { memory in
            unsafe Bytes32 { first in
                second = unsafe Bytes32 { second in
                    guard let base = memory.baseAddress else { return }
                    unsafe banyan_sha256_pair(base, base + blocks * 64, blocks, first, second)
                }
            }
        }
        return (Digest(first), Digest(second))
    }

    /// The digest of one message alone.
    package func digest(_ number: Int) -> Digest {
        var hasher = SHA256()
        unsafe memory.withUnsafeBytes { memory in
            let start = number * blocks * 64
            unsafe hasher.update(raw: UnsafeRawBufferPointer(rebasing: memory[start..<start + length]))
        }
        return hasher.finish()
    }
}
