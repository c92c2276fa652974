package import Keys
package import Models
internal import Wire

/// A value that only recomputing an answer yields, the same for everybody who does, and drawn after the receipt was fixed.
///
/// A verifier that accepts whatever it is shown earns the same as one that works, unless it must name such a value (the
/// verifier's dilemma: Luu, Teutsch, Kulkarni and Saxena 2015). It is the hash of the numbers of one state behind a salt that
/// nobody knew when the receipt was made: the receipt's own digests do not give it.
package final class RecomputationWitness: StateObserver {
    package let boundary: Int
    package let position: Int
    private let salt: [UInt8]
    private static let domain = Array("banyan/recomputation\0".utf8)
    /// Nil until the pass has come by.
    package private(set) var value: Digest?

    /// - Parameters:
    ///   - seed: of the audit, from the ledger's beacon after the receipt.
    ///   - positions: that are computed, at least 1; not what the receipt says of them.
    ///   - layers: of the model, at least 1.
    package init(seed: Digest, receipt: Receipt, positions: Int, layers: Int) {
        salt = seed.bytes + receipt.id.bytes
        var generator = SeededGenerator(seed: Digest(of: salt, domain: "recomputation place"))
        boundary = 1 + Int(generator.next(below: UInt64(layers)))
        position = Int(generator.next(below: UInt64(max(1, positions))))
    }

    /// What stands for the value of an answer of which nothing can be computed: a first token outside the vocabulary, or numbers
    /// that are none. That it is so, only looking at it shows.
    package static func ofNothing(seed: Digest, receipt: Receipt) -> Digest {
        Digest(of: seed.bytes + receipt.id.bytes, domain: "nothing to recompute")
    }

    package func observe(
        piece: Int, position: Int, token: TokenID, boundary: Int, state: UnsafeBufferPointer<Float>
    ) {
        guard boundary == self.boundary, position == self.position else { return }
        var hasher = SHA256()
        hasher.update(Self.domain)
        hasher.update(salt)
        unsafe hasher.update(floats: state)
        value = hasher.finish()
    }
}
