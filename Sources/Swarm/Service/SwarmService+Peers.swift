internal import Keys
internal import Logging
internal import Synchronization
internal import Transport
internal import Wire

extension SwarmService {
    /// Keeps the bootstrap peers, each on its own: one that does not answer holds up nobody; and known peers while there are few.
    func keepPeers() async {
        await withDiscardingTaskGroup { group in
            for address in configuration.bootstrap {
                group.addTask { await self.keepConnected(to: address) }
            }
            await seekPeers()
        }
    }

    /// Dials a bootstrap peer until it answers, again whenever it is lost.
    private func keepConnected(to address: Multiaddress) async {
        var backoff = DialBackoff()
        var found = address.peer
        while !Task.isCancelled {
            if found.map(isConnected) != true, backoff.allows(at: now) {
                do {
                    found = try await connect(to: address)
                    backoff.succeeded()
                } catch SwarmError.dialledSelf {
                    found = peer
                } catch {
                    if backoff.failures == 0 {
                        logger.info(
                            "bootstrap peer not reached", metadata: ["address": "\(address)", "error": "\(error)"])
                    }
                    backoff.failed(at: now)
                }
            }
            try? await ContinuousClock().sleep(for: configuration.redialInterval)
        }
    }

    /// Dials known peers while few are connected, and asks one of these after the other whom they know.
    private func seekPeers() async {
        while !Task.isCancelled {
            let missing = configuration.wantedPeers - (await connectedPeers.count)
            if missing > 0 {
                for peer in state.withLock({ $0.table.candidates(at: now, limit: missing) }) {
                    seek(peer)
                }
            }
            if let peer = await connectedPeers.randomElement() { inbox.yield(.exchange(peer)) }
            try? await ContinuousClock().sleep(for: configuration.redialInterval)
        }
    }

    private func isConnected(_ other: PeerID) -> Bool {
        other == peer || state.withLock { !$0.connections(to: other).isEmpty }
    }

    /// The signed addresses of peers connected now, as far as the asker can use them.
    func knownPeers(for connection: any Connection) -> PeerExchange {
        let isLocal = connection.remoteAddress.isLoopback
        let records = state.withLock { state in
            state.table.connected.compactMap { $0 == connection.remotePeer ? nil : state.table[$0]?.identity?.record }
        }
        return PeerExchange(records: records.filter { isLocal || !$0.addresses.allSatisfy(\.isLoopback) })
    }

    /// Who is connected now and can be dialled again: where this node reached it, or where its own signature says.
    package var reachable: [PeerBook.Entry] {
        get async {
            state.withLock { state in
                state.table.connected.compactMap { peer in
                    guard let known = state.table[peer] else { return nil }
                    let certain = known.addresses.filter(\.isCertain).map(\.address)
                    let isReached = state.connections(to: peer).contains(where: \.isOutbound)
                    return PeerBook.Entry(peer: peer, addresses: certain, isReached: isReached)
                }
            }
        }
    }

    /// Asks a peer for the peers it knows.
    func askForPeers(_ other: PeerID) async {
        let speaks = state.withLock { $0.table[other]?.identity?.protocols.contains(PeerExchange.protocolID) == true }
        guard configuration.exchangesPeers, speaks else { return }
        let deadline = configuration.limits.identifyDeadline
        do {
            let (bytes, isLocal) = try await withDeadline(deadline, "known peers") {
                guard let connection = self.state.withLock({ $0.connections(to: other).first }) else {
                    throw SwarmError.unknownPeer(other)
                }
                let stream = try await connection.open([PeerExchange.protocolID], deadline: deadline)
                let frame = try await FramedStream(stream).readFrame(limit: PeerExchange.byteLimit)
                try await stream.closeWrite()
                return (frame ?? [], connection.remoteAddress.isLoopback)
            }
            let exchange = try PeerExchange(bytes: bytes)
            state.withLock { state in
                for record in exchange.records where record.peer != peer {
                    for address in record.addresses.prefix(configuration.limits.addressesPerPeer)
                    where isLocal || !address.isLoopback {
                        state.table.learn(address, of: record.peer, certain: true, at: now)
                    }
                }
            }
        } catch {
            logger.debug("no known peers", metadata: ["peer": "\(other)", "error": "\(error)"])
        }
    }
}
