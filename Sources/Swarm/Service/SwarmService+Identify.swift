internal import Keys
internal import Logging
internal import Synchronization
internal import Transport
internal import Wire

extension SwarmService {
    /// Protocols every node answers: having them in common says nothing.
    static let commonProtocols: Set<String> = [
        IdentifyMessage.protocolID, IdentifyMessage.pushProtocolID, Ping.protocolID, PeerExchange.protocolID,
    ]

    func handleBuiltIns() {
        answer(IdentifyMessage.protocolID) { [weak self] stream, connection in
            guard let self else { return }
            try await stream.writeFrame(identity(observed: connection.remoteAddress).bytes)
        }
        answer(IdentifyMessage.pushProtocolID, perPeer: 4) { [weak self] stream, connection in
            guard let self else { return }
            let message = try await withDeadline(configuration.limits.identifyDeadline, "an identify push") {
                try await Self.readIdentity(from: stream)
            }
            try take(message, from: connection)
        }
        handle(Ping.protocolID, perPeer: 2) { stream in try await Ping.answer(stream) }
        if configuration.exchangesPeers {
            answer(PeerExchange.protocolID, perPeer: 2) { [weak self] stream, connection in
                guard let self else { return }
                try await stream.writeFrame(knownPeers(for: connection).bytes)
            }
        }
    }

    /// Waits until the peer behind `connection` has said who it is, or failed to. It is asked once, however many wait.
    func identified(_ connection: any Connection) async throws {
        let question = try state.withLock { state -> Outcome<Void>? in
            if let open = state.questions[ObjectIdentifier(connection)] { return open }
            guard state.table[connection.remotePeer]?.identity == nil else { return nil }
            guard !state.isStopped else { throw SwarmError.notRunning }
            return ask(connection, &state)
        }
        try await question?.value
    }

    @discardableResult
    func ask(_ connection: any Connection, _ state: inout SwarmState) -> Outcome<Void> {
        let question = Outcome<Void>()
        state.questions[ObjectIdentifier(connection)] = question
        inbox.yield(.identify(connection))
        return question
    }

    /// Asks the peer behind `connection` who it is; whoever speaks libp2p can say so. A peer that does not answer stays connected.
    func identify(_ connection: any Connection) async {
        defer {
            state.withLock { $0.questions.removeValue(forKey: ObjectIdentifier(connection)) }?.settle(.success(()))
        }
        let deadline = configuration.limits.identifyDeadline
        do {
            let message = try await withDeadline(deadline, "an identify answer") {
                let stream = try await connection.open(known: IdentifyMessage.protocolID, deadline: deadline)
                let message = try await Self.readIdentity(from: stream)
                try await stream.closeWrite()
                return message
            }
            try take(message, from: connection)
            measure(connection.remotePeer)
            inbox.yield(.exchange(connection.remotePeer))
        } catch {
            logger.debug("identify failed", metadata: ["peer": "\(connection.remotePeer)", "error": "\(error)"])
        }
    }

    /// Tells every connected peer what has changed.
    func pushIdentity() async {
        state.withLock { $0.pushIsDue = false }
        let targets = state.withLock { state in
            state.table.connected.filter {
                // One that has not said yet what it knows may know us already.
                state.table[$0]?.identity?.protocols.contains(IdentifyMessage.pushProtocolID) != false
            }
            .compactMap { state.connections(to: $0).first }
        }
        let deadline = configuration.limits.identifyDeadline
        await withDiscardingTaskGroup { group in
            for connection in targets {
                group.addTask { [logger] in
                    do {
                        try await withDeadline(deadline, "an identify push") {
                            let push = [IdentifyMessage.pushProtocolID]
                            let stream = try await connection.open(push, deadline: deadline)
                            try await stream.writeFrame(self.identity(observed: connection.remoteAddress).bytes)
                            try await stream.closeWrite()
                            _ = try await stream.read()  // Until the peer has read it and closes.
                        }
                    } catch {
                        let peer = connection.remotePeer
                        logger.debug("identify push failed", metadata: ["peer": "\(peer)", "error": "\(error)"])
                    }
                }
            }
        }
    }

    /// Schedules one push for all changes until it begins.
    func announceChange() {
        let isNew = state.withLock { state in
            guard !state.pushIsDue, !state.connections.isEmpty else { return false }
            state.pushIsDue = true
            return true
        }
        if isNew { inbox.yield(.push) }
    }

    private static func readIdentity(from stream: any MuxedStream) async throws -> IdentifyMessage {
        let frames = FramedStream(stream)
        var merged = IdentifyMessage()
        for _ in 0..<IdentifyMessage.partLimit {
            guard let frame = try await frames.readFrame(limit: IdentifyMessage.byteLimit) else { break }
            merged.merge(try IdentifyMessage(bytes: frame))
        }
        return merged
    }

    private func take(_ message: IdentifyMessage, from connection: any Connection) throws {
        let peer = connection.remotePeer
        try state.withLock { state in
            guard let entry = state.table[peer] else { return }
            var identity = entry.identity ?? PeerIdentity()
            try identity.update(with: message, from: peer, limits: configuration.limits)
            if !connection.remoteAddress.isLoopback {
                identity.listenAddresses.removeAll(where: \.isLoopback)  // They would lead to this machine.
            }
            state.table.identified(peer, as: identity, at: now)
            state.emit(.identified(peer, identity.protocols))
        }
    }

    /// What this node says of itself, small enough for every implementation.
    func identity(observed: Multiaddress) -> IdentifyMessage {
        var message = IdentifyMessage()
        message.publicKey = key.publicKey.protobuf
        message.listenAddresses = Array(announcedAddresses.prefix(16))
        message.protocols = protocols
        message.observedAddress = observed.withoutPeer
        message.protocolVersion = configuration.protocolVersion
        message.agentVersion = configuration.agentVersion
        message.signedPeerRecord = ownRecord.bytes
        if message.bytes.count > IdentifyMessage.sentByteLimit { message.signedPeerRecord = nil }
        while message.bytes.count > IdentifyMessage.sentByteLimit, message.protocols?.isEmpty == false {
            message.protocols?.removeLast()
        }
        return message
    }

    /// This node's signed addresses; a new one with a higher number whenever they change.
    var ownRecord: SignedPeerRecord {
        let addresses = announcedAddresses
        return state.withLock { state in
            if let record = state.record, record.addresses == addresses { return record }
            let sequence = max(RestartSequence.next, (state.record?.sequence ?? 0) + 1)
            let record = SignedPeerRecord(addresses, sequence: sequence, by: key)
            state.record = record
            return record
        }
    }

    /// Where others may reach this node, without `/p2p`.
    var announcedAddresses: [Multiaddress] {
        guard configuration.announced.isEmpty else { return configuration.announced.map(\.withoutPeer) }
        let bound = state.withLock(\.bound) ?? []
        return Array(
            (bound.filter { !$0.isLoopback } + bound.filter(\.isLoopback)).prefix(SignedPeerRecord.addressLimit))
    }
}
