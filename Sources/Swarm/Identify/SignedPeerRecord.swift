package import Keys
package import Wire

/// A peer's list of its own addresses together with the envelope that proves it and can be passed on.
package struct SignedPeerRecord: Sendable, Hashable {
    /// Largest envelope taken: 64 addresses of usual length have some 4 KiB.
    package static let byteLimit = 16_384
    /// Addresses put into an own record.
    package static let addressLimit = 32

    package let record: PeerRecord
    package let envelope: SignedEnvelope

    /// Signs the addresses of the key's own node, without its id at their end.
    package init(_ addresses: [Multiaddress], sequence: UInt64, by key: SigningKey) {
        let plain = addresses.prefix(Self.addressLimit).map(\.withoutPeer)
        record = PeerRecord(peer: key.peer, sequence: sequence, addresses: plain)
        envelope = record.sealed(by: key)
    }

    /// Reads an envelope, in either form in use, and checks that the peer it names has signed it.
    package init(bytes: [UInt8]) throws(WireError) {
        guard bytes.count <= Self.byteLimit else {
            throw .tooLong(length: UInt64(bytes.count), limit: UInt64(Self.byteLimit))
        }
        envelope = try SignedEnvelope(bytes: bytes)
        record = try PeerRecord(envelope: envelope)
    }

    package var bytes: [UInt8] { envelope.bytes }
    package var peer: PeerID { record.peer }
    package var sequence: UInt64 { record.sequence }
    /// Without the peer's id, which some implementations put at their end.
    package var addresses: [Multiaddress] { record.addresses.map(\.withoutPeer) }
}
