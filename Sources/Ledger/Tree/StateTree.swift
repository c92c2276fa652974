package import Keys
internal import Wire

/// An authenticated map from paths to values: a compact sparse Merkle tree (design: a jellyfish tree of radix 2).
///
/// - leaf: SHA-256(0x00 ‖ path ‖ SHA-256(value)); inner node: SHA-256(0x01 ‖ left ‖ right); empty subtree: 32 zero bytes.
/// - A subtree with one leaf is that leaf, at any depth, so the root depends on the content alone and not on its history.
/// - Nodes never change: a copy costs nothing, an update of k keys makes new nodes on k paths.
package struct StateTree: Sendable {
    indirect enum Node: Sendable {
        case leaf(Leaf)
        case inner(Inner)

        var digest: Digest {
            switch self {
            case .leaf(let leaf): leaf.digest
            case .inner(let inner): inner.digest
            }
        }
    }

    final class Leaf: Sendable {
        let path: Digest
        let value: [UInt8]
        let digest: Digest

        init(path: Digest, value: [UInt8]) {
            self.path = path
            self.value = value
            digest = StateTree.leafDigest(path: path, valueDigest: Digest(sha256: value))
        }
    }

    final class Inner: Sendable {
        let left: Node?
        let right: Node?
        let digest: Digest

        init(left: Node?, right: Node?) {
            self.left = left
            self.right = right
            digest = StateTree.innerDigest(left: left?.digest ?? .zero, right: right?.digest ?? .zero)
        }
    }

    /// A new value for a path; nil removes it.
    package struct Change: Sendable {
        let path: Digest
        let value: [UInt8]?

        package init(path: Digest, value: [UInt8]?) {
            self.path = path
            self.value = value
        }
    }

    let top: Node?

    package init() { top = nil }
    private init(top: Node?) { self.top = top }

    /// 32 zero bytes when there is no leaf.
    package var root: Digest { top?.digest ?? .zero }

    package subscript(_ path: Digest) -> [UInt8]? {
        var node = top
        var depth = 0
        while case .inner(let inner) = node {
            node = path.bit(depth) ? inner.right : inner.left
            depth += 1
        }
        guard case .leaf(let leaf) = node, leaf.path == path else { return nil }
        return leaf.value
    }

    /// The tree after `changes`, one for each path at most.
    package func applying(_ changes: [Change]) -> StateTree {
        let sorted = changes.sorted { $0.path < $1.path }
        return StateTree(top: Self.update(top, at: 0, with: sorted[...]))
    }

    private static func update(_ node: Node?, at depth: Int, with changes: ArraySlice<Change>) -> Node? {
        guard !changes.isEmpty else { return node }
        switch node {
        case nil: return build(changes.filter { $0.value != nil }[...], at: depth)
        case .leaf(let leaf):
            var kept = changes.filter { $0.value != nil }
            if !changes.contains(where: { $0.path == leaf.path }) {
                let place = kept.firstIndex { leaf.path < $0.path } ?? kept.endIndex
                kept.insert(Change(path: leaf.path, value: leaf.value), at: place)
            }
            return build(kept[...], at: depth)
        case .inner(let inner):
            let split = changes.firstIndex { $0.path.bit(depth) } ?? changes.endIndex
            let left = update(inner.left, at: depth + 1, with: changes[..<split])
            let right = update(inner.right, at: depth + 1, with: changes[split...])
            return join(left, right)
        }
    }

    /// A tree of the changes, sorted by path, all with a value and the same first `depth` bits.
    private static func build(_ changes: ArraySlice<Change>, at depth: Int) -> Node? {
        guard let first = changes.first, let value = first.value else { return nil }
        if changes.count == 1 { return .leaf(Leaf(path: first.path, value: value)) }
        let split = changes.firstIndex { $0.path.bit(depth) } ?? changes.endIndex
        return join(build(changes[..<split], at: depth + 1), build(changes[split...], at: depth + 1))
    }

    /// The one form of two subtrees: a leaf alone moves up.
    private static func join(_ left: Node?, _ right: Node?) -> Node? {
        switch (left, right) {
        case (nil, nil): nil
        case (.leaf, nil): left
        case (nil, .leaf): right
        default: .inner(Inner(left: left, right: right))
        }
    }

    /// Every path and value, in the order of the paths.
    package func forEach(_ body: (_ path: Digest, _ value: [UInt8]) -> Void) {
        var stack = top.map { [$0] } ?? []
        while let node = stack.popLast() {
            switch node {
            case .leaf(let leaf): body(leaf.path, leaf.value)
            case .inner(let inner):
                if let right = inner.right { stack.append(right) }
                if let left = inner.left { stack.append(left) }
            }
        }
    }

    static func leafDigest(path: Digest, valueDigest: Digest) -> Digest {
        var writer = ByteWriter(capacity: 65)
        writer.write(UInt8(0))
        writer.write(path)
        writer.write(valueDigest)
        return Digest(sha256: writer.bytes)
    }

    static func innerDigest(left: Digest, right: Digest) -> Digest {
        var writer = ByteWriter(capacity: 65)
        writer.write(UInt8(1))
        writer.write(left)
        writer.write(right)
        return Digest(sha256: writer.bytes)
    }
}
