package import Wire

/// Shows that the leaves of a range form a subtree of a larger Merkle tree (draft-ietf-plants-merkle-tree-certs, section 4).
///
/// A range is a subtree when its start is a multiple of the smallest power of two that is at least its length.
package struct SubtreeProof: Canonical, Hashable {
    package static let pathLimit = 65

    /// First leaf of the range.
    package let start: UInt64
    /// One past the last leaf of the range.
    package let end: UInt64
    /// Number of leaves of the whole tree.
    package let total: UInt64
    package let path: [Digest]

    package init(start: UInt64, end: UInt64, total: UInt64, path: [Digest]) {
        self.start = start
        self.end = end
        self.total = total
        self.path = path
    }

    /// Whether start and end bound a subtree.
    package static func isSubtree(start: UInt64, end: UInt64) -> Bool {
        guard start < end else { return start == end }
        let length = end - start
        guard length <= 1 << 63 else { return start == 0 }
        let width = length == 1 ? 1 : UInt64(1) << UInt64(64 - (length - 1).leadingZeroBitCount)
        return start.isMultiple(of: width)
    }

    /// Whether the path has exactly the shape of the three numbers and leads to both roots.
    package func verifies(subtree: Digest, root: Digest) -> Bool {
        guard Self.isSubtree(start: start, end: end), end <= total else { return false }
        // The empty range is part of every tree; there is nothing to show.
        guard start < end else { return path.isEmpty && subtree == MerkleTree.emptyRoot }
        var first = start
        var last = end - 1
        var outer = total - 1
        if last == outer {
            while first != last { shift(&first, &last, &outer) }
        } else {
            while first != last, last & 1 == 1 { shift(&first, &last, &outer) }
        }
        var rest = path[...]
        guard let seed = first == last ? subtree : rest.popFirst() else { return false }
        var inner = seed
        var whole = seed
        for node in rest {
            guard outer != 0 else { return false }
            if last & 1 == 1 || last == outer {
                if first < last { inner = MerkleTree.nodeHash(node, inner) }
                whole = MerkleTree.nodeHash(node, whole)
                while last & 1 == 0 { shift(&first, &last, &outer) }
            } else {
                whole = MerkleTree.nodeHash(whole, node)
            }
            shift(&first, &last, &outer)
        }
        return outer == 0 && inner == subtree && whole == root
    }

    /// Whether `path` leads from a leaf of the whole tree to the root of the subtree from `start` to `end`.
    package static func verifies(
        leaf index: UInt64, leafHash: Digest, start: UInt64, end: UInt64, path: [Digest], subtree: Digest
    ) -> Bool {
        guard isSubtree(start: start, end: end), index >= start, index < end else { return false }
        return InclusionProof(index: index - start, total: end - start, path: path)
            .verifies(leafHash: leafHash, root: subtree)
    }

    private func shift(_ first: inout UInt64, _ last: inout UInt64, _ outer: inout UInt64) {
        first >>= 1
        last >>= 1
        outer >>= 1
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(start)
        writer.write(end)
        writer.write(total)
        writer.write(list: path)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> SubtreeProof {
        SubtreeProof(
            start: try reader.readUInt64(), end: try reader.readUInt64(), total: try reader.readUInt64(),
            path: try reader.readList(limit: pathLimit))
    }
}
