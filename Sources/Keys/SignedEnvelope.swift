package import Wire

/// A payload signed by a node for one domain (libp2p RFC 0002), e.g. a peer record.
package struct SignedEnvelope: Hashable, Sendable {
    package static let peerRecordDomain = "libp2p-peer-record"
    /// The longest envelope accepted in bytes; identify messages as a whole are smaller.
    package static let byteLimit = 65_536

    package let publicKey: PublicKey
    package let payloadType: [UInt8]
    package let payload: [UInt8]
    package let signature: Signature

    /// Signs `payload`.
    package init(payload: [UInt8], type: [UInt8], domain: String, by key: SigningKey) {
        publicKey = key.publicKey
        payloadType = type
        self.payload = payload
        signature = key.signRaw(Self.signedBytes(domain: domain, type: type, payload: payload))
    }

    /// Reads the protobuf message. The signature is not checked yet; keys other than Ed25519 are refused.
    package init(bytes: [UInt8]) throws(WireError) {
        guard bytes.count <= Self.byteLimit else {
            throw .tooLong(length: UInt64(bytes.count), limit: UInt64(Self.byteLimit))
        }
        var key: PublicKey?
        var type: [UInt8] = []
        var payload: [UInt8] = []
        var signature: Signature?
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1: key = PublicKey(protobuf: try field.bytes(limit: PublicKey.protobufLength))
            case 2: type = try field.bytes(limit: 64)
            case 3: payload = try field.bytes(limit: Self.byteLimit)
            case 5: signature = Signature(bytes: try field.bytes(limit: Signature.length))
            default: break
            }
        }
        guard let key, let signature else { throw .invalid("an envelope without an Ed25519 key and signature") }
        publicKey = key
        payloadType = type
        self.payload = payload
        self.signature = signature
    }

    /// The protobuf message.
    package var bytes: [UInt8] {
        var writer = ProtobufWriter()
        writer.write(1, bytes: publicKey.protobuf)
        writer.write(2, bytes: payloadType)
        writer.write(3, bytes: payload)
        writer.write(5, bytes: signature.bytes)
        return writer.bytes
    }

    /// Whether the key signed the payload and its type for `domain`.
    package func verifies(domain: String) -> Bool {
        publicKey.verifiesRaw(
            signature, of: Self.signedBytes(domain: domain, type: payloadType, payload: payload))
    }

    private static func signedBytes(domain: String, type: [UInt8], payload: [UInt8]) -> [UInt8] {
        var writer = ByteWriter(capacity: domain.utf8.count + type.count + payload.count + 8)
        writer.write(domain)
        writer.writePrefixed(type)
        writer.writePrefixed(payload)
        return writer.bytes
    }
}
