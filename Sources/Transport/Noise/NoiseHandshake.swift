package import Keys

/// The pattern XX: both sides prove a static key, and neither knows the other's before.
///
///     -> e
///     <- e, ee, s, es
///     -> s, se
///
/// Source: Noise Protocol Framework revision 34, `Noise_XX_25519_ChaChaPoly_SHA256`.
package struct NoiseHandshake: Sendable {
    package enum Role: Hashable, Sendable { case initiator, responder }

    /// Longest message of the framework, in bytes.
    package static let messageLimit = 65_535

    private let role: Role
    private let ephemeral: X25519
    private let identity: X25519
    private var remoteEphemeral: [UInt8] = []
    private(set) package var remoteStatic: [UInt8] = []
    private var symmetric = SymmetricState(protocolName: "Noise_XX_25519_ChaChaPoly_SHA256")
    /// Messages written and read so far, 0 to 3.
    private(set) package var messages = 0

    /// - Parameter ephemeral: fresh for each handshake; given only where known vectors are run.
    package init(
        role: Role, static identity: X25519, ephemeral: X25519 = .generate(), prologue: [UInt8] = []
    ) {
        self.role = role
        self.identity = identity
        self.ephemeral = ephemeral
        symmetric.mixHash(prologue)
    }

    /// Whether it is this side's turn to write.
    package var writes: Bool { messages < 3 && (messages.isMultiple(of: 2) == (role == .initiator)) }
    package var isComplete: Bool { messages == 3 }
    /// The hash of the whole transcript, the same on both sides.
    package var handshakeHash: [UInt8] { symmetric.hash }

    package mutating func write(_ payload: [UInt8]) throws(NoiseError) -> [UInt8] {
        guard writes else { throw .outOfOrder }
        var message: [UInt8] = []
        switch messages {
        case 0: message += sendEphemeral()
        case 1:
            message += sendEphemeral()
            try mix(ephemeral, remoteEphemeral)
            message += try symmetric.encryptAndHash(identity.publicKey)
            try mix(identity, remoteEphemeral)
        default:
            message += try symmetric.encryptAndHash(identity.publicKey)
            try mix(identity, remoteEphemeral)
        }
        guard message.count + payload.count + symmetric.overhead <= Self.messageLimit else {
            throw .wrongLength(message.count + payload.count + symmetric.overhead)
        }
        message += try symmetric.encryptAndHash(payload)
        messages += 1
        return message
    }

    /// - Returns: the payload.
    /// - Throws: ``NoiseError``; the handshake is then of no further use.
    package mutating func read(_ message: [UInt8]) throws(NoiseError) -> [UInt8] {
        guard !writes, !isComplete else { throw .outOfOrder }
        guard message.count <= Self.messageLimit else { throw .wrongLength(message.count) }
        var rest = message[...]
        switch messages {
        case 0: try receiveEphemeral(&rest)
        case 1:
            try receiveEphemeral(&rest)
            try mix(ephemeral, remoteEphemeral)
            try receiveStatic(&rest)
            try mix(ephemeral, remoteStatic)
        default:
            try receiveStatic(&rest)
            try mix(ephemeral, remoteStatic)
        }
        guard rest.count >= symmetric.overhead else { throw .wrongLength(message.count) }
        let payload = try symmetric.decryptAndHash(Array(rest))
        messages += 1
        return payload
    }

    /// The keys of the channel for this side.
    /// - Throws: ``NoiseError/outOfOrder`` before the third message.
    package func split() throws(NoiseError) -> (send: CipherState, receive: CipherState) {
        guard isComplete else { throw .outOfOrder }
        let (first, second) = symmetric.split()
        return role == .initiator ? (first, second) : (second, first)
    }

    private mutating func sendEphemeral() -> [UInt8] {
        symmetric.mixHash(ephemeral.publicKey)
        return ephemeral.publicKey
    }

    private mutating func receiveEphemeral(_ rest: inout ArraySlice<UInt8>) throws(NoiseError) {
        guard rest.count >= 32 else { throw .wrongLength(rest.count) }
        remoteEphemeral = Array(rest.prefix(32))
        rest = rest.dropFirst(32)
        symmetric.mixHash(remoteEphemeral)
    }

    private mutating func receiveStatic(_ rest: inout ArraySlice<UInt8>) throws(NoiseError) {
        let length = 32 + symmetric.overhead
        guard rest.count >= length else { throw .wrongLength(rest.count) }
        remoteStatic = try symmetric.decryptAndHash(Array(rest.prefix(length)))
        rest = rest.dropFirst(length)
    }

    private mutating func mix(_ own: X25519, _ remote: [UInt8]) throws(NoiseError) {
        guard let secret = own.sharedSecret(with: remote) else { throw .weakKey }
        symmetric.mixKey(secret)
    }
}
