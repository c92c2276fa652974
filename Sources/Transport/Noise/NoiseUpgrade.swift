package import Keys

/// Turns a plain stream of bytes into an authenticated, encrypted one: the libp2p handshake `/noise`, framed.
///
/// Source: libp2p Noise specification; libp2p "inlined muxer negotiation".
package struct NoiseUpgrade: Sendable {
    package static let protocolID = "/noise"

    /// The outcome of a finished handshake.
    package struct Result: Sendable {
        package let peer: PeerID
        /// The muxer both lists agree on; nil when one side sent no list, and then it is negotiated inside.
        package let muxer: String?
        package let send: CipherState
        package let receive: CipherState
    }

    /// Longest handshake message accepted: those of Ed25519 nodes have 216 bytes, with room for other keys and extensions.
    static let messageLimit = 8192

    private let key: SigningKey
    private let identity: X25519
    private let role: NoiseHandshake.Role
    private let expected: PeerID?
    private let muxers: [String]?
    private var handshake: NoiseHandshake
    private var inbox: [UInt8] = []
    private var peer: PeerID?
    private var remoteMuxers: [String]?
    private(set) package var result: Result?

    /// - Parameters:
    ///   - expected: the peer that a dialler wants; the handshake fails before our identity is sent to another one.
    ///   - muxers: our list of muxers, in order of preference; nil leaves the list out.
    package init(key: SigningKey, role: NoiseHandshake.Role, expected: PeerID?, muxers: [String]?) {
        self.key = key
        self.role = role
        self.expected = expected
        self.muxers = muxers
        identity = .generate()
        handshake = NoiseHandshake(role: role, static: identity)
    }

    /// The first bytes to send; none for the responder.
    package mutating func start() throws(NoiseError) -> [UInt8] {
        role == .initiator ? try frame(handshake.write([])) : []
    }

    /// Reads bytes of the other side.
    /// - Returns: bytes to send.
    /// - Throws: ``NoiseError``; the connection is then to be closed.
    package mutating func receive(_ bytes: [UInt8]) throws(NoiseError) -> [UInt8] {
        inbox += bytes
        var reply: [UInt8] = []
        while result == nil, inbox.count >= 2 {
            let length = Int(inbox[0]) << 8 | Int(inbox[1])
            guard length > 0, length <= Self.messageLimit else { throw .wrongLength(length) }
            guard inbox.count >= 2 + length else { break }
            let message = Array(inbox[2..<2 + length])
            inbox.removeFirst(2 + length)
            reply += try step(message)
        }
        return reply
    }

    /// Takes the bytes behind the handshake; they are frames of the channel.
    package mutating func takeLeftover() -> [UInt8] {
        defer { inbox = [] }
        return inbox
    }

    private mutating func step(_ message: [UInt8]) throws(NoiseError) -> [UInt8] {
        let payload = try handshake.read(message)
        switch handshake.messages {
        case 1:
            guard payload.isEmpty else { throw .malformedPayload("the first message has a payload") }
            return try frame(handshake.write(ownPayload))
        case 2:
            try identify(payload)
            let reply = try frame(handshake.write(ownPayload))
            try finish()
            return reply
        default:
            try identify(payload)
            try finish()
            return []
        }
    }

    private var ownPayload: [UInt8] {
        NoisePayload(key: key, staticKey: identity.publicKey, muxers: muxers).encoded
    }

    private mutating func identify(_ bytes: [UInt8]) throws(NoiseError) {
        let payload = try NoisePayload(decoding: bytes)
        let found = try payload.verifiedPeer(staticKey: handshake.remoteStatic)
        if let expected, expected != found { throw .wrongPeer(expected: expected, found: found) }
        peer = found
        remoteMuxers = payload.muxers
    }

    private mutating func finish() throws(NoiseError) {
        guard let peer else { throw .outOfOrder }
        let keys = try handshake.split()
        result = Result(peer: peer, muxer: try commonMuxer(), send: keys.send, receive: keys.receive)
    }

    /// The first of the initiator's list that both have.
    private func commonMuxer() throws(NoiseError) -> String? {
        guard let muxers, let remoteMuxers else { return nil }
        let (wanted, offered) = role == .initiator ? (muxers, remoteMuxers) : (remoteMuxers, muxers)
        guard let muxer = wanted.first(where: offered.contains) else { throw .noCommonMuxer(remoteMuxers) }
        return muxer
    }

    private func frame(_ message: [UInt8]) -> [UInt8] {
        [UInt8(message.count >> 8), UInt8(message.count & 0xff)] + message
    }
}
