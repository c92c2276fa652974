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
        case speak(PeerID, OutboundQueue)
        case validate(topic: String, AsyncStream<(GossipMessage, PeerID)>, Validator)
    }

    private let swarm: SwarmService
    private let parameters: GossipParameters
    private let logger: Logger
    private let start = ContinuousClock().now
    private var machine: MeshMachine
    /// Messages of the topics that this node has joined, on their way to the validators.
    private var topics: [String: AsyncStream<(GossipMessage, PeerID)>.Continuation] = [:]
    private var queues: [PeerID: OutboundQueue] = [:]
    private let jobs: AsyncStream<Job>
    private let jobInbox: AsyncStream<Job>.Continuation
    private var lost: UInt64 = 0
    /// How long a peer may take to read what was said before the end.
    private static let lastWords = Duration.seconds(2)

    package init(
        swarm: SwarmService, key: SigningKey, parameters: GossipParameters = GossipParameters(), logger: Logger,
        seed: UInt64 = UInt64.random(in: .min ... .max)
    ) {
        self.swarm = swarm
        self.parameters = parameters
        self.logger = logger
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
    package var lostToSlowPeers: UInt64 { queues.values.reduce(lost) { $0 + $1.dropped } }

    /// Sets what the node itself thinks of a peer (P5); positive is good.
    package func rate(_ peer: PeerID, _ points: Double) {
        perform(machine.step(.opinion(points, of: peer), at: now))
    }

    // MARK: Running

    /// Works until graceful shutdown or cancellation.
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
        for queue in queues.values { queue.finish() }
    }

    /// What was published is still sent: that this node leaves, for one. A peer that does not read in time loses it.
    private func sendRest() async {
        let queues = Array(queues.values)
        for queue in queues { queue.close() }
        try? await withDeadline(Self.lastWords, "peers to read the rest") {
            for queue in queues { await queue.finished() }
        }
    }

    private func keepBeating() async {
        while !Task.isCancelled {
            try? await ContinuousClock().sleep(for: parameters.heartbeat)
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
        for peer in queues.keys.sorted() where !present.contains(where: { $0.id == peer }) { part(from: peer) }
        for summary in present where queues[summary.id] == nil {
            guard let version = MeshMachine.Version(newestOf: summary.protocols) else { continue }
            meet(summary, version)
        }
    }

    private func meet(_ summary: PeerSummary, _ version: MeshMachine.Version) {
        guard queues[summary.id] == nil, queues.count < parameters.peerLimit else { return }
        let queue = OutboundQueue(lengthLimit: parameters.queueLength, byteLimit: parameters.queueBytes)
        queues[summary.id] = queue
        let remote = summary.addresses.first
        let address = remote.flatMap { $0.isLoopback ? nil : $0.components[0].value }
        jobInbox.yield(.speak(summary.id, queue))
        let input = MeshMachine.Input.connected(
            summary.id, version, isOutbound: summary.isOutbound, address: address)
        perform(machine.step(input, at: now))
    }

    private func part(from peer: PeerID) {
        guard let queue = queues.removeValue(forKey: peer) else { return }
        lost += queue.dropped
        queue.finish()
        perform(machine.step(.disconnected(peer), at: now))
    }

    // MARK: Effects

    private func perform(_ effects: [MeshMachine.Effect]) {
        for effect in effects {
            switch effect {
            case .send(let rpc, let peer, let isUrgent):
                guard let queue = queues[peer] else { continue }
                if !queue.push(rpc.bytes, isUrgent: isUrgent) {
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
        case .speak(let peer, let queue): await speak(to: peer, from: queue)
        case .validate(let topic, let messages, let validate):
            for await (message, peer) in messages {
                let verdict = await validate(message, peer)
                perform(machine.step(.verdict(message.id, verdict), at: now))
            }
            logger.debug("topic left", metadata: ["topic": "\(topic)"])
        }
    }

    // MARK: Streams

    /// Keeps our stream to one peer.
    private nonisolated func speak(to peer: PeerID, from queue: OutboundQueue) async {
        do {
            let stream = try await swarm.open(MeshMachine.Version.protocolIDs, to: peer, deadline: .seconds(15))
            defer { stream.reset() }
            try await queue.drain { bytes in
                try await withDeadline(.seconds(30), "an RPC to \(peer)") { try await stream.writeFrame(bytes) }
            }
            // A reset takes from the peer what it has not read yet, so its own end is waited for.
            try await withDeadline(Self.lastWords, "\(peer) to read the rest") {
                try await stream.closeWrite()
                while try await !stream.read().isEmpty {}
            }
        } catch {
            logger.debug("gossip stream ended", metadata: ["peer": "\(peer)", "error": "\(error)"])
        }
        await forget(peer, queue)
    }

    /// A stream that broke is opened anew at the next heartbeat, when the peer is still there.
    private func forget(_ peer: PeerID, _ queue: OutboundQueue) {
        guard queues[peer] === queue else { return }
        part(from: peer)
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
        if case .received(_, let peer) = input, queues[peer] == nil, let protocolID {
            // The peer's stream came before its identification.
            let summary = await swarm.peers().first { $0.id == peer }
            if let summary, let version = MeshMachine.Version(newestOf: [protocolID]) { meet(summary, version) }
        }
        perform(machine.step(input, at: now))
    }
}
