package import Keys

/// A walk from the root of a committed tree to one leaf: one side shows the two children of a node, the other says under which one
/// its own tree differs.
///
/// The children must hash to their parent, so whoever shows them can show nothing but what it committed to. A tree of n leaves
/// is at most ⌈log₂ n⌉ levels deep.
package struct MerkleDescent: Hashable, Sendable {
    /// Leaves under ``node``.
    package private(set) var range: Range<Int>
    /// The hash that was committed to for them.
    package private(set) var node: Digest
    /// The children of the node, once they were shown.
    package private(set) var halves: Halves?

    package struct Halves: Hashable, Sendable {
        package let left: Digest
        package let right: Digest

        package init(left: Digest, right: Digest) {
            self.left = left
            self.right = right
        }
    }

    /// - Precondition: `leaves` is at least 1.
    package init(root: Digest, leaves: Int) {
        precondition(leaves > 0, "a tree without leaves")
        range = 0..<leaves
        node = root
    }

    /// A walk that has come so far.
    init(range: Range<Int>, node: Digest, halves: Halves?) {
        self.range = range
        self.node = node
        self.halves = halves
    }

    package var isAtLeaf: Bool { range.count == 1 }
    /// Leaves under the left child; the node has two when it is not a leaf.
    package var leftRange: Range<Int> { range.lowerBound..<range.lowerBound + MerkleTree.split(range.count) }
    package var rightRange: Range<Int> { leftRange.upperBound..<range.upperBound }

    /// - Returns: false when these are not the children of the node.
    package mutating func show(_ shown: Halves) -> Bool {
        guard !isAtLeaf, halves == nil, MerkleTree.nodeHash(shown.left, shown.right) == node else { return false }
        halves = shown
        return true
    }

    /// Goes to a child that was shown.
    /// - Returns: false when none was.
    package mutating func descend(right: Bool) -> Bool {
        guard let halves else { return false }
        (range, node) = right ? (rightRange, halves.right) : (leftRange, halves.left)
        self.halves = nil
        return true
    }
}
