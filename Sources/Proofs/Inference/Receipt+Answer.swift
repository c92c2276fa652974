package import Keys

extension Receipt {
    /// The receipt of one answer.
    /// - Parameters:
    ///   - transcript: root over the positions fed, as a ``TranscriptRecorder`` has seen them.
    ///   - seed: the value of the ``InferenceSeed`` for this request.
    package static func answer(
        _ answer: Answer, to request: InferenceRequest, transcript: Digest, seed: Digest
    ) -> Receipt {
        Receipt(
            job: request.id, round: 0, worker: request.provider, input: request.inputDigest, code: request.codeDigest,
            seed: seed, checkpoints: transcript,
            count: UInt32(request.prompt.count + answer.output.count - 1), output: answer.id, residual: .zero)
    }
}
