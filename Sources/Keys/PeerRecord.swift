package import Wire

/// The addresses a peer says it has, in its own words and signed by it (libp2p RFC 0003).
package struct PeerRecord: Hashable, Sendable {
    /// The type bytes that go, js and python nodes use; the RFC's own text form is accepted too.
    package static let payloadType: [UInt8] = [0x03, 0x01]
    /// The most addresses kept of one record.
    package static let addressLimit = 64

    package let peer: PeerID
    /// Of two records of one peer the one with the higher number counts. Not a time for the reader.
    package let sequence: UInt64
    package let addresses: [Multiaddress]

    package init(peer: PeerID, sequence: UInt64, addresses: [Multiaddress]) {
        self.peer = peer
        self.sequence = sequence
        self.addresses = addresses
    }

    /// Checks the signature and that the signer is the peer that the record is about. Addresses that cannot be read, and
    /// those beyond the limit, are left out.
    /// - Throws: ``WireError`` when the record is not the peer's own.
    package init(envelope: SignedEnvelope) throws(WireError) {
        switch envelope.payloadType {
        case Self.payloadType:
            guard envelope.verifies(domain: SignedEnvelope.peerRecordDomain) else { throw .invalid("a forged record") }
        case Array("/libp2p/routing-state-record".utf8):
            guard envelope.verifies(domain: "libp2p-routing-state") else { throw .invalid("a forged record") }
        default: throw .invalid("an envelope that holds no peer record")
        }
        try self.init(payload: envelope.payload, signer: envelope.publicKey)
    }

    /// Reads a record whose signature by `signer` was checked.
    package init(payload: [UInt8], signer: PublicKey) throws(WireError) {
        var peer: PeerID?
        var sequence: UInt64 = 0
        var addresses: [Multiaddress] = []
        var reader = ProtobufReader(payload)
        while let field = try reader.next() {
            switch field.number {
            case 1: peer = PeerID(bytes: try field.bytes(limit: PeerID.byteLimit))
            case 2: sequence = try field.varint()
            case 3:
                guard addresses.count < Self.addressLimit else { continue }
                var inner = try field.message(limit: 2 * Multiaddress.byteLimit)
                while let part = try inner.next() {
                    guard part.number == 1 else { continue }
                    let bytes = try part.bytes(limit: 2 * Multiaddress.byteLimit)
                    if let address = try? Multiaddress(bytes: bytes) { addresses.append(address) }
                }
            default: break
            }
        }
        guard peer == PeerID(signer) else { throw .invalid("a record about another peer than its signer") }
        self.init(peer: PeerID(signer), sequence: sequence, addresses: addresses)
    }

    /// The record signed by the peer's own key.
    package func sealed(by key: SigningKey) -> SignedEnvelope {
        var writer = ProtobufWriter()
        writer.write(1, bytes: peer.bytes)
        writer.write(2, varint: sequence)
        for address in addresses { writer.write(3, message: { $0.write(1, bytes: address.bytes) }) }
        return SignedEnvelope(
            payload: writer.bytes, type: Self.payloadType, domain: SignedEnvelope.peerRecordDomain, by: key)
    }
}
