/// A Merkle tree over a list of leaves (RFC 6962, section 2.1).
///
/// A leaf is hashed as `SHA-256(0x00 ‖ leaf)`, a node as `SHA-256(0x01 ‖ left ‖ right)`; the left subtree has the largest
/// power of two of leaves that is below the count. The root of no leaves is `SHA-256("")`.
package struct MerkleTree: Sendable {
    package typealias InclusionProof = Keys.InclusionProof
    package typealias ConsistencyProof = Keys.ConsistencyProof

    /// `levels[0]` are the leaf hashes; each further level pairs the one below and carries a last odd node up unchanged.
    private let levels: [[Digest]]

    package init(leaves: [[UInt8]]) { self.init(leafHashes: leaves.map(Self.leafHash)) }

    package init(leafHashes: [Digest]) {
        var levels = [leafHashes]
        var batch = SHA256Batch(length: 65)
        var level = leafHashes
        while level.count > 1 {
            Self.pair(&level, in: &batch)
            levels.append(level)
        }
        self.levels = levels
    }

    package var count: Int { levels[0].count }
    package var root: Digest { levels[levels.count - 1].first ?? Self.emptyRoot }

    package static func root(ofLeafHashes hashes: [Digest]) -> Digest {
        var level = hashes
        var batch = SHA256Batch(length: 65)
        while level.count > 1 { pair(&level, in: &batch) }
        return level.first ?? emptyRoot
    }

    package static func root(of leaves: [[UInt8]]) -> Digest { root(ofLeafHashes: leaves.map(leafHash)) }

    /// Proves that the leaf at `index` is part of this tree.
    /// - Precondition: `index` is the index of a leaf.
    package func proof(for index: Int) -> InclusionProof {
        precondition(index >= 0 && index < count, "leaf \(index) of a tree of \(count) leaves")
        var path: [Digest] = []
        var position = index
        for level in levels.dropLast() {
            let sibling = position ^ 1
            if sibling < level.count { path.append(level[sibling]) }
            position >>= 1
        }
        return InclusionProof(index: UInt64(index), total: UInt64(count), path: path)
    }

    /// Proves that the tree of the first `size` leaves is a prefix of this one.
    /// - Precondition: `size` is at least 1 and at most the count.
    package func consistencyProof(from size: Int) -> ConsistencyProof {
        precondition(size >= 1 && size <= count, "a prefix of \(size) leaves of a tree of \(count)")
        return ConsistencyProof(
            from: UInt64(size), to: UInt64(count), path: path(to: 0..<size, in: 0..<count, isWhole: true))
    }

    /// Proves that the leaves of `range` form a subtree of this tree.
    /// - Precondition: `range` is not empty, within the leaves, and a subtree (``SubtreeProof/isSubtree(start:end:)``).
    package func subtreeProof(for range: Range<Int>) -> SubtreeProof {
        let (start, end) = (UInt64(range.lowerBound), UInt64(range.upperBound))
        precondition(
            !range.isEmpty && range.upperBound <= count && SubtreeProof.isSubtree(start: start, end: end),
            "\(range) is no subtree of a tree of \(count) leaves")
        return SubtreeProof(
            start: start, end: end, total: UInt64(count), path: path(to: range, in: 0..<count, isWhole: true))
    }

    /// Proves that the leaves of `range` are where they are.
    /// - Precondition: `range` is not empty and within the leaves.
    package func rangeProof(for range: Range<Int>) -> RangeProof {
        precondition(
            !range.isEmpty && range.lowerBound >= 0 && range.upperBound <= count, "\(range) of \(count) leaves")
        var path: [Digest] = []
        collect(outside: range, in: 0..<count, into: &path)
        return RangeProof(
            start: UInt32(range.lowerBound), end: UInt32(range.upperBound), total: UInt32(count), path: path)
    }

    private func collect(outside range: Range<Int>, in outer: Range<Int>, into path: inout [Digest]) {
        if outer.upperBound <= range.lowerBound || outer.lowerBound >= range.upperBound {
            path.append(root(of: outer))
        } else if outer.count > 1 {
            let middle = outer.lowerBound + Self.split(outer.count)
            collect(outside: range, in: outer.lowerBound..<middle, into: &path)
            collect(outside: range, in: middle..<outer.upperBound, into: &path)
        }
    }

    package static let emptyRoot = Digest(sha256: [])
    package static func leafHash(_ leaf: [UInt8]) -> Digest {
        var hasher = SHA256()
        hasher.update(0x00 as UInt8)
        hasher.update(leaf)
        return hasher.finish()
    }

    package static func nodeHash(_ left: Digest, _ right: Digest) -> Digest {
        var hasher = SHA256()
        hasher.update(0x01 as UInt8)
        hasher.update(left)
        hasher.update(right)
        return hasher.finish()
    }

    /// Puts the level above in the place of one.
    private static func pair(_ level: inout [Digest], in batch: inout SHA256Batch) {
        let pairs = level.count / 2
        for start in stride(from: 0, to: pairs, by: batch.capacity) {
            let count = min(batch.capacity, pairs - start)
            for node in 0..<count {
                unsafe batch.withMessage(node) { unsafe write(level, from: 2 * (start + node), to: $0) }
            }
            batch.digests(count) { level[start + $0] = $1 }
        }
        if level.count % 2 == 1 { level[pairs] = level[level.count - 1] }
        level.removeLast(level.count / 2)
    }

    /// Node: `0x01 ‖ left ‖ right`.
    private static func write(_ hashes: [Digest], from index: Int, to message: UnsafeMutableRawBufferPointer) {
        unsafe message[0] = 0x01
        unsafe hashes[index].value.withBytes { unsafe message[1..<33].copyBytes(from: $0) }
        unsafe hashes[index + 1].value.withBytes { unsafe message[33..<65].copyBytes(from: $0) }
    }

    /// The hashes that lead from the leaves of `inner` to the root over those of `outer`; SUBPROOF of RFC 6962, section 2.1.2,
    /// for a range that need not begin at 0.
    private func path(to inner: Range<Int>, in outer: Range<Int>, isWhole: Bool) -> [Digest] {
        if inner == outer { return isWhole ? [] : [root(of: outer)] }
        let middle = outer.lowerBound + Self.split(outer.count)
        let left = outer.lowerBound..<middle
        let right = middle..<outer.upperBound
        if inner.upperBound <= middle { return path(to: inner, in: left, isWhole: isWhole) + [root(of: right)] }
        if inner.lowerBound >= middle { return path(to: inner, in: right, isWhole: isWhole) + [root(of: left)] }
        return path(to: middle..<inner.upperBound, in: right, isWhole: false) + [root(of: left)]
    }

    /// The hash of the node over the leaves of a range that is a subtree of this tree's shape.
    package func root(of range: Range<Int>) -> Digest {
        Self.root(ofLeafHashes: Array(levels[0][range]))
    }

    /// Leaves of the left subtree: the largest power of two below `count`, which is at least 2.
    package static func split(_ count: Int) -> Int { 1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount) }
}
