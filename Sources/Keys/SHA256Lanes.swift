internal import Kernels

/// SHA-256 of many messages of one length, as many at a time as the processor likes: sixteen in the lanes of AVX-512, or two where there are
/// instructions for SHA-256, of which the second costs a tenth of the first.
struct SHA256Lanes: Sendable {
    private static let hasPairs = banyan_sha256_pairs(), hasSixteens = banyan_sha256_sixteens()
    /// Messages that are hashed at once at most.
    static let limit = 16
    /// Sixteen lanes take as long as five pairs, however many of them are of use.
    static let worth = 10
    /// FIPS 180-4, section 5.3.3.
    private static let initial: [UInt32] = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ]

    private let start: [UInt32]

    /// For whole messages.
    init() { start = Self.initial }

    /// For messages that begin with a block that is the same for all.
    /// - Parameter block: 64 bytes.
    init(after block: [UInt8]) {
        precondition(block.count == 64, "a block of \(block.count) bytes")
        var state: [UInt8] = []
        unsafe block.withUnsafeBufferPointer { block in
            guard let first = block.baseAddress else { return }
            // Without padding, what comes out is the state between two blocks.
            unsafe SHA256Lanes().digests(first, distance: 0, count: 1, blocks: 1, last: nil, alone: { _ in .zero }) {
                state = $1.bytes
            }
        }
        start = (0..<8).map { word in
            state[word * 4..<word * 4 + 4].reduce(0) { $0 << 8 | UInt32($1) }
        }
    }

    /// Calls `found` with the number and the digest of each message.
    /// - Parameters:
    ///   - first: the first message; they begin `distance` bytes apart.
    ///   - blocks: of 64 bytes, of each message.
    ///   - last: one more block that ends each of them, if there is one.
    ///   - alone: the digest of one message, where the processor has nothing of the kind.
    func digests(
        _ first: UnsafePointer<UInt8>, distance: Int, count: Int, blocks: Int, last: UnsafePointer<UInt8>?,
        alone: (Int) -> Digest, _ found: (Int, Digest) -> Void
    ) {
        var form = unsafe banyan_sha256_form()
        unsafe form.start = (start[0], start[1], start[2], start[3], start[4], start[5], start[6], start[7])
        unsafe form.blocks = blocks
        unsafe form.last = last
        var next = 0
        while Self.hasSixteens, count - next >= Self.worth {
            let some = min(Self.limit, count - next)
            unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.limit * 32) { digests in
                guard let base = digests.baseAddress else { return }
                unsafe banyan_sha256_sixteen(&form, first + next * distance, distance, some, base)
                for number in 0..<some {
                    let bytes = unsafe Bytes32 { unsafe $0.update(from: base + number * 32, count: 32) }
                    found(next + number, Digest(bytes))
                }
            }
            next += some
        }
        while Self.hasPairs, count > next {
            // Of a last one that is alone the second lane does the same.
            let message = unsafe first + next * distance, isLast = next + 1 == count
            var second = Bytes32.zero
            let one = unsafe Bytes32 { one in
                second = unsafe Bytes32 { second in
                    unsafe banyan_sha256_pair(&form, message, isLast ? message : message + distance, one, second)
                }
            }
            found(next, Digest(one))
            if !isLast { found(next + 1, Digest(second)) }
            next += 2
        }
        while next < count {
            found(next, alone(next))
            next += 1
        }
    }
}
