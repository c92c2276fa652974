package import Keys
internal import Logging
internal import Synchronization
internal import Transport
package import Wire

extension SwarmService {
    /// Dials `address`, or uses the connection that is there, and waits until the peer has been identified, or failed to say who it is.
    package func connect(to address: Multiaddress) async throws -> PeerID {
        let connection = try await connection(at: address)
        try await identified(connection)
        return connection.remotePeer
    }

    /// Dials `address`, or uses the connection that is there, for somebody who knows what to ask: what the peer says of itself is asked for
    /// beside the first request and not before it.
    package func reach(_ address: Multiaddress) async throws -> PeerID {
        try await connection(at: address).remotePeer
    }

    /// A connection to the peer that `address` names, or to whoever is there when it names nobody.
    private func connection(at address: Multiaddress) async throws -> any Connection {
        guard address.peer != peer else { throw SwarmError.dialledSelf(address) }
        let tried = address.peer == nil ? address : address.withoutPeer
        let outcome = try state.withLock { state in
            guard let wanted = address.peer else { return try dial(.address(address), &state) { $0.prefer(tried) } }
            state.table.learn(address, of: wanted, certain: false, at: now)
            if let open = state.connections(to: wanted).first { return Outcome(.reached(open)) }
            return try dial(.peer(wanted), &state) { $0.prefer(tried) }
        }
        switch try await outcome.value {
        case .reached(let connection): return connection
        case .failed(let failures): throw failures.first { $0.address == tried }?.error ?? SwarmError.notRunning
        }
    }

    /// A connection to `peer`, made now when there is none.
    func connection(to peer: PeerID) async throws -> any Connection {
        let outcome = try state.withLock { try dial(peer, &$0) }
        switch try await outcome.value {
        case .reached(let connection): return connection
        case .failed(let failures):
            throw SwarmError.allDialsFailed(peer, failures.map { "\($0.address): \($0.error)" })
        }
    }

    /// Dials a known peer that is not connected, for nobody in particular; failures are remembered with its addresses.
    func seek(_ peer: PeerID) {
        state.withLock { _ = try? dial(peer, &$0) }
    }

    private func dial(_ peer: PeerID, _ state: inout SwarmState) throws -> Outcome<SwarmState.Arrival> {
        guard peer != self.peer else { throw SwarmError.unknownPeer(peer) }
        if let open = state.connections(to: peer).first { return Outcome(.reached(open)) }
        let addresses = state.table.dialable(peer, at: now, patient: true).prefix(4)
        guard !addresses.isEmpty || state.dials[.peer(peer)] != nil else { throw SwarmError.unknownPeer(peer) }
        return try dial(.peer(peer), &state) { $0.add(addresses) }
    }

    /// The one dial of `target`, begun now when none is under way. It belongs to the service and not to who asks: it goes on when nobody waits
    /// any more, for what it finds out is of use to the next.
    private func dial(
        _ target: SwarmState.DialTarget, _ state: inout SwarmState, _ change: (inout DialPlan) -> Void
    ) throws -> Outcome<SwarmState.Arrival> {
        guard !state.isStopped else { throw SwarmError.notRunning }
        if state.dials[target] == nil { inbox.yield(.dial(target)) }
        var dial = state.dials[target] ?? SwarmState.Dial()
        change(&dial.plan)
        state.dials[target] = dial
        return dial.outcome
    }

    /// Tries one address after the other until the peer is reached.
    func carryOut(_ target: SwarmState.DialTarget) async {
        while let address = nextAddress(of: target) {
            do {
                let connection = try await dial(target.peer.map { try address.with($0) } ?? address)
                let dial = state.withLock { $0.dials.removeValue(forKey: target) }
                dial?.outcome.settle(.success(.reached(connection)))
                return
            } catch {
                if Task.isCancelled { return }  // Who waits hears it from `stop()`.
                logger.debug("address not reached", metadata: ["address": "\(address)", "error": "\(error)"])
                state.withLock { $0.dials[target]?.plan.failed(address, error) }
            }
        }
    }

    /// What to try now; nil when the dial is over and all have been told.
    private func nextAddress(of target: SwarmState.DialTarget) -> Multiaddress? {
        let (address, over) = state.withLock { state -> (Multiaddress?, (SwarmState.Dial, SwarmState.Arrival)?) in
            guard var dial = state.dials[target] else { return (nil, nil) }
            // The peer may have dialled us meanwhile.
            let open = target.peer.flatMap { state.connections(to: $0).first }
            if open == nil, let address = dial.plan.next() {
                state.dials[target] = dial
                return (address, nil)
            }
            state.dials[target] = nil
            return (nil, (dial, open.map { .reached($0) } ?? .failed(dial.plan.failures)))
        }
        if let (dial, arrival) = over { dial.outcome.settle(.success(arrival)) }
        return address
    }

    /// A new connection.
    private func dial(_ address: Multiaddress) async throws -> any Connection {
        guard let transport = state.withLock({ $0.isStopped ? nil : $0.transport }) else { throw SwarmError.notRunning }
        let connection: any Connection
        do {
            connection = try await transport.dial(address, deadline: configuration.limits.dialDeadline)
        } catch {
            if let wanted = address.peer, !Task.isCancelled {
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
