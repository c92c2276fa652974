package import Keys

/// The digest of one state: of its numbers as 32-bit floats, little-endian, in order.
///
/// Which NaN an operation returns is the one thing IEEE 754 leaves to the machine, so every NaN counts as the same one: a prompt
/// that drives a model to NaN must not make two honest machines disagree.
package enum StateDigest {
    private static let domain: SHA256 = {
        var hasher = SHA256()
        hasher.update(Array("banyan/state\0".utf8))
        return hasher
    }()

    package static func of(_ state: UnsafeBufferPointer<Float>) -> Digest {
        var hasher = domain
        if unsafe hasNaN(state) {
            hasher.update(numbers: unsafe state.map { $0.isNaN ? Float(bitPattern: 0x7fc0_0000) : $0 })
        } else {
            unsafe hasher.update(floats: state)
        }
        return hasher.finish()
    }

    package static func of(_ state: [Float]) -> Digest { unsafe state.withUnsafeBufferPointer { unsafe of($0) } }

    /// Of several states of one width.
    package static func of(all states: [[Float]]) -> [Digest] {
        var digests = [Digest](repeating: .zero, count: states.count)
        var batch = StateBatch(count: states.count)
        for (place, state) in states.enumerated() {
            unsafe state.withUnsafeBufferPointer { unsafe batch.add($0, place: place) { digests[$0] = $1 } }
        }
        batch.finish { digests[$0] = $1 }
        return digests
    }

    /// Without an early exit, so that the compiler makes vector code of it: hashing must stay the only cost.
    private static func hasNaN(_ state: UnsafeBufferPointer<Float>) -> Bool {
        var greatest: UInt32 = 0
        for index in state.indices { greatest = max(greatest, unsafe state[index].bitPattern & 0x7fff_ffff) }
        return greatest > 0x7f80_0000
    }
}
