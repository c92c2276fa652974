package import Keys
package import Wire

/// What a client cannot work out itself of the receipt for its answer: the root of the transcript, and the signature over the whole.
///
/// Job, worker, prompt and code are in the request that it signed, the seed is in the proof that came with the acceptance, count and output
/// are those of the tokens that it has received. So 96 bytes end an answer in place of a receipt of 440, and a signature over anything
/// else than what the client has seen is no receipt for it.
package struct ReceiptSeal: Canonical, Hashable {
    package let transcript: Digest
    package let signature: Signature

    package init(of signed: SignedReceipt) {
        transcript = signed.receipt.checkpoints
        signature = signed.signature
    }

    private init(transcript: Digest, signature: Signature) {
        self.transcript = transcript
        self.signature = signature
    }

    /// The whole receipt, as the client knows what it is about.
    /// - Parameter seed: of the request's node for the request.
    /// - Returns: nil when the request's node has not signed exactly this.
    package func receipt(for answer: Answer, to request: InferenceRequest, seed: InferenceSeed) -> SignedReceipt? {
        let signed = SignedReceipt(
            receipt: .answer(answer, to: request, transcript: transcript, seed: seed.value), seedProof: seed.proof,
            key: request.node, signature: signature)
        return signed.hasValidSignature ? signed : nil
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(transcript)
        writer.write(signature)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> ReceiptSeal {
        ReceiptSeal(transcript: try reader.read(), signature: try reader.read())
    }
}
