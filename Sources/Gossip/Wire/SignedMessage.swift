package import Keys
package import Wire

/// A published message as it travels: with author, sequence number and signature (StrictSign).
package struct SignedMessage: Sendable, Hashable {
    static let signaturePrefix = Array("libp2p-pubsub:".utf8)
    /// From, sequence number, topic, signature and the tags, at most.
    static let overhead = 512

    package var from: [UInt8]
    package var data: [UInt8]
    package var sequence: [UInt8]
    package var topic: String
    package var signature: [UInt8]
    /// Only for authors whose id does not contain their key.
    package var key: [UInt8]?

    package init(
        from: [UInt8], data: [UInt8], sequence: [UInt8], topic: String, signature: [UInt8] = [], key: [UInt8]? = nil
    ) {
        self.from = from
        self.data = data
        self.sequence = sequence
        self.topic = topic
        self.signature = signature
        self.key = key
    }

    /// Signs a message of the key's own peer.
    package static func sign(_ data: [UInt8], topic: String, sequence: UInt64, key: SigningKey) -> SignedMessage {
        var writer = ByteWriter(capacity: 8)
        writer.write(sequence)
        var message = SignedMessage(from: key.peer.bytes, data: data, sequence: writer.bytes, topic: topic)
        message.signature = key.signRaw(message.signedBytes).bytes
        return message
    }

    package var id: [UInt8] { from + sequence }

    /// Whether author, sequence number and signature are there and right. Only Ed25519 authors can be checked.
    package var isAuthentic: Bool {
        guard sequence.count == 8, let author = PeerID(bytes: from), let publicKey = author.publicKey,
            let signature = Signature(bytes: signature)
        else { return false }
        if let key, key != publicKey.protobuf { return false }
        return publicKey.verifiesRaw(signature, of: signedBytes)
    }

    package var sequenceNumber: UInt64 { sequence.prefix(8).reduce(0) { $0 << 8 | UInt64($1) } }

    /// The prefix and the message without `signature` and `key`.
    package var signedBytes: [UInt8] {
        var writer = ProtobufWriter()
        writeUnsigned(into: &writer)
        return Self.signaturePrefix + writer.bytes
    }

    /// Not less than `bytes.count`.
    var sizeBound: Int {
        from.count + data.count + sequence.count + topic.utf8.count + signature.count + (key?.count ?? 0) + 36
    }

    package var bytes: [UInt8] {
        var writer = ProtobufWriter()
        writeUnsigned(into: &writer)
        if !signature.isEmpty { writer.write(5, bytes: signature) }
        if let key { writer.write(6, bytes: key) }
        return writer.bytes
    }

    private func writeUnsigned(into writer: inout ProtobufWriter) {
        if !from.isEmpty { writer.write(1, bytes: from) }
        if !data.isEmpty { writer.write(2, bytes: data) }
        if !sequence.isEmpty { writer.write(3, bytes: sequence) }
        writer.write(4, string: topic)
    }

    package init(bytes: [UInt8]) throws(WireError) {
        try self.init(reader: ProtobufReader(bytes, fieldLimit: 32), limit: bytes.count)
    }

    init(reader fields: ProtobufReader, limit: Int) throws(WireError) {
        var reader = fields
        self.init(from: [], data: [], sequence: [], topic: "")
        var hasTopic = false
        while let field = try reader.next() {
            switch field.number {
            case 1: from = try field.bytes(limit: PeerID.byteLimit)
            case 2: data = try field.bytes(limit: limit)
            case 3: sequence = try field.bytes(limit: 64)
            case 4:
                guard !hasTopic else { throw .invalid("a message on two topics") }
                topic = try field.string(limit: 1024)
                hasTopic = true
            case 5: signature = try field.bytes(limit: 1024)
            case 6: key = try field.bytes(limit: 4096)
            default: break
            }
        }
        guard hasTopic else { throw .invalid("a message without a topic") }
    }
}
