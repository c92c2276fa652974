package import Keys
internal import Logging
internal import Synchronization
internal import Transport

extension SwarmService {
    /// Measures the time of one ping to `peer` and remembers it.
    ///
    /// The protocol allows one ping stream a peer, so callers at the same time share one ping.
    package func ping(_ peer: PeerID) async throws -> Duration {
        try await state.withLock { try ping(peer, &$0) }.value
    }

    private func ping(_ peer: PeerID, _ state: inout SwarmState) throws -> Outcome<Duration> {
        if let underWay = state.pings[peer] { return underWay }
        guard !state.isStopped else { throw SwarmError.notRunning }
        let ping = Outcome<Duration>()
        state.pings[peer] = ping
        inbox.yield(.ping(peer))
        return ping
    }

    /// Pings a connected peer, for nobody in particular.
    func measure(_ peer: PeerID) {
        state.withLock { state in
            if !state.connections(to: peer).isEmpty { _ = try? ping(peer, &state) }
        }
    }

    func keepPinging() async {
        while !Task.isCancelled {
            try? await ContinuousClock().sleep(for: configuration.pingInterval)
            for peer in await connectedPeers { measure(peer) }
        }
    }

    /// The one ping of `peer` that is under way.
    func carryOutPing(of peer: PeerID) async {
        let deadline = configuration.limits.pingDeadline
        let result: Result<Duration, any Error>
        do {
            let time = try await withDeadline(deadline, "a ping of \(peer)") {
                let stream = try await self.open([Ping.protocolID], to: peer, deadline: deadline)
                do {
                    guard let time = try await Ping.measure(stream) else {
                        throw SwarmError.noAnswer(peer, protocolID: Ping.protocolID)
                    }
                    return time
                } catch {
                    stream.reset()
                    throw error
                }
            }
            result = .success(time)
        } catch {
            logger.debug("ping failed", metadata: ["peer": "\(peer)", "error": "\(error)"])
            result = .failure(error)
        }
        let ping = state.withLock { state in
            if case .success(let time) = result { state.table.measured(time, to: peer) }
            return state.pings.removeValue(forKey: peer)
        }
        ping?.settle(result)
    }
}
