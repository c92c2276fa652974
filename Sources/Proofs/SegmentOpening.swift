package import Keys
package import Wire

/// The two ends of one segment with their paths to the root of a receipt: enough for someone who holds nothing but the receipt
/// to know which segment is in question.
package struct SegmentOpening: Hashable, Sendable, Canonical {
    package let start: Digest
    package let startProof: InclusionProof
    package let end: Digest
    package let endProof: InclusionProof

    /// - Returns: nil when the update has no segment `index`.
    package init?(of update: Update, segment index: Int) {
        guard index >= 0, index + 1 < update.leaves.count else { return nil }
        let tree = MerkleTree(leaves: update.leaves.map(\.bytes))
        (start, startProof) = (update.leaves[index], tree.proof(for: index))
        (end, endProof) = (update.leaves[index + 1], tree.proof(for: index + 1))
    }

    private init(start: Digest, startProof: InclusionProof, end: Digest, endProof: InclusionProof) {
        (self.start, self.startProof, self.end, self.endProof) = (start, startProof, end, endProof)
    }

    /// Whether both ends are where `receipt` has committed them, side by side at `index`.
    package func verifies(segment index: Int, of receipt: Receipt) -> Bool {
        let count = UInt64(receipt.count)
        return index >= 0 && startProof.total == count && endProof.total == count
            && startProof.index == UInt64(index) && endProof.index == UInt64(index) + 1
            && startProof.verifies(leaf: start.bytes, root: receipt.checkpoints)
            && endProof.verifies(leaf: end.bytes, root: receipt.checkpoints)
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(start)
        writer.write(startProof)
        writer.write(end)
        writer.write(endProof)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> SegmentOpening {
        SegmentOpening(
            start: try reader.read(), startProof: try reader.read(), end: try reader.read(), endProof: try reader.read()
        )
    }
}
