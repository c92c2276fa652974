package import Keys
package import Models
package import Wire

/// Shows that a state is the one a receipt commits to at one boundary of one position.
package struct StateProof: Canonical, Hashable {
    /// From the state's digest to the root over the boundaries of its position.
    package let boundary: InclusionProof
    /// From the position's leaf to the root of the receipt.
    package let position: InclusionProof

    package init(boundary: InclusionProof, position: InclusionProof) {
        self.boundary = boundary
        self.position = position
    }

    /// - Parameters:
    ///   - states: digests of all boundaries of the position.
    ///   - tree: of the whole transcript.
    package init(states: [Digest], boundary: Int, position: Int, in tree: MerkleTree) {
        self.boundary = Transcript.boundaryTree(states).proof(for: boundary)
        self.position = tree.proof(for: position)
    }

    /// - Parameters:
    ///   - state: digest of the state.
    ///   - token: fed at the position.
    ///   - layers: of the model.
    package func verifies(
        _ state: Digest, boundary: Int, layers: Int, position: Int, token: TokenID, of receipt: Receipt
    ) -> Bool {
        guard Int(exactly: self.boundary.index) == boundary, Int(exactly: self.boundary.total) == layers + 1,
            Int(exactly: self.position.index) == position, self.position.total == UInt64(receipt.count),
            let root = self.boundary.root(leafHash: state)
        else { return false }
        let leaf = Transcript.leafHash(job: receipt.job, position: position, token: token, boundaries: root)
        return self.position.verifies(leafHash: leaf, root: receipt.checkpoints)
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(boundary)
        writer.write(position)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> StateProof {
        StateProof(boundary: try reader.read(), position: try reader.read())
    }
}
