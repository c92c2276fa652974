package import Keys
package import Logging
internal import ServiceLifecycle
package import Swarm
internal import Transport
internal import Wire

/// Publishes and passes on the messages of topics: ``MeshMachine`` over the streams of the swarm.
///
/// Each peer has one stream in each direction; what is sent waits in a bounded queue of the peer, so that a slow one
/// loses gossip and delays nobody.
package actor GossipService: Service {
    package typealias Validator =
        @Sendable (_ message: GossipMessage, _ propagatedBy: PeerID) async -> GossipVerdict

    private enum Job: Sendable {
        case speak(Speaker)
        case validate(topic: String, AsyncStream<(GossipMessage, PeerID)>, Validator)
    }

    private let swarm: SwarmService
    private let parameters: GossipParameters
    private let logger: Logger
    private let start = ContinuousClock().now
    private var machine: MeshMachine
    /// Messages of the topics that this node has joined, on their way to the validators.
    private var topics: [String: AsyncStream<(GossipMessage, PeerID)>.Continuation] = [:]
    private var audience: Audience
    private let jobs: AsyncStream<Job>
    private let jobInbox: AsyncStream<Job>.Continuation

    package init(
        swarm: SwarmService, key: SigningKey, parameters: GossipParameters = GossipParameters(), logger: Logger,
        seed: UInt64 = UInt64.random(in: .min ... .max)
    ) {
        self.swarm = swarm
        self.parameters = parameters
        self.logger = logger
        audience = Audience(parameters: parameters)
        machine = MeshMachine(key: key, parameters: parameters, sequence: RestartSequence.next, seed: seed)
        (jobs, jobInbox) = AsyncStream.makeStream(of: Job.self)
    }

    private var now: Duration { ContinuousClock().now - start }

    // MARK: Topics

    /// Subscribes to `topic`. `validate` is asked once about each new message of others, one message at a time in the
    /// order of arrival, before it is passed on. Joining again changes nothing.
    package func join(_ topic: String, validate: @escaping Validator) {
        guard topics[topic] == nil else { return }
        // No more wait than the machine has pending.
        let (messages, inbox) = AsyncStream.makeStream(of: (GossipMessage, PeerID).self)
        topics[topic] = inbox
        jobInbox.yield(.validate(topic: topic, messages, validate))
        perform(machine.step(.join(topic), at: now))
    }

    package func leave(_ topic: String) {
        topics.removeValue(forKey: topic)?.finish()
        perform(machine.step(.leave(topic), at: now))
    }

    /// Signs `data` and sends it to the peers of `topic`, whether this node has joined it or not. The own validator is
    /// not asked.
    package func publish(_ data: [UInt8], on topic: String) throws(GossipError) {
        guard data.count <= parameters.messageLimit else {
            throw .messageTooLong(length: data.count, limit: parameters.messageLimit)
        }
        guard topic.utf8.count <= parameters.topicLimit else {
            throw .topicTooLong(length: topic.utf8.count, limit: parameters.topicLimit)
        }
        perform(machine.step(.publish(data, topic: topic), at: now))
    }

    package func meshPeers(_ topic: String) -> [PeerID] { machine.meshPeers(topic) }
    package func topicPeers(_ topic: String) -> [PeerID] { machine.topicPeers(topic) }
    package func score(of peer: PeerID) -> Double { machine.score(of: peer, at: now) }
    package var counters: MeshMachine.Counters { machine.counters }
    /// RPCs that slow peers lost.
    package var lostToSlowPeers: UInt64 { audience.dropped }

    /// Sets what the node itself thinks of a peer (P5); positive is good.
    package func rate(_ peer: PeerID, _ points: Double) {
        perform(machine.step(.opinion(points, of: peer), at: now))
    }

    // MARK: Running

    /// Works until graceful shutdown or cancellation. A node that leaves says its last words to the peers it has, and takes in no others.
    package func run() async throws {
        for protocolID in MeshMachine.Version.protocolIDs {
            swarm.handle(protocolID, perPeer: 4) { [weak self] stream in try await self?.listen(to: stream) }
        }
        let events = swarm.events()
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.follow(events) }
                group.addTask { await self.keepBeating() }
                for await job in jobs { group.addTask { await self.perform(job) } }
                await self.sendRest()
                group.cancelAll()
            }
        } onGracefulShutdown: { [jobInbox] in
            jobInbox.finish()
        }
        for protocolID in MeshMachine.Version.protocolIDs { swarm.removeHandler(protocolID) }
        for inbox in topics.values { inbox.finish() }
        audience.finish()
    }

    /// What was published is still sent: that this node leaves, for one. A peer that does not read in time loses it.
    private func sendRest() async {
        let queues = audience.close()
        try? await withDeadline(parameters.lastWords, "peers to read the rest") {
            for queue in queues { await queue.finished() }
        }
    }

    private func keepBeating() async {
        while !Task.isCancelled {
            try? await ContinuousClock().sleep(for: parameters.heartbeat)
            guard !audience.isClosed else { return }
            await meetPeers()
            perform(machine.step(.heartbeat, at: now))
        }
    }

    private func follow(_ events: AsyncStream<SwarmEvent>) async {
        for await event in events {
            switch event {
            case .connected: break
            case .identified(_, let protocols):
                if MeshMachine.Version(newestOf: protocols) != nil { await meetPeers() }
            case .disconnected(let peer): part(from: peer)
            }
        }
    }

    /// Compares the swarm's peers with those known here: events may have been lost.
    private func meetPeers() async {
        let present = await swarm.peers()
        for peer in audience.peers where !present.contains(where: { $0.id == peer }) { part(from: peer) }
        for summary in present where !audience.contains(summary.id) {
            guard let version = MeshMachine.Version(newestOf: summary.protocols) else { continue }
            meet(summary, version)
        }
    }

    private func meet(_ summary: PeerSummary, _ version: MeshMachine.Version) {
        guard let queue = audience.admit(summary.id) else { return }
        let remote = summary.addresses.first
        let address = remote.flatMap { $0.isLoopback ? nil : $0.components[0].value }
        jobInbox.yield(.speak(Speaker(peer: summary.id, queue: queue, swarm: swarm, lastWords: parameters.lastWords)))
        let input = MeshMachine.Input.connected(
            summary.id, version, isOutbound: summary.isOutbound, address: address)
        perform(machine.step(input, at: now))
    }

    private func part(from peer: PeerID) {
        guard audience.dismiss(peer) else { return }
        perform(machine.step(.disconnected(peer), at: now))
    }

    // MARK: Effects

    private func perform(_ effects: [MeshMachine.Effect]) {
        for effect in effects {
            switch effect {
            case .send(let rpc, let peer, let isUrgent):
                if !audience.tell(peer, rpc.bytes, isUrgent: isUrgent) {
                    logger.info("a peer is too slow for gossip", metadata: ["peer": "\(peer)"])
                    part(from: peer)
                }
            case .validate(let message, let peer):
                guard let inbox = topics[message.topic] else {
                    perform(machine.step(.verdict(message.id, .ignore), at: now))
                    continue
                }
                inbox.yield((message, peer))
            }
        }
    }

    private func perform(_ job: Job) async {
        switch job {
        case .speak(let speaker): await perform(speaker)
        case .validate(let topic, let messages, let validate):
            for await (message, peer) in messages {
                let verdict = await validate(message, peer)
                perform(machine.step(.verdict(message.id, verdict), at: now))
            }
            logger.debug("topic left", metadata: ["topic": "\(topic)"])
        }
    }

    // MARK: Streams

    /// Keeps our stream to one peer. One that broke is opened anew at the next heartbeat, when the peer is still there.
    private func perform(_ speaker: Speaker) async {
        do {
            try await speaker.speak()
        } catch {
            logger.debug("gossip stream ended", metadata: ["peer": "\(speaker.peer)", "error": "\(error)"])
        }
        if audience.contains(speaker.peer, with: speaker.queue) { part(from: speaker.peer) }
    }

    /// Reads what one peer says until it stops.
    private nonisolated func listen(to stream: any MuxedStream) async throws {
        let peer = stream.remotePeer
        let frames = FramedStream(stream)
        while let frame = try await frames.readFrame(limit: parameters.rpcLimit) {
            let rpc: RPC
            do {
                rpc = try RPC(bytes: frame)
            } catch {
                await hear(.malformed(from: peer))
                throw error
            }
            await hear(.received(rpc, from: peer), over: stream.protocolID)
        }
    }

    private func hear(_ input: MeshMachine.Input, over protocolID: String? = nil) async {
        if case .received(_, let peer) = input, !audience.contains(peer), let protocolID {
            // The peer's stream came before its identification.
            let summary = await swarm.peers().first { $0.id == peer }
            if let summary, let version = MeshMachine.Version(newestOf: [protocolID]) { meet(summary, version) }
        }
        perform(machine.step(input, at: now))
    }
}
