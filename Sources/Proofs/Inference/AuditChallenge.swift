package import Keys
package import Wire

/// What a verifier sends to audit an answer: its random value over the receipt, which says what to open.
///
/// The receipt fixes the root before the value exists for anybody but the verifier, and the value is the only one its key has: the
/// provider cannot prepare for it, the verifier cannot choose it.
package struct AuditChallenge: Canonical, Hashable {
    /// Id of the receipt.
    package let receipt: Digest
    /// The verifier's node key.
    package let key: PublicKey
    package let proof: VRFProof

    package init(receipt: Digest, key: PublicKey, proof: VRFProof) {
        self.receipt = receipt
        self.key = key
        self.proof = proof
    }

    package init(receipt: Digest, by key: SigningKey) {
        self.receipt = receipt
        self.key = key.publicKey
        proof = key.prove(alpha: Self.input(receipt))
    }

    /// - Returns: nil when the proof is wrong.
    package var output: Digest? { key.verify(proof, alpha: Self.input(receipt))?.digest }

    private static func input(_ receipt: Digest) -> [UInt8] { Digest(of: receipt.bytes, domain: "answer audit").bytes }

    package func encode(into writer: inout ByteWriter) {
        writer.write(receipt)
        writer.write(key)
        writer.write(proof)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> AuditChallenge {
        AuditChallenge(receipt: try reader.read(), key: try reader.read(), proof: try reader.read())
    }
}
