package import Keys
internal import Logging
internal import Synchronization
package import Transport
package import Wire

extension SwarmService {
    /// Dials `address`, or uses the connection that is there, and waits until the peer has been identified.
    package func connect(to address: Multiaddress) async throws -> PeerID {
        if let wanted = address.peer {
            guard wanted != peer else { throw SwarmError.dialledSelf(address) }
            state.withLock { $0.table.learn(address, of: wanted, certain: false, at: now) }
            if state.withLock({ !$0.connections(to: wanted).isEmpty }) { return wanted }
        }
        return try await dial(address).remotePeer
    }

    /// Opens a stream to `peer`, over a connection that is there or one made to a known address.
    package func open(
        _ protocols: [String], to peer: PeerID, deadline: Duration = .seconds(15)
    ) async throws -> any MuxedStream {
        try await withDeadline(deadline, "a stream to \(peer)") {
            for connection in self.state.withLock({ $0.connections(to: peer) }) {
                do {
                    return try await self.open(protocols, over: connection, deadline: deadline)
                } catch TransportError.connectionClosed {
                    continue
                }
            }
            return try await self.open(protocols, over: try await self.reach(peer), deadline: deadline)
        }
    }

    /// What a peer says that it speaks is not waited for once more: a request then costs one round trip and not two.
    private func open(
        _ protocols: [String], over connection: any Connection, deadline: Duration
    ) async throws -> any MuxedStream {
        let spoken = state.withLock { $0.table[connection.remotePeer]?.identity?.protocols ?? [] }
        guard protocols.count == 1, let only = protocols.first, spoken.contains(only) else {
            return try await connection.open(protocols, deadline: deadline)
        }
        return try await connection.open(known: only, deadline: deadline)
    }

    /// Sends one framed request and waits for one framed answer of at most `answerLimit` bytes.
    package func request(
        _ protocolID: String, _ body: [UInt8], to peer: PeerID, answerLimit: Int, deadline: Duration
    ) async throws -> [UInt8] {
        try await withDeadline(deadline, "an answer of \(peer) to \(protocolID)") {
            let stream = try await self.open([protocolID], to: peer, deadline: deadline)
            do {
                let frames = FramedStream(stream)
                try await frames.writeFrame(body)
                try await stream.closeWrite()
                guard let answer = try await frames.readFrame(limit: answerLimit) else {
                    throw SwarmError.noAnswer(peer, protocolID: protocolID)
                }
                return answer
            } catch {
                stream.reset()
                throw error
            }
        }
    }

    /// Notes addresses of `peer` that somebody told, to be used when it has to be reached.
    package func learn(_ addresses: [Multiaddress], of peer: PeerID) {
        guard peer != self.peer else { return }
        state.withLock { state in
            for address in addresses.prefix(configuration.limits.addressesPerPeer) {
                state.table.learn(address, of: peer, certain: false, at: now)
            }
        }
    }

    /// Closes every connection to `peer`.
    package func disconnect(_ peer: PeerID) {
        for connection in state.withLock({ $0.connections(to: peer) }) { connection.close() }
    }

