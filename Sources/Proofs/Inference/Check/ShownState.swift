package import Keys
package import Models
package import Wire

/// The state that the witness of an audit is made of, with what shows that it is the one under the root of a receipt: whoever has it needs neither the
/// model nor the prompt to tell who has computed the answer.
package struct ShownState: Canonical, Hashable {
    /// How many layers there are decides where the state is.
    package let model: ModelDescription
    /// What the receipt's code is the digest of, beside the model.
    package let arithmetic: Arithmetic
    package let sampling: SamplingParameters
    /// Fed at the position of the state.
    package let token: TokenID
    package let numbers: [Float]
    package let proof: StateProof

    package init(
        model: ModelDescription, arithmetic: Arithmetic, sampling: SamplingParameters, token: TokenID, numbers: [Float],
        proof: StateProof
    ) {
        self.model = model
        self.arithmetic = arithmetic
        self.sampling = sampling
        self.token = token
        self.numbers = numbers
        self.proof = proof
    }

    /// What every member has to show that finds the answer right.
    /// - Parameter seed: of the audit.
    /// - Returns: nil when this is not the state that the seed draws under the root of the receipt.
    package func witness(seed: Digest, receipt: Receipt) -> Digest? {
        guard let layout = model.layout,
            receipt.code
                == InferenceRequest.codeDigest(model: layout.root, arithmetic: arithmetic, sampling: sampling)
        else { return nil }
        let layers = layout.shape.layers
        let witness = RecomputationWitness(
            seed: seed, receipt: receipt, positions: Int(receipt.count), layers: layers)
        // A digest does not tell one NaN from another, and a witness does.
        guard numbers.count == layout.shape.width, !numbers.contains(where: \.isNaN),
            proof.verifies(
                StateDigest.of(numbers), boundary: witness.boundary, layers: layers, position: witness.position,
                token: token, of: receipt)
        else { return nil }
        unsafe numbers.withUnsafeBufferPointer {
            unsafe witness.observe(
                piece: 0, position: witness.position, token: token, boundary: witness.boundary, state: $0)
        }
        return witness.value
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(model)
        writer.write(arithmetic)
        writer.write(sampling)
        writer.write(token)
        writer.write(numbers: numbers)
        writer.write(proof)
    }
    package static func decode(from reader: inout ByteReader) throws(WireError) -> ShownState {
        ShownState(
            model: try reader.read(), arithmetic: try reader.read(), sampling: try reader.read(),
            token: try reader.readUInt32(), numbers: try reader.readNumbers(limit: LayerTrace.numberLimit),
            proof: try reader.read())
    }
}

extension DisputeHand {
    /// The state that the witness of an audit is made of.
    /// - Parameter request: what the tokens of this hand answer.
    package func shownState(
        seed: Digest, receipt: Receipt, request: InferenceRequest, model: ModelDescription
    ) throws(ModelError) -> ShownState {
        let witness = RecomputationWitness(
            seed: seed, receipt: receipt, positions: tokens.count, layers: layout.shape.layers)
        let (boundary, position) = (witness.boundary, witness.position)
        return ShownState(
            model: model, arithmetic: request.arithmetic, sampling: request.sampling, token: tokens[position],
            numbers: try states(at: boundary, to: position)[position],
            proof: proof(boundary: boundary, position: position))
    }
}
