internal import Keys

/// Digests of states that come one after the other (``StateDigest``), hashed two at a time.
struct StatePairs {
    private static let domain = Array("banyan/state\0".utf8)

    private var hasher = PairedSHA256(length: 0)
    /// The place of the first state of a pair, while the second has not come.
    private var held: Int?

    /// Takes a state. Calls `found` for those whose digests are known now, with the place that each came with.
    /// - Precondition: all states have one width.
    mutating func add(_ state: UnsafeBufferPointer<Float>, place: Int, _ found: (Int, Digest) -> Void) {
        if hasher.length == 0 { hasher = Self.hasher(width: state.count) }
        precondition(hasher.length == Self.domain.count + state.count * 4, "states of different widths")
        unsafe Self.write(state, to: &hasher, held == nil ? 0 : 1)
        guard let first = held else { return held = place }
        held = nil
        let digests = hasher.digests()
        found(first, digests.0)
        found(place, digests.1)
    }

    /// Calls `found` for a state that is alone.
    mutating func finish(_ found: (Int, Digest) -> Void) {
        guard let place = held else { return }
        held = nil
        found(place, hasher.digest(0))
    }

    /// For two states of this width, which come after what is in their messages already.
    private static func hasher(width: Int) -> PairedSHA256 {
        var hasher = PairedSHA256(length: domain.count + width * 4)
        for number in 0..<2 {
            unsafe hasher.withMessage(number) { unsafe $0.copyBytes(from: domain) }
        }
        return hasher
    }

    /// Every NaN as the same one: see ``StateDigest``. Without a branch, so that the compiler makes vector code of it.
    private static func write(_ state: UnsafeBufferPointer<Float>, to hasher: inout PairedSHA256, _ number: Int) {
        unsafe hasher.withMessage(number) { message in
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
        /// Boundaries 2i and 2i + 1 are pair i.
        private var pairs: [PairedSHA256] = []
        private let boundaries: Int

        init(boundaries: Int) { self.boundaries = boundaries }

        var pairIndices: Range<Int> { pairs.indices }

        mutating func hold(_ state: UnsafeBufferPointer<Float>, at boundary: Int) {
            if pairs.isEmpty {
                pairs = Array(repeating: StatePairs.hasher(width: state.count), count: (boundaries + 1) / 2)
            }
            precondition(pairs[0].length == domain.count + state.count * 4, "states of different widths")
            unsafe StatePairs.write(state, to: &pairs[boundary / 2], boundary % 2)
        }

        /// The digests of some pairs, with their boundaries.
        func digests(of part: Range<Int>, _ found: (Int, Digest) -> Void) {
            for pair in part {
                guard pair * 2 + 1 < boundaries else { return found(pair * 2, pairs[pair].digest(0)) }
                let digests = pairs[pair].digests()
                found(pair * 2, digests.0)
                found(pair * 2 + 1, digests.1)
            }
        }
    }
}
