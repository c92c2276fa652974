internal import Keys
package import Wire

/// `/banyan/peers/1.0.0`: the asker opens a stream, and is told who is connected, by records those peers have signed.
///
/// A node that joined through one peer so learns the others, and the network outlives any one of them.
package struct PeerExchange: Sendable, Hashable {
    package static let protocolID = "/banyan/peers/1.0.0"
    package static let recordLimit = 32
    package static let byteLimit = 65_536

    package let records: [SignedPeerRecord]

    package init(records: [SignedPeerRecord]) { self.records = Array(records.prefix(Self.recordLimit)) }

    package var bytes: [UInt8] {
        var writer = ByteWriter()
        let encoded = records.map(\.bytes)
        writer.writeVarint(UInt64(encoded.count))
        for record in encoded { writer.writePrefixed(record) }
        return writer.bytes
    }

    /// Checks every signature; one wrong record spoils the message, since its sender should have checked it.
    package init(bytes: [UInt8]) throws(WireError) {
        var reader = ByteReader(bytes)
        let count = try reader.readVarint()
        guard count <= UInt64(Self.recordLimit) else {
            throw .tooLong(length: count, limit: UInt64(Self.recordLimit))
        }
        var records: [SignedPeerRecord] = []
        for _ in 0..<count {
            records.append(try SignedPeerRecord(bytes: reader.readPrefixed(limit: SignedPeerRecord.byteLimit)))
        }
        try reader.finish()
        self.records = records
    }
}
