package import Keys
internal import Wire

/// What libp2p sends inside the second and third handshake message: who owns the static key.
///
/// Source: libp2p Noise specification, `NoiseHandshakePayload`. Fields that are not used here are ignored.
package struct NoisePayload: Hashable, Sendable {
    /// Longest identity key and signature accepted: those of RSA with 8,192 bits have about 1,100 bytes.
    static let keyLimit = 2048
    /// Most muxers read, and their longest name.
    static let muxerLimit = 16
    static let muxerNameLimit = 128

    package var identityKey: [UInt8]
    package var signature: [UInt8]
    /// Nil when the peer sent no list.
    package var muxers: [String]?

    package init(key: SigningKey, staticKey: [UInt8], muxers: [String]?) {
        identityKey = key.publicKey.protobuf
        signature = key.signRaw(Self.signedBytes(staticKey)).bytes
        self.muxers = muxers
    }

    package init(decoding bytes: [UInt8]) throws(NoiseError) {
        var key: [UInt8]?
        var signature: [UInt8]?
        var muxers: [String] = []
        do {
            var reader = ProtobufReader(bytes, fieldLimit: 64)
            while let field = try reader.next() {
                switch field.number {
                case 1: key = try field.bytes(limit: Self.keyLimit)
                case 2: signature = try field.bytes(limit: Self.keyLimit)
                case 4:
                    var extensions = try field.message(limit: 4096)
                    while let inner = try extensions.next() {
                        guard inner.number == 2 else { continue }
                        guard muxers.count < Self.muxerLimit else { throw WireError.invalid("too many muxers") }
                        muxers.append(try inner.string(limit: Self.muxerNameLimit))
                    }
                default: break
                }
            }
        } catch { throw .malformedPayload("\(error)") }
        guard let key, let signature else { throw .malformedPayload("the identity is missing") }
        identityKey = key
        self.signature = signature
        self.muxers = muxers.isEmpty ? nil : muxers
    }

    package var encoded: [UInt8] {
        var writer = ProtobufWriter()
        writer.write(1, bytes: identityKey)
        writer.write(2, bytes: signature)
        if let muxers {
            writer.write(4) { extensions in
                for muxer in muxers { extensions.write(2, string: muxer) }
            }
        }
        return writer.bytes
    }

    /// The peer that signed `staticKey`.
    /// - Throws: ``NoiseError`` when the key is not Ed25519, or the signature is not its own.
    package func verifiedPeer(staticKey: [UInt8]) throws(NoiseError) -> PeerID {
        guard let key = PublicKey(protobuf: identityKey) else {
            throw .malformedPayload("the identity key is no Ed25519 key")
        }
        guard let signature = Signature(bytes: signature),
            key.verifiesRaw(signature, of: Self.signedBytes(staticKey))
        else { throw .wrongSignature }
        return PeerID(key)
    }

    private static func signedBytes(_ staticKey: [UInt8]) -> [UInt8] {
        Array("noise-libp2p-static-key:".utf8) + staticKey
    }
}
