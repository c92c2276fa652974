package import Wire

/// Shows that a leaf is at one place of a Merkle tree (RFC 9162, section 2.1.3).
package struct InclusionProof: Canonical, Hashable {
    /// A tree of 2^64 leaves has paths of 64 hashes.
    package static let pathLimit = 64

    /// Position of the leaf, from 0.
    package let index: UInt64
    /// Number of leaves of the tree.
    package let total: UInt64
    /// Siblings from the leaf up.
    package let path: [Digest]

    package init(index: UInt64, total: UInt64, path: [Digest]) {
        self.index = index
        self.total = total
        self.path = path
    }

    package func verifies(leaf: [UInt8], root: Digest) -> Bool {
        verifies(leafHash: MerkleTree.leafHash(leaf), root: root)
    }

    /// Whether the path has exactly the shape of (index, total) and leads from `leafHash` to `root`.
    package func verifies(leafHash: Digest, root: Digest) -> Bool { self.root(leafHash: leafHash) == root }

    /// The root that a tree with this leaf has.
    /// - Returns: nil unless the path has exactly the shape of (index, total).
    package func root(leaf: [UInt8]) -> Digest? { root(leafHash: MerkleTree.leafHash(leaf)) }

    package func root(leafHash: Digest) -> Digest? {
        guard index < total else { return nil }
        var position = index
        var last = total - 1
        var hash = leafHash
        for sibling in path {
            guard last != 0 else { return nil }
            if position & 1 == 1 || position == last {
                hash = MerkleTree.nodeHash(sibling, hash)
                // A node without a right neighbour is carried up unchanged.
                while position & 1 == 0, position != 0 {
                    position >>= 1
                    last >>= 1
                }
            } else {
                hash = MerkleTree.nodeHash(hash, sibling)
            }
            position >>= 1
            last >>= 1
        }
        return last == 0 ? hash : nil
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(index)
        writer.write(total)
        writer.write(list: path)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> InclusionProof {
        InclusionProof(
            index: try reader.readUInt64(), total: try reader.readUInt64(), path: try reader.readList(limit: pathLimit))
    }
}