    /// A connection to `peer`, made now when there is none. Callers that want the same peer share one dial.
    private func reach(_ peer: PeerID) async throws -> any Connection {
        guard peer != self.peer else { throw SwarmError.unknownPeer(peer) }
        while true {
            if let open = state.withLock({ $0.connections(to: peer).first }) { return open }
            let isMine = state.withLock { state in
                guard state.dials[peer] == nil else { return false }
                state.dials[peer] = []
                return true
            }
            guard !isMine else { break }
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    guard state.dials[peer] != nil else { return true }
                    state.dials[peer]?.append(continuation)
                    return false
                }
                if isOver { continuation.resume() }
            }
            try Task.checkCancellation()
        }
        defer {
            let waiting = state.withLock { $0.dials.removeValue(forKey: peer) ?? [] }
            for continuation in waiting { continuation.resume() }
        }
        return try await dialAddresses(of: peer)
    }

    private func dialAddresses(of peer: PeerID) async throws -> any Connection {
        let addresses = state.withLock { $0.table.dialable(peer, at: now, patient: true) }
        guard !addresses.isEmpty else { throw SwarmError.unknownPeer(peer) }
        var reasons: [String] = []
        for address in addresses.prefix(4) {
            do {
                return try await dial(address.with(peer))
            } catch {
                try Task.checkCancellation()
                reasons.append("\(address): \(error)")
            }
        }
        throw SwarmError.allDialsFailed(peer, reasons)
    }

    private func dial(_ address: Multiaddress) async throws -> any Connection {
        guard let transport = state.withLock({ $0.isStopped ? nil : $0.transport }) else { throw SwarmError.notRunning }
        let connection: any Connection
        do {
            connection = try await transport.dial(address, deadline: configuration.limits.dialDeadline)
        } catch {
            if let wanted = address.peer {
                state.withLock { $0.table.dialFailed(address, of: wanted, at: now) }
            }
            throw error
        }
        let found = connection.remotePeer
        guard found != peer else {
            connection.close()
            throw SwarmError.dialledSelf(address)
        }
        guard admit(connection) else {
            connection.close()
            if let other = state.withLock({ $0.connections(to: found).first }) { return other }
            throw SwarmError.tooManyConnections(found)
        }
        state.withLock { state in
            state.table.learn(address, of: found, certain: true, at: now)
            state.table.dialSucceeded(address, of: found)
        }
        await identify(connection)
        return connection
    }

    /// Decides on a connection that a peer made.
    func accept(_ connection: any Connection) -> Bool {
        guard connection.remotePeer != peer, admit(connection) else { return false }
        inbox.yield(.identify(connection))
        return true
    }

    private func admit(_ connection: any Connection) -> Bool {
        let found = connection.remotePeer
        let (number, excess) = state.withLock { state -> (UInt64?, [any Connection]) in
            guard !state.isStopped else { return (nil, []) }
            let number = state.number()
            guard let isFirst = state.table.opened(number, to: found, at: now) else { return (nil, []) }
            state.connections[number] = connection
            if isFirst { state.emit(.connected(found)) }
            let own = Set(state.handlers.keys).subtracting(Self.commonProtocols)
            let excess = state.table.excess { !own.isDisjoint(with: $0?.protocols ?? []) }
            return (number, excess.compactMap { state.connections[$0] })
        }
        for victim in excess { victim.close() }
        guard let number else { return false }
        inbox.yield(.watch(number, connection))
        return true
    }

    func watch(_ id: PeerTable.ConnectionID, _ connection: any Connection) async {
        await connection.closed()
        connection.close()
        let gone = connection.remotePeer
        state.withLock { state in
            state.connections[id] = nil
            state.pastTraffic.add(connection)
            if state.table.closed(id, to: gone, at: now) { state.emit(.disconnected(gone)) }
        }
    }

    /// Serves one stream that a peer opened.
    func serve(_ stream: any MuxedStream, on connection: any Connection) async {
        let protocolID = stream.protocolID
        let from = connection.remotePeer
        let handler = state.withLock { state -> SwarmState.Handler? in
            guard !state.isStopped, let handler = state.handlers[protocolID],
                state.limiter.admit(protocolID, from: from, perPeer: handler.perPeer)
            else { return nil }
            return handler
        }
        guard let handler else { return stream.reset() }
        defer { state.withLock { $0.limiter.release(protocolID, from: from) } }
        do {
            try await handler.body(stream, connection)
            try await stream.closeWrite()
            try await linger(stream)
        } catch {
            stream.reset()
            logger.debug(
                "stream ended early", metadata: ["protocol": "\(protocolID)", "peer": "\(from)", "error": "\(error)"])
        }
    }

    /// Waits for the peer's end of the stream: a reset behind our last bytes could overtake them.
    private func linger(_ stream: any MuxedStream) async throws {
        try await withDeadline(configuration.limits.lingerDeadline, "the end of the stream") {
            var rest = 1 << 20  // Bytes nobody wants any more; a peer that sends on is cut off.
            while rest > 0 {
                let bytes = try await stream.read()
                if bytes.isEmpty { return }
                rest -= bytes.count
            }
            stream.reset()
        }
    }
}
