internal import Kernels

/// SHA-256 of two short messages of one length, both at once where the processor has instructions for it: the second costs a tenth of the first.
package struct SHA256Batch: Sendable {
    private static let hasPairs = banyan_sha256_pairs()
    /// Messages that a batch takes at most.
    package static let limit = 2

    /// Bytes of a message.
    package let length: Int
    /// Messages that this batch takes.
    package let capacity: Int
    private let blocks: Int
    /// The messages with their padding (FIPS 180-4, section 5.1.1).
    private var memory: [UInt8]

    package init(length: Int, capacity: Int = limit) {
        precondition((1...Self.limit).contains(capacity), "a batch of \(capacity)")
        self.length = length
        self.capacity = capacity
        blocks = (length + 9 + 63) / 64
        memory = [UInt8](repeating: 0, count: self.capacity * blocks * 64)
        for end in stride(from: blocks * 64, through: memory.count, by: blocks * 64) {
            memory[end - blocks * 64 + length] = 0x80
            for place in 0..<8 { memory[end - 1 - place] = UInt8(truncatingIfNeeded: (length * 8) >> (8 * place)) }
        }
    }

    /// Lends the bytes of a message, which keep what was written before.
    package mutating func withMessage(_ number: Int, _ body: (UnsafeMutableRawBufferPointer) -> Void) {
        precondition(number >= 0 && number < capacity, "message \(number) of \(capacity)")
        unsafe memory.withUnsafeMutableBytes { memory in
            let start = number * blocks * 64
            unsafe body(UnsafeMutableRawBufferPointer(rebasing: memory[start..<start + length]))
        }
    }

    /// Calls `found` with the number and the digest of each of the first `count` messages.
    package func digests(_ count: Int, _ found: (Int, Digest) -> Void) {
        precondition(count <= capacity, "\(count) messages of \(capacity)")
        unsafe memory.withUnsafeBufferPointer { memory in
            guard let first = memory.baseAddress else { return }
            guard Self.hasPairs else {
                for number in 0..<count {
                    let start = number * blocks * 64
                    found(number, Digest(sha256: unsafe Array(memory[start..<start + length])))
                }
                return
            }
            // Of one that is alone the second lane does the same.
            let second = unsafe count > 1 ? first + blocks * 64 : first
            var digest = Bytes32.zero
            let one = unsafe Bytes32 { one in
                digest = unsafe Bytes32 { unsafe banyan_sha256_pair(blocks, first, second, one, $0) }
            }
            if count > 0 { found(0, Digest(one)) }
            if count > 1 { found(1, Digest(digest)) }
        }
    }
}
