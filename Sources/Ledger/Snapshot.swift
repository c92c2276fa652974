internal import Keys
package import Wire

extension State {
    /// Everything, by ascending path: the same state gives the same bytes, and the bytes the same root.
    package var snapshot: [UInt8] {
        var count: UInt64 = 0
        tree.forEach { _, _ in count += 1 }
        var writer = ByteWriter()
        writer.write(chain)
        writer.write(count)
        tree.forEach { path, value in
            writer.write(path)
            writer.writePrefixed(value)
        }
        return writer.bytes
    }

    /// - Throws: ``WireError`` when the bytes are no snapshot. The caller compares ``root`` with the one it trusts.
    package init(snapshot: [UInt8]) throws(WireError) {
        var reader = ByteReader(snapshot)
        let chain = try reader.read(Digest.self)
        let count = try reader.readUInt64()
        var changes: [StateTree.Change] = []
        for _ in 0..<count {
            let path = try reader.read(Digest.self)
            if let last = changes.last, !(last.path < path) { throw .invalid("paths are not in ascending order") }
            changes.append(StateTree.Change(path: path, value: try reader.readPrefixed(limit: StateProof.valueLimit)))
        }
        try reader.finish()
        self.init(tree: StateTree().applying(changes), chain: chain)
    }
}
