package import Wire

/// A receipt that its worker has signed with the node key: what a client of an answer holds, and what others can hold against the worker.
///
/// The signature covers all of the other fields. Two that differ in the receipt for one job convict their signer.
package struct SignedReceipt: Canonical, Hashable {
    package let receipt: Receipt
    /// Shows that the seed of the receipt is the key's random value for ``seedInput(_:)`` of the job.
    package let seedProof: VRFProof
    /// The worker's node key.
    package let key: PublicKey
    package let signature: Signature

    private static let purpose: Purpose = "receipt"

    package static func sign(_ receipt: Receipt, seedProof: VRFProof, with key: SigningKey) -> SignedReceipt {
        let signed = signedBytes(receipt, seedProof, key.publicKey)
        return SignedReceipt(
            receipt: receipt, seedProof: seedProof, key: key.publicKey, signature: key.sign(signed, for: purpose))
    }

    package init(receipt: Receipt, seedProof: VRFProof, key: PublicKey, signature: Signature) {
        self.receipt = receipt
        self.seedProof = seedProof
        self.key = key
        self.signature = signature
    }

    /// What the seed of a job is drawn over (alpha of the VRF): neither side chooses the value.
    package static func seedInput(_ job: Digest) -> [UInt8] { Digest(of: job.bytes, domain: "answer seed").bytes }

    package var hasValidSignature: Bool {
        key.verifies(signature, of: Self.signedBytes(receipt, seedProof, key), for: Self.purpose)
    }

    /// Whether the seed of the receipt is the one that the key has for the job.
    package var hasValidSeed: Bool {
        key.verify(seedProof, alpha: Self.seedInput(receipt.job))?.digest == receipt.seed
    }

    /// Whether the two convict their signer: other receipts of one worker for one round of one job. The caller verifies the signatures.
    package func contradicts(_ other: SignedReceipt) -> Bool {
        receipt.job == other.receipt.job && receipt.round == other.receipt.round
            && receipt.worker == other.receipt.worker && receipt != other.receipt
    }

    private static func signedBytes(_ receipt: Receipt, _ seedProof: VRFProof, _ key: PublicKey) -> [UInt8] {
        var writer = ByteWriter(capacity: 384)
        writer.write(receipt)
        writer.write(seedProof)
        writer.write(key)
        return writer.bytes
    }

    package func encode(into writer: inout ByteWriter) {
        writer.writeRaw(Self.signedBytes(receipt, seedProof, key))
        writer.write(signature)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> SignedReceipt {
        SignedReceipt(
            receipt: try reader.read(), seedProof: try reader.read(), key: try reader.read(),
            signature: try reader.read())
    }
}
