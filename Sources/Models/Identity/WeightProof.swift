package import Keys
package import Wire

/// Some rows of one tensor, with the paths that lead from them to the model's root.
package struct WeightProof: Hashable, Sendable, Canonical {
    package let tensor: WeightLeaf
    /// Root of the tree over the model's leaves, and the tensor's path to it.
    package let tree: Digest
    package let tensorPath: InclusionProof
    /// The chunk's path to the tensor's root.
    package let chunkPath: InclusionProof
    package let bytes: [UInt8]

    package init(
        tensor: WeightLeaf, tree: Digest, tensorPath: InclusionProof, chunkPath: InclusionProof, bytes: [UInt8]
    ) {
        self.tensor = tensor
        self.tree = tree
        self.tensorPath = tensorPath
        self.chunkPath = chunkPath
        self.bytes = bytes
    }

    /// - Parameter root: of the model (``ModelIdentity/root``).
    /// - Returns: the rows that `bytes` are, when they are rows of the model with this root; nil otherwise.
    package func rows(in root: Digest) -> Range<Int>? {
        guard ModelIdentity.root(tree: tree, leaves: tensorPath.total) == root,
            tensorPath.verifies(leaf: tensor.canonicalBytes, root: tree),
            chunkPath.total == UInt64(tensor.chunkCount), chunkPath.index < chunkPath.total
        else { return nil }
        let rows = tensor.rows(ofChunk: Int(chunkPath.index))
        guard bytes.count == rows.count * tensor.rowBytes, chunkPath.verifies(leaf: bytes, root: tensor.chunks) else {
            return nil
        }
        return rows
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(tensor)
        writer.write(tree)
        writer.write(tensorPath)
        writer.write(chunkPath)
        writer.writePrefixed(bytes)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> WeightProof {
        WeightProof(
            tensor: try reader.read(), tree: try reader.read(), tensorPath: try reader.read(),
            chunkPath: try reader.read(), bytes: try reader.readPrefixed(limit: WeightLeaf.rowLimit))
    }
}
