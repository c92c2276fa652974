package import Wire

/// What a verifier reveals to show that it has recomputed the work it judges, after it has committed to it.
///
/// A verifier that accepts whatever it is shown earns the same as one that works, unless it must name a value that only the
/// work yields (the verifier's dilemma: Luu, Teutsch, Kulkarni and Saxena 2015, "Demystifying incentives in the consensus
/// computer"). The verifier's own VRF says which value; the commitment is published before anybody reveals, so that it cannot
/// be copied, and names the verifier, so that a copied commitment opens for nobody else.
package struct RecomputationWitness: Canonical, Hashable {
    /// Whose work it is.
    package let verifier: AccountID
    /// Id of the receipt that was judged.
    package let receipt: Digest
    /// The value that the draw asks for; for an answer, the digest of one state.
    package let value: Digest
    /// Digest of the verdict, so that it is fixed before the verdicts of others are known.
    package let verdict: Digest
    /// 32 secret random bytes: without them the commitment could be searched for among a few verdicts.
    package let salt: Digest

    package init(verifier: AccountID, receipt: Digest, value: Digest, verdict: Digest, salt: Digest) {
        self.verifier = verifier
        self.receipt = receipt
        self.value = value
        self.verdict = verdict
        self.salt = salt
    }

    /// What is published first.
    package var commitment: Digest { digest("recomputation witness") }

    /// Whether this is what `verifier` committed to for `receipt`.
    package func opens(_ commitment: Digest, of verifier: AccountID, for receipt: Digest) -> Bool {
        self.verifier == verifier && self.receipt == receipt && self.commitment == commitment
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(verifier)
        writer.write(receipt)
        writer.write(value)
        writer.write(verdict)
        writer.write(salt)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> RecomputationWitness {
        RecomputationWitness(
            verifier: try reader.read(), receipt: try reader.read(), value: try reader.read(),
            verdict: try reader.read(), salt: try reader.read())
    }
}
