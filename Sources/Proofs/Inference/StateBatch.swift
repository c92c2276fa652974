internal import Keys

/// Digests of states that come one after the other (``StateDigest``), hashed many at a time.
struct StateBatch {
    private static let domain = Array("banyan/state\0".utf8)

    private let capacity: Int
    private var batch: SHA256Batch?
    /// The places of the states that wait for others.
    private var places: [Int] = []

    /// - Parameter count: of states that will come, if that is known.
    init(count: Int = SHA256Batch.limit) { capacity = max(1, min(count, SHA256Batch.limit)) }

    /// Takes a state. Calls `found` for those whose digests are known now, with the place that each came with.
    /// - Precondition: all states have one width.
    mutating func add(_ state: UnsafeBufferPointer<Float>, place: Int, _ found: (Int, Digest) -> Void) {
        var batch = self.batch ?? Self.batch(width: state.count, capacity: capacity)
        self.batch = nil  // One owner: no copy.
        unsafe Self.write(state, to: &batch, places.count)
        places.append(place)
        self.batch = batch
        if places.count == batch.capacity { finish(found) }
    }

    /// Calls `found` for the states that wait.
    mutating func finish(_ found: (Int, Digest) -> Void) {
        batch?.digests(places.count) { found(places[$0], $1) }
        places.removeAll(keepingCapacity: true)
    }

    /// For states of this width, which come after what is in their messages already.
    private static func batch(width: Int, capacity: Int) -> SHA256Batch {
        var batch = SHA256Batch(length: domain.count + width * 4, capacity: capacity)
        for number in 0..<batch.capacity {
            unsafe batch.withMessage(number) { unsafe $0.copyBytes(from: domain) }
        }
        return batch
    }

    /// Every NaN as the same one: see ``StateDigest``. Without a branch, so that the compiler makes vector code of it.
    private static func write(_ state: UnsafeBufferPointer<Float>, to batch: inout SHA256Batch, _ number: Int) {
        precondition(batch.length == domain.count + state.count * 4, "states of different widths")
        unsafe batch.withMessage(number) { message in
            let bytes = unsafe UnsafeMutableRawBufferPointer(rebasing: message[domain.count...])
            for index in state.indices {
                let bits = unsafe state[index].bitPattern
                let isNaN = bits & 0x7fff_ffff > 0x7f80_0000
                unsafe bytes.storeBytes(
                    of: (isNaN ? 0x7fc0_0000 : bits).littleEndian, toByteOffset: index * 4, as: UInt32.self)
            }
        }
    }

    /// The states of one position at all of its boundaries, held until the last is there, so that several threads can hash them at once.
    struct Held {
        /// Boundary b is message b mod 16 of batch b ÷ 16.
        private var batches: [SHA256Batch] = []
        private let boundaries: Int

        init(boundaries: Int) { self.boundaries = boundaries }

        var batchIndices: Range<Int> { batches.indices }

        mutating func hold(_ state: UnsafeBufferPointer<Float>, at boundary: Int) {
            let size = SHA256Batch.limit
            if batches.isEmpty {
                batches = Array(
                    repeating: StateBatch.batch(width: state.count, capacity: size),
                    count: (boundaries + size - 1) / size)
            }
            unsafe StateBatch.write(state, to: &batches[boundary / size], boundary % size)
        }

        /// The digests of some batches, with their boundaries.
        func digests(of part: Range<Int>, _ found: (Int, Digest) -> Void) {
            let size = SHA256Batch.limit
            for batch in part {
                batches[batch].digests(min(size, boundaries - batch * size)) { found(batch * size + $0, $1) }
            }
        }
    }
}
