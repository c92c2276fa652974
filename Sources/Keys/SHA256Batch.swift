/// SHA-256 of many short messages of one length, copied to one place: see ``SHA256Lanes``.
package struct SHA256Batch: Sendable {
    private static let lanes = SHA256Lanes()
    /// Messages that a batch takes at most.
    package static let limit = SHA256Lanes.limit

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
            unsafe Self.lanes.digests(
                first, distance: blocks * 64, count: count, blocks: blocks, last: nil,
                alone: { Digest(sha256: unsafe Array(memory[$0 * blocks * 64..<$0 * blocks * 64 + length])) }, found)
        }
    }
}
