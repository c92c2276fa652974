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
        if hasher.length == 0 { prepare(width: state.count) }
        precondition(hasher.length == Self.domain.count + state.count * 4, "states of different widths")
        unsafe hasher.withMessage(held == nil ? 0 : 1) { message in
            unsafe Self.write(state, to: UnsafeMutableRawBufferPointer(rebasing: message[Self.domain.count...]))
        }
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

    private mutating func prepare(width: Int) {
        hasher = PairedSHA256(length: Self.domain.count + width * 4)
        for number in 0..<2 {
            unsafe hasher.withMessage(number) { unsafe $0.copyBytes(from: Self.domain) }
        }
    }

    /// Every NaN as the same one: see ``StateDigest``. Without a branch, so that the compiler makes vector code of it.
    private static func write(_ state: UnsafeBufferPointer<Float>, to bytes: UnsafeMutableRawBufferPointer) {
        for index in state.indices {
            let bits = unsafe state[index].bitPattern
            let isNaN = bits & 0x7fff_ffff > 0x7f80_0000
            unsafe bytes.storeBytes(
                of: (isNaN ? 0x7fc0_0000 : bits).littleEndian, toByteOffset: index * 4, as: UInt32.self)
        }
    }
}
