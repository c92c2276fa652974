package import Wire

/// Shows that one Merkle tree is the beginning of a later one (RFC 9162, section 2.1.4).
package struct ConsistencyProof: Canonical, Hashable {
    /// Two paths of at most 64 hashes share all but one.
    package static let pathLimit = 65

    /// Number of leaves of the earlier tree, at least 1.
    package let from: UInt64
    /// Number of leaves of the later tree.
    package let to: UInt64
    package let path: [Digest]

    package init(from: UInt64, to: UInt64, path: [Digest]) {
        self.from = from
        self.to = to
        self.path = path
    }

    /// Whether the path has exactly the shape of (from, to) and leads to both roots.
    package func verifies(earlier: Digest, later: Digest) -> Bool {
        guard from >= 1 else { return false }
        return SubtreeProof(start: 0, end: from, total: to, path: path).verifies(subtree: earlier, root: later)
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(from)
        writer.write(to)
        writer.write(list: path)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> ConsistencyProof {
        ConsistencyProof(
            from: try reader.readUInt64(), to: try reader.readUInt64(), path: try reader.readList(limit: pathLimit))
    }
}
