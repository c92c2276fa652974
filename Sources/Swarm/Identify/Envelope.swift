package import Keys
package import Wire

/// A payload with a signature that holds only in its domain (libp2p RFC 0002).
package struct Envelope: Sendable, Hashable {
    /// A payload with a peer record of 32 addresses has some 5 KiB.
    package static let byteLimit = 16_384

    package let key: PublicKey
    package let payloadType: [UInt8]
    package let payload: [UInt8]
    package let signature: Signature

    package static func seal(
        _ payload: [UInt8], type: [UInt8], domain: String, key: SigningKey
    ) -> Envelope {
        let bytes = signedBytes(payload, type: type, domain: domain)
        return Envelope(key: key.publicKey, payloadType: type, payload: payload, signature: key.signRaw(bytes))
    }

    package init(key: PublicKey, payloadType: [UInt8], payload: [UInt8], signature: Signature) {
        self.key = key
        self.payloadType = payloadType
        self.payload = payload
        self.signature = signature
    }

    package func verifies(domain: String) -> Bool {
        key.verifiesRaw(signature, of: Self.signedBytes(payload, type: payloadType, domain: domain))
    }

    /// The bytes that are signed: domain, type and payload, each with its length.
    package static func signedBytes(_ payload: [UInt8], type: [UInt8], domain: String) -> [UInt8] {
        var writer = ByteWriter(capacity: payload.count + 32)
        writer.writePrefixed(Array(domain.utf8))
        writer.writePrefixed(type)
        writer.writePrefixed(payload)
        return writer.bytes
    }

    package var bytes: [UInt8] {
        var writer = ProtobufWriter()
        writer.write(1, bytes: key.protobuf)
        writer.write(2, bytes: payloadType)
        writer.write(3, bytes: payload)
        writer.write(5, bytes: signature.bytes)
        return writer.bytes
    }

    /// - Throws: ``WireError``; keys other than Ed25519 are refused.
    package init(bytes: [UInt8]) throws(WireError) {
        guard bytes.count <= Self.byteLimit else {
            throw .tooLong(length: UInt64(bytes.count), limit: UInt64(Self.byteLimit))
        }
        var reader = ProtobufReader(bytes, fieldLimit: 16)
        var key: PublicKey?
        var signature: Signature?
        var type: [UInt8] = []
        var payload: [UInt8] = []
        while let field = try reader.next() {
            switch field.number {
            case 1: key = PublicKey(protobuf: try field.bytes(limit: 64))
            case 2: type = try field.bytes(limit: 64)
            case 3: payload = try field.bytes(limit: Self.byteLimit)
            case 5: signature = Signature(bytes: try field.bytes(limit: 128))
            default: break
            }
        }
        guard let key else { throw .invalid("an envelope without an Ed25519 key") }
        guard let signature else { throw .invalid("an envelope without a signature of 64 bytes") }
        self.init(key: key, payloadType: type, payload: payload, signature: signature)
    }
}
