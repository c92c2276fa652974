package import Keys

/// From a fresh stream of bytes to an authenticated channel that speaks yamux.
///
/// multistream-select agrees on `/noise`; Noise authenticates; the muxer comes from the lists inside the handshake, or
/// from a second multistream-select inside the channel. Bytes behind each step belong to the next.
///
/// There is one protocol to propose, so the dialler's message 1 leaves behind the proposal: it is an ephemeral key and
/// nothing else, and a listener that refuses `/noise` ends the connection as before. With lists of muxers on both sides
/// the upgrade is one round trip: what the dialler has to say first leaves behind message 3, to a peer that it knows then.
/// Without, the answer to the proposed muxer is waited for: a peer that has none is no connection.
///
/// Source: libp2p connections specification, "upgrading connections", "multistream-select"; "inlined muxer negotiation".
package struct ConnectionUpgrade: Sendable {
    package enum Failure: Error, Hashable, Sendable {
        case negotiation(MultistreamError)
        case noise(NoiseError)
        case unknownMuxer(String)
    }

    package struct Result: Sendable {
        package let peer: PeerID
        package var sealer: NoiseSealer
        package var opener: NoiseOpener
        /// Bytes of the muxer that came with the end of the handshake, decrypted.
        package let leftover: [UInt8]
    }

    package static let muxer = "/yamux/1.0.0"

    private enum Phase {
        case security(Negotiation)
        case noise
        case muxer(Negotiation, PeerID, NoiseSealer, NoiseOpener)
        case done
    }

    private let isInitiator: Bool
    private var phase: Phase
    private var noise: NoiseUpgrade
    private(set) package var result: Result?

    /// - Parameter inlinesMuxer: whether our list of muxers goes into the handshake.
    package init(key: SigningKey, isInitiator: Bool, expected: PeerID? = nil, inlinesMuxer: Bool = true) {
        self.isInitiator = isInitiator
        noise = NoiseUpgrade(
            key: key, role: isInitiator ? .initiator : .responder, expected: expected,
            muxers: inlinesMuxer ? [Self.muxer] : nil)
        phase = .security(Negotiation(isInitiator, NoiseUpgrade.protocolID))
    }

    /// The first bytes to send, once and before anything is received: header, proposal and message 1 of Noise; none for the
    /// side that was dialled.
    package mutating func start() throws(Failure) -> [UInt8] {
        guard case .security(let negotiation) = phase else { return [] }
        do { return try negotiation.start() + noise.start() } catch { throw .noise(error) }
    }

    /// Reads bytes of the other side.
    /// - Returns: bytes to send, also when ``result`` is set by this call.
    /// - Throws: ``Failure``; the connection is then to be closed.
    package mutating func receive(_ bytes: [UInt8]) throws(Failure) -> [UInt8] {
        switch phase {
        case .security(var negotiation):
            let step = try negotiation.receive(bytes)
            phase = .security(negotiation)
            guard step.agreed != nil else { return step.reply }
            phase = .noise
            return try step.reply + receiveNoise(negotiation.takeLeftover())
        case .noise:
            return try receiveNoise(bytes)
        case .muxer(var negotiation, let peer, var sealer, var opener):
            do {
                let step = try negotiation.receive(try opener.open(bytes))
                let reply = try sealer.seal(step.reply)
                if step.agreed == nil {
                    phase = .muxer(negotiation, peer, sealer, opener)
                } else {
                    finish(peer, sealer, opener, leftover: negotiation.takeLeftover())
                }
                return reply
            } catch let error as NoiseError {
                throw .noise(error)
            } catch let error as Failure {
                throw error
            } catch { preconditionFailure("no other error is thrown above") }
        case .done:
            preconditionFailure("the upgrade is over; its bytes go to the result")
        }
    }

    private mutating func receiveNoise(_ bytes: [UInt8]) throws(Failure) -> [UInt8] {
        var reply: [UInt8]
        do { reply = try noise.receive(bytes) } catch { throw .noise(error) }
        guard let outcome = noise.result else { return reply }
        let rest = noise.takeLeftover()
        var sealer = NoiseSealer(outcome.send)
        var opener = NoiseOpener(outcome.receive)
        if let muxer = outcome.muxer {
            guard muxer == Self.muxer else { throw .unknownMuxer(muxer) }
            do {
                let text = try opener.open(rest)
                finish(outcome.peer, sealer, opener, leftover: text)
            } catch { throw .noise(error) }
            return reply
        }
        let negotiation = Negotiation(isInitiator, Self.muxer)
        do { reply += try sealer.seal(negotiation.start()) } catch { throw .noise(error) }
        phase = .muxer(negotiation, outcome.peer, sealer, opener)
        return rest.isEmpty ? reply : try reply + receive(rest)
    }

    private mutating func finish(
        _ peer: PeerID, _ sealer: NoiseSealer, _ opener: NoiseOpener, leftover: [UInt8]
    ) {
        phase = .done
        result = Result(peer: peer, sealer: sealer, opener: opener, leftover: leftover)
    }
}

/// Either side of a multistream negotiation over one protocol.
private enum Negotiation: Sendable {
    case initiator(MultistreamInitiator)
    case responder(MultistreamResponder)

    init(_ isInitiator: Bool, _ protocolID: String) {
        self = isInitiator ? .initiator(.init([protocolID])) : .responder(.init([protocolID]))
    }

    func start() -> [UInt8] {
        if case .initiator(let machine) = self { machine.start() } else { [] }
    }

    mutating func receive(_ bytes: [UInt8]) throws(ConnectionUpgrade.Failure) -> MultistreamStep {
        do throws(MultistreamError) {
            switch self {
            case .initiator(var machine):
                defer { self = .initiator(machine) }
                return try machine.receive(bytes)
            case .responder(var machine):
                defer { self = .responder(machine) }
                let step = try machine.receive(bytes)
                if let failure = step.failure { throw failure }
                return step
            }
        } catch { throw .negotiation(error) }
    }

    mutating func takeLeftover() -> [UInt8] {
        switch self {
        case .initiator(var machine): return machine.takeLeftover()
        case .responder(var machine): return machine.takeLeftover()
        }
    }
}
