package import Keys
package import Models
package import Tensors

/// Rows of weights out of chunks that were proved against the root of a model.
package struct ProvenRows: WeightRows {
    private var chunks: [(rows: Range<Int>, proof: WeightProof)] = []

    /// - Returns: nil when a proof does not lead to `root`.
    package init?(_ proofs: [WeightProof], root: Digest) {
        for proof in proofs {
            guard let rows = proof.rows(in: root) else { return nil }
            chunks.append((rows, proof))
        }
    }

    package func row(_ index: Int, of tensor: String) -> (bytes: [UInt8], type: WeightType)? {
        for (rows, proof) in chunks where proof.tensor.name == tensor && rows.contains(index) {
            let start = (index - rows.lowerBound) * proof.tensor.rowBytes
            return (Array(proof.bytes[start..<start + proof.tensor.rowBytes]), proof.tensor.type)
        }
        return nil
    }
}
