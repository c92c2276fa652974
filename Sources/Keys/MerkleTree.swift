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
        Self.climb(leafHashes, each: leafHashes.count) { levels.append($0) }
        self.levels = levels
    }

    package var count: Int { levels[0].count }
    package var root: Digest { levels[levels.count - 1].first ?? Self.emptyRoot }

    package static func root(ofLeafHashes hashes: [Digest]) -> Digest {
        hashes.isEmpty ? emptyRoot : roots(ofLeafHashes: hashes, each: hashes.count)[0]
    }

    /// The roots of several trees of one size, whose nodes are hashed together.
    /// - Parameters:
    ///   - hashes: of the leaves, tree by tree.
    ///   - count: leaves of a tree, at least one.
    package static func roots(ofLeafHashes hashes: [Digest], each count: Int) -> [Digest] {
        precondition(count > 0 && hashes.count % count == 0, "\(hashes.count) leaves are not trees of \(count)")
        var level = hashes
        climb(hashes, each: count) { level = $0 }
        return level
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

    /// Calls `found` with each level above the leaves.
    /// - Parameters:
    ///   - leaves: of one tree after the other.
    ///   - count: those of one of them.
    private static func climb(_ leaves: [Digest], each count: Int, _ found: ([Digest]) -> Void) {
        guard count > 1, !leaves.isEmpty else { return }
        var batch = SHA256Batch(length: 65, capacity: min(leaves.count / 2, SHA256Batch.limit))
        var (level, width) = (leaves, count)
        while width > 1 {
            level = above(level, each: width, in: &batch)
            width = (width + 1) / 2
            found(level)
        }
    }

    /// The level above one: `count` hashes of one tree after the other. A last odd one goes up as it is.
    private static func above(_ level: [Digest], each count: Int, in batch: inout SHA256Batch) -> [Digest] {
        let (trees, pairs, width) = (level.count / count, count / 2, (count + 1) / 2)
        var above = [Digest](repeating: .zero, count: trees * width)
        for start in stride(from: 0, to: trees * pairs, by: batch.capacity) {
            let some = min(batch.capacity, trees * pairs - start)
            for node in 0..<some {
                let (tree, pair) = (start + node).quotientAndRemainder(dividingBy: pairs)
                unsafe batch.withMessage(node) { unsafe write(level, from: tree * count + 2 * pair, to: $0) }
            }
            batch.digests(some) { node, digest in
                let (tree, pair) = (start + node).quotientAndRemainder(dividingBy: pairs)
                above[tree * width + pair] = digest
            }
        }
        if count % 2 == 1 {
            for tree in 0..<trees { above[tree * width + pairs] = level[tree * count + count - 1] }
        }
        return above
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
