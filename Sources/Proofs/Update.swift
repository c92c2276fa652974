package import Keys
package import Wire

/// What a worker publishes beside its receipt: the digests of its checkpoints, and the change it made.
///
/// The receipt's `output` is the digest of these bytes, its `checkpoints` the RFC 6962 root over ``leaves``, so that whoever
/// holds an update that matches a receipt holds the whole commitment.
package struct Update: Hashable, Sendable, Canonical {
    /// 1,024 segments, as many as a verdict may list.
    package static let leafLimit = 1025

    /// The digests of ``Checkpoint`` 0…S.
    package let leaves: [Digest]
    package let delta: QuantisedDelta

    package init(leaves: [Digest], delta: QuantisedDelta) {
        self.leaves = leaves
        self.delta = delta
    }

    /// The RFC 6962 root over the bytes of ``leaves``.
    package var root: Digest { MerkleTree.root(of: leaves.map(\.bytes)) }

    package func encode(into writer: inout ByteWriter) {
        writer.write(list: leaves)
        writer.write(delta)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> Update {
        Update(leaves: try reader.readList(limit: leafLimit), delta: try reader.read())
    }
}
