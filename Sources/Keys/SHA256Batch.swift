internal import Kernels

/// SHA-256 of many messages of one length, as many at a time as the processor likes: sixteen in the lanes of AVX-512, or two where there are
/// instructions for SHA-256, of which the second costs a tenth of the first.
package struct SHA256Batch: Sendable {
    private static let hasPairs = banyan_sha256_pairs(), hasSixteens = banyan_sha256_sixteens()
    /// Messages that a batch takes at most.
    package static let limit = 16
    /// Sixteen lanes take as long as five pairs, however many of them are of use.
    private static let lanesWorth = 10

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
        // What sixteen lanes read is there.
        self.capacity = capacity >= Self.lanesWorth ? Self.limit : capacity
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
        if Self.hasSixteens, count >= Self.lanesWorth { return sixteen(count, found) }
        var next = 0
        if Self.hasPairs {
            while next + 2 <= count {
                let digests = pair(next)
                found(next, digests.0)
                found(next + 1, digests.1)
                next += 2
            }
        }
        for number in next..<count { found(number, one(number)) }
    }

    private func sixteen(_ count: Int, _ found: (Int, Digest) -> Void) {
        unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.limit * 32) { digests in
            guard let first = digests.baseAddress else { return }
            unsafe memory.withUnsafeBufferPointer { memory in
                guard let base = memory.baseAddress else { return }
                unsafe banyan_sha256_sixteen(base, blocks, first)
            }
            for number in 0..<count {
                found(number, Digest(unsafe Bytes32 { unsafe $0.update(from: first + number * 32, count: 32) }))
            }
        }
    }

    private func pair(_ number: Int) -> (Digest, Digest) {
        var second = Bytes32.zero
        let first = unsafe memory.withUnsafeBufferPointer { memory in
            unsafe Bytes32 { first in
                second = unsafe Bytes32 { second in
                    guard let base = memory.baseAddress else { return }
                    let message = unsafe base + number * blocks * 64
                    unsafe banyan_sha256_pair(message, message + blocks * 64, blocks, first, second)
                }
            }
        }
        return (Digest(first), Digest(second))
    }

    private func one(_ number: Int) -> Digest {
        var hasher = SHA256()
        unsafe memory.withUnsafeBytes { memory in
            let start = number * blocks * 64
            unsafe hasher.update(raw: UnsafeRawBufferPointer(rebasing: memory[start..<start + length]))
        }
        return hasher.finish()
    }
}
