package import Keys
internal import Logging
internal import Synchronization
internal import Transport

extension SwarmService {
    /// Measures the time of one ping to `peer` and remembers it.
    ///
    /// The protocol allows one ping stream a peer, so callers at the same time share one ping.
    package func ping(_ peer: PeerID) async throws -> Duration {
        let isFirst = state.withLock { state in
            guard state.pings[peer] == nil else { return false }
            state.pings[peer] = []
            return true
        }
        guard isFirst else { return try await joinPing(of: peer) }
        var time: Duration?
        defer {
            let waiting = state.withLock { state in
                if let time { state.table.measured(time, to: peer) }
                return state.pings.removeValue(forKey: peer) ?? []
            }
            for continuation in waiting { continuation.resume(returning: time) }
        }
        let deadline = configuration.limits.pingDeadline
        time = try await withDeadline(deadline, "a ping of \(peer)") {
            let stream = try await self.open([Ping.protocolID], to: peer, deadline: deadline)
            do {
                return try await Ping.measure(stream)
            } catch {
                stream.reset()
                throw error
            }
        }
        guard let time else { throw SwarmError.noAnswer(peer, protocolID: Ping.protocolID) }
        return time
    }

    private func joinPing(of peer: PeerID) async throws -> Duration {
        let time = await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                guard state.pings[peer] != nil else { return true }
                state.pings[peer]?.append(continuation)
                return false
            }
            if isOver { continuation.resume(returning: nil) }
        }
        guard let time else { throw SwarmError.noAnswer(peer, protocolID: Ping.protocolID) }
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
        guard state.withLock({ !$0.connections(to: peer).isEmpty && $0.pings[peer] == nil }) else { return }
        do {
            _ = try await ping(peer)
        } catch {
            logger.debug("ping failed", metadata: ["peer": "\(peer)", "error": "\(error)"])
        }
    }
}
