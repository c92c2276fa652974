package import Keys
package import Wire

/// Shows, against a root alone, what value a path has or that it has none.
package struct StateProof: Hashable, Sendable, Canonical {
    /// What stands where the path ends.
    package enum Terminal: Hashable, Sendable {
        /// The value of the path.
        case value([UInt8])
        /// The leaf of another path: the one asked for is absent.
        case other(path: Digest, valueDigest: Digest)
        /// Nothing.
        case empty
    }

    /// Longest value that a proof carries, in bytes: no record is longer.
    package static let valueLimit = 1 << 20

    package let terminal: Terminal
    /// The digests beside the way, from the top down; zero for an empty subtree.
    package let siblings: [Digest]

    package enum Failure: Error, Hashable, Sendable { case wrongRoot, wrongPath }

    /// - Returns: the value of `key`, or nil when it is shown to have none.
    /// - Throws: ``Failure`` when the proof shows nothing about `key` under `root`.
    package func verify(_ key: StateKey, root: Digest) throws(Failure) -> [UInt8]? {
        let path = key.path
        var digest: Digest
        var found: [UInt8]?
        switch terminal {
        case .value(let value):
            digest = StateTree.leafDigest(path: path, valueDigest: Digest(sha256: value))
            found = value
        case .other(let other, let valueDigest):
            guard other != path, (0..<siblings.count).allSatisfy({ other.bit($0) == path.bit($0) }) else {
                throw .wrongPath
            }
            digest = StateTree.leafDigest(path: other, valueDigest: valueDigest)
        case .empty: digest = .zero
        }
        for (depth, sibling) in siblings.enumerated().reversed() {
            digest =
                path.bit(depth)
                ? StateTree.innerDigest(left: sibling, right: digest)
                : StateTree.innerDigest(left: digest, right: sibling)
        }
        guard digest == root else { throw .wrongRoot }
        return found
    }

    package func encode(into writer: inout ByteWriter) {
        switch terminal {
        case .value(let value):
            writer.write(UInt8(0))
            writer.writePrefixed(value)
        case .other(let path, let valueDigest):
            writer.write(UInt8(1))
            writer.write(path)
            writer.write(valueDigest)
        case .empty: writer.write(UInt8(2))
        }
        writer.write(UInt16(siblings.count))
        for start in stride(from: 0, to: siblings.count, by: 8) {
            var byte: UInt8 = 0
            for index in start..<min(start + 8, siblings.count) where siblings[index] != .zero {
                byte |= 0x80 >> UInt8(index - start)
            }
            writer.write(byte)
        }
        for sibling in siblings where sibling != .zero { writer.write(sibling) }
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> StateProof {
        let terminal: Terminal
        switch try reader.readUInt8() {
        case 0: terminal = .value(try reader.readPrefixed(limit: valueLimit))
        case 1: terminal = .other(path: try reader.read(), valueDigest: try reader.read())
        case 2: terminal = .empty
        case let tag: throw .unknownTag(UInt64(tag), of: "StateProof")
        }
        let count = Int(try reader.readUInt16())
        guard count <= 256 else { throw .tooLong(length: UInt64(count), limit: 256) }
        let bitmap = try reader.readRaw((count + 7) / 8)
        if count % 8 != 0, let last = bitmap.last, last << UInt8(count % 8) != 0 {
            throw .invalid("bits behind the bitmap")
        }
        var siblings: [Digest] = []
        for index in 0..<count {
            guard bitmap[index / 8] & (0x80 >> UInt8(index % 8)) != 0 else {
                siblings.append(.zero)
                continue
            }
            let sibling = try reader.read(Digest.self)
            guard sibling != .zero else { throw .invalid("an empty sibling that is marked as full") }
            siblings.append(sibling)
        }
        return StateProof(terminal: terminal, siblings: siblings)
    }
}

extension StateTree {
    /// The proof of a path's value or absence.
    package func prove(_ path: Digest) -> StateProof {
        var siblings: [Digest] = []
        var node = top
        while case .inner(let inner) = node {
            let goesRight = path.bit(siblings.count)
            siblings.append((goesRight ? inner.left : inner.right)?.digest ?? .zero)
            node = goesRight ? inner.right : inner.left
        }
        guard case .leaf(let leaf) = node else { return StateProof(terminal: .empty, siblings: siblings) }
        let terminal: StateProof.Terminal =
            leaf.path == path ? .value(leaf.value) : .other(path: leaf.path, valueDigest: Digest(sha256: leaf.value))
        return StateProof(terminal: terminal, siblings: siblings)
    }
}
