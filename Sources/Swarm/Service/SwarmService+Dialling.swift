package import Keys
internal import Synchronization
internal import Transport
package import Wire

extension SwarmService {
    /// Dials `address`, or uses the connection that is there, and waits until the peer has been identified, or failed to say who it is.
    package func connect(to address: Multiaddress) async throws -> PeerID {
        if let known = try connected(to: address) {
            if state.withLock({ $0.table[known.remotePeer]?.identity == nil }) { await identify(known) }
            return known.remotePeer
        }
        let connection = try await dial(address)
        await identify(connection)
        return connection.remotePeer
    }

    /// Dials `address`, or uses the connection that is there, for somebody who knows what to ask: what the peer says of itself is asked for
    /// beside the first request and not before it.
    package func reach(_ address: Multiaddress) async throws -> PeerID {
        if let known = try connected(to: address) { return known.remotePeer }
        let connection = try await dial(address)
        inbox.yield(.identify(connection))
        return connection.remotePeer
    }

    /// The connection to the peer that `address` names; nil when there is none, or the address names nobody.
    private func connected(to address: Multiaddress) throws -> (any Connection)? {
        guard let wanted = address.peer else { return nil }
        guard wanted != peer else { throw SwarmError.dialledSelf(address) }
        return state.withLock { state in
            state.table.learn(address, of: wanted, certain: false, at: now)
            return state.connections(to: wanted).first
        }
    }

    /// A connection to `peer`, made now when there is none. Callers that want the same peer share one dial.
    func connection(to peer: PeerID) async throws -> any Connection {
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
                let connection = try await dial(address.with(peer))
                inbox.yield(.identify(connection))
                return connection
            } catch {
                try Task.checkCancellation()
                reasons.append("\(address): \(error)")
            }
        }
        throw SwarmError.allDialsFailed(peer, reasons)
    }

    /// A new connection. Whoever calls sees to it that the peer is identified.
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
        return connection
    }
}
