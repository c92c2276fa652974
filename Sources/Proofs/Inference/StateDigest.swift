package import Keys
package import Models

/// The digest of one state: BLAKE3, with a context of its own, of the state's numbers as 32-bit floats, little-endian, in order. A state is hashed
/// where it lies.
///
/// Which NaN an operation returns is the one thing IEEE 754 leaves to the machine, so every NaN counts as the same one: a prompt
/// that drives a model to NaN must not make two honest machines disagree.
package enum StateDigest {
    /// "[application] [commit timestamp] [purpose]", as section 2.3 of the paper advises.
    private static let rows = BLAKE3Rows(context: "banyan 2026-11-29 state of a language model at a layer boundary")
    /// States that are hashed at once at most.
    package static let limit = BLAKE3Rows.limit

    /// Calls `found` with the number and the digest of each of several states of one width that lie one after the other.
    package static func of(
        _ states: UnsafeBufferPointer<Float>, width: Int, _ found: (Int, Digest) -> Void
    ) {
        unsafe withBytes(of: states) { unsafe rows.digests($0, length: width * 4, found) }
    }

    /// The same of states that are finite, or dropped with the pass that meets one that is not: they are read once.
    static func of(
        finite states: UnsafeBufferPointer<Float>, width: Int, _ found: (Int, Digest) -> Void
    ) {
        guard 1.littleEndian == 1 else { return unsafe of(states, width: width, found) }
        unsafe rows.digests(UnsafeRawBufferPointer(states), length: width * 4, found)
    }

    package static func of(_ state: UnsafeBufferPointer<Float>) -> Digest {
        unsafe withBytes(of: state) { unsafe rows.digest($0) }
    }

    package static func of(_ state: [Float]) -> Digest { unsafe state.withUnsafeBufferPointer { unsafe of($0) } }

    /// Of all states that are lent, on all threads of their pass.
    package static func of(_ states: BoundaryStates) -> [Digest] {
        var digests = [Digest](repeating: .zero, count: states.indices.count)
        unsafe digests.withUnsafeMutableBufferPointer { digests in
            states.share(atLeast: limit) { part in
                unsafe of(states.numbers(part), width: states.width) {
                    unsafe digests[part.lowerBound + $0 - states.indices.lowerBound] = $1
                }
            }
        }
        return digests
    }

    /// Of several states of one width.
    package static func of(all states: [[Float]]) -> [Digest] {
        var digests = [Digest](repeating: .zero, count: states.count)
        guard let width = states.first?.count else { return [] }
        precondition(states.allSatisfy { $0.count == width }, "states of different widths")
        unsafe states.flatMap(\.self).withUnsafeBufferPointer { unsafe of($0, width: width) { digests[$0] = $1 } }
        return digests
    }

    /// Lends what is hashed, where it lies if it lies there as it should.
    private static func withBytes<Result>(
        of states: UnsafeBufferPointer<Float>, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        // Without an early exit, so that the compiler makes vector code of it.
        var greatest: UInt32 = 0
        for index in states.indices { greatest = max(greatest, unsafe states[index].bitPattern & 0x7fff_ffff) }
        if greatest <= 0x7f80_0000 && 1.littleEndian == 1 { return unsafe body(UnsafeRawBufferPointer(states)) }
        let bits = unsafe states.map { UInt32($0.isNaN ? 0x7fc0_0000 : $0.bitPattern).littleEndian }
        return unsafe bits.withUnsafeBytes { unsafe body($0) }
    }
}
