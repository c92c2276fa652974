package import Wire

/// Leads from the leaves of any range of a Merkle tree to its root (RFC 6962, section 2.1): the roots of the largest subtrees
/// outside the range, from left to right.
package struct RangeProof: Canonical, Hashable {
    /// At most one subtree a level on each side.
    package static let pathLimit = 128

    package let start: UInt32
    package let end: UInt32
    /// Number of leaves of the whole tree.
    package let total: UInt32
    package let path: [Digest]

    package init(start: UInt32, end: UInt32, total: UInt32, path: [Digest]) {
        self.start = start
        self.end = end
        self.total = total
        self.path = path
    }

    /// The root that the tree has if `leafHashes` are its leaves from `start` to `end`.
    /// - Returns: nil when the range is empty or outside the tree, or the path has not exactly its shape.
    package func root(leafHashes: [Digest]) -> Digest? {
        guard start < end, end <= total, leafHashes.count == Int(end - start) else { return nil }
        var rest = path[...]
        let root = node(0..<Int(total), leafHashes, &rest)
        return rest.isEmpty ? root : nil
    }

    private func node(_ range: Range<Int>, _ leaves: [Digest], _ rest: inout ArraySlice<Digest>) -> Digest? {
        let (first, last) = (Int(start), Int(end))
        if range.upperBound <= first || range.lowerBound >= last { return rest.popFirst() }
        if range.count == 1 { return leaves[range.lowerBound - first] }
        let middle = range.lowerBound + MerkleTree.split(range.count)
        guard let left = node(range.lowerBound..<middle, leaves, &rest),
            let right = node(middle..<range.upperBound, leaves, &rest)
        else { return nil }
        return MerkleTree.nodeHash(left, right)
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(start)
        writer.write(end)
        writer.write(total)
        writer.write(list: path)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> RangeProof {
        RangeProof(
            start: try reader.readUInt32(), end: try reader.readUInt32(), total: try reader.readUInt32(),
            path: try reader.readList(limit: pathLimit))
    }
}
