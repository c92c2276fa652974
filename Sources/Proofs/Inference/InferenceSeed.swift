package import Keys

/// The randomness of an answer: the VRF of the provider's node over the request.
///
/// The provider cannot choose it, since a VRF has one value for one key and one input and the request names the key; the client
/// cannot, since it does not know the key. It is our form of commit–reveal with no message of its own.
package struct InferenceSeed: Hashable, Sendable {
    package let value: Digest
    package let proof: VRFProof

    /// - Parameters:
    ///   - job: id of the request.
    ///   - key: of the node that the request names.
    package init(job: Digest, by key: SigningKey) {
        proof = key.prove(alpha: SignedReceipt.seedInput(job))
        guard let output = key.publicKey.verify(proof, alpha: SignedReceipt.seedInput(job)) else {
            preconditionFailure("a proof just made verifies")
        }
        value = output.digest
    }

    /// The seed that somebody else shows.
    /// - Returns: nil when the proof is not the key's for this job.
    package init?(job: Digest, proof: VRFProof, by key: PublicKey) {
        guard let output = key.verify(proof, alpha: SignedReceipt.seedInput(job)) else { return nil }
        self.proof = proof
        value = output.digest
    }
}
