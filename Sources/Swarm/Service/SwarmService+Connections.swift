package import Keys
internal import Logging
internal import Synchronization
package import Transport
package import Wire

extension SwarmService {
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
            return try await self.open(protocols, over: try await self.connection(to: peer), deadline: deadline)
        }
    }

    /// What a peer says that it speaks is not waited for once more: a request then costs one round trip and not two. Nor is what a peer says
    /// waited for that is connected since a moment: who asks it knows why.
    private func open(
        _ protocols: [String], over connection: any Connection, deadline: Duration
    ) async throws -> any MuxedStream {
        let spoken = state.withLock { $0.table[connection.remotePeer]?.identity?.protocols }
        guard protocols.count == 1, let only = protocols.first, spoken?.contains(only) != false else {
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

    /// Decides on a connection that a peer made.
    func accept(_ connection: any Connection) -> Bool {
        connection.remotePeer != peer && admit(connection)
    }

    /// Takes a new connection, whoever made it, and has its peer asked who it is.
    func admit(_ connection: any Connection) -> Bool {
        let found = connection.remotePeer
        let (number, excess) = state.withLock { state -> (UInt64?, [any Connection]) in
            guard !state.isStopped else { return (nil, []) }
            let number = state.number()
            guard let isFirst = state.table.opened(number, to: found, at: now) else { return (nil, []) }
            state.connections[number] = connection
            if isFirst { state.emit(.connected(found)) }
            ask(connection, &state)
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
