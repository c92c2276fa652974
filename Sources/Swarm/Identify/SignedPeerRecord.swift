package import Keys
package import Wire

/// A peer's own list of its addresses, signed so that others can pass it on (libp2p RFC 0003).
package struct SignedPeerRecord: Sendable, Hashable {
    /// What go, js and py sign under, and the payload type they use.
    package static let domain = "libp2p-peer-record"
    package static let payloadType: [UInt8] = [0x03, 0x01]
    /// What the text of RFC 0003 says; rust still sends it.
    package static let legacyDomain = "libp2p-routing-state"
    package static let legacyPayloadType = Array("/libp2p/routing-state-record".utf8)

    /// Addresses taken from one record; the rest is ignored.
    package static let addressLimit = 32

    package let peer: PeerID
    /// Grows with each record of the peer; only the highest counts.
    package let sequence: UInt64
    package let addresses: [Multiaddress]
    /// The record as it was signed.
    package let envelope: Envelope

    /// Signs the addresses of the key's own node.
    package static func sign(_ addresses: [Multiaddress], sequence: UInt64, key: SigningKey) -> SignedPeerRecord {
        let addresses = Array(addresses.prefix(addressLimit))
        var writer = ProtobufWriter()
        writer.write(1, bytes: key.peer.bytes)
        writer.write(2, varint: sequence)
        for address in addresses {
            writer.write(3) { $0.write(1, bytes: address.withoutPeer.bytes) }
        }
        let envelope = Envelope.seal(writer.bytes, type: payloadType, domain: domain, key: key)
        return SignedPeerRecord(
            peer: key.peer, sequence: sequence, addresses: addresses.map(\.withoutPeer), envelope: envelope)
    }

    private init(peer: PeerID, sequence: UInt64, addresses: [Multiaddress], envelope: Envelope) {
        self.peer = peer
        self.sequence = sequence
        self.addresses = addresses
        self.envelope = envelope
    }

    package var bytes: [UInt8] { envelope.bytes }

    /// Reads an envelope and checks its signature, in either form, and that the signer is the peer it names.
    /// Addresses that do not parse are left out one by one.
    package init(bytes: [UInt8]) throws(WireError) {
        let envelope = try Envelope(bytes: bytes)
        let domain =
            switch envelope.payloadType {
            case Self.payloadType: Self.domain
            case Self.legacyPayloadType: Self.legacyDomain
            default: throw .invalid("the payload of the envelope is no peer record")
            }
        guard envelope.verifies(domain: domain) else { throw .invalid("the peer record's signature is wrong") }
        var reader = ProtobufReader(envelope.payload, fieldLimit: 512)
        var peer: PeerID?
        var sequence: UInt64 = 0
        var addresses: [Multiaddress] = []
        while let field = try reader.next() {
            switch field.number {
            case 1: peer = PeerID(bytes: try field.bytes(limit: PeerID.byteLimit))
            case 2: sequence = try field.varint()
            case 3:
                var inner = try field.message(limit: Envelope.byteLimit)
                while let part = try inner.next() {
                    guard part.number == 1, addresses.count < Self.addressLimit,
                        let address = try? Multiaddress(bytes: part.bytes(limit: Multiaddress.byteLimit))
                    else { continue }
                    addresses.append(address.withoutPeer)
                }
            default: break
            }
        }
        guard let peer, peer == PeerID(envelope.key) else {
            throw .invalid("the peer record is signed by another peer than it names")
        }
        self.init(peer: peer, sequence: sequence, addresses: addresses, envelope: envelope)
    }
}
