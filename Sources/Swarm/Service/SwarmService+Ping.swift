package import Keys
internal import Logging
internal import Synchronization
internal import Transport

extension SwarmService {
    /// Measures the time of one ping to `peer` and remembers it.
    package func ping(_ peer: PeerID) async throws -> Duration {
        let deadline = configuration.limits.pingDeadline
        let time = try await withDeadline(deadline, "a ping of \(peer)") {
            let stream = try await self.open([Ping.protocolID], to: peer, deadline: deadline)
            do {
                return try await Ping.measure(stream)
            } catch {
                stream.reset()
                throw error
            }
        }
        guard let time else { throw SwarmError.noAnswer(peer, protocolID: Ping.protocolID) }
        state.withLock { $0.table.measured(time, to: peer) }
        return time
    }

    func keepPinging() async {
        while !Task.isCancelled {
            try? await ContinuousClock().sleep(for: configuration.pingInterval)
            for peer in await connectedPeers { inbox.yield(.ping(peer)) }
        }
    }

    /// One ping; none when one is under way.
    func measure(_ peer: PeerID) async {
        let isFree = state.withLock { state in
            !state.connections(to: peer).isEmpty && state.pinging.insert(peer).inserted
        }
        guard isFree else { return }
        defer { _ = state.withLock { $0.pinging.remove(peer) } }
        do {
            _ = try await ping(peer)
        } catch {
            logger.debug("ping failed", metadata: ["peer": "\(peer)", "error": "\(error)"])
        }
    }
}
