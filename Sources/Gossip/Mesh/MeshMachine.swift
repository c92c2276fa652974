package import Keys

/// Decides what one node says to its peers so that messages reach every subscriber: gossipsub v1.2 as a value.
///
/// Few peers of a topic get whole messages at once (the mesh), others hear of them and ask (gossip). Peers that break
/// rules or send invalid messages lose score, and with it the mesh, gossip, and at last every hearing.
///
/// Source: libp2p specifications, pubsub/gossipsub v1.0 to v1.2. Times are since any fixed start; random choices come
/// from a seed, so that the same inputs give the same effects.
package struct MeshMachine: Sendable {
    package enum Input: Sendable {
        /// - Parameters:
        ///   - address: the bytes of its IP address, for counting peers that share one; nil exempts it (loopback).
        case connected(PeerID, Version, isOutbound: Bool, address: [UInt8]?)
        case disconnected(PeerID)
        case join(String)
        case leave(String)
        case publish([UInt8], topic: String)
        case received(RPC, from: PeerID)
        /// Bytes that are no RPC.
        case malformed(from: PeerID)
        /// The answer to ``Effect/validate(_:from:)``.
        case verdict([UInt8], GossipVerdict)
        /// What the node itself thinks of a peer (P5), in points.
        case opinion(Double, of: PeerID)
        case heartbeat
    }

    package enum Effect: Sendable {
        /// `isUrgent` is false for what a slow peer may miss.
        case send(RPC, to: PeerID, isUrgent: Bool)
        /// Ask the owner of the topic, then say ``Input/verdict(_:_:)``.
        case validate(GossipMessage, from: PeerID)
    }

    struct Peer: Sendable {
        var version: Version
        var isOutbound: Bool
        var address: [UInt8]?
        var topics: Set<String> = []
        var score = PeerScore()
        /// Since the last heartbeat: IHAVEs received, ids asked for, IDONTWANT ids received.
        var announcements = 0
        var asked = 0
        var unwantedCount = 0
        /// Messages not to send, by the heartbeats left.
        var unwanted: [[UInt8]: Int] = [:]
    }

    struct Pending: Sendable {
        let message: SignedMessage
        let from: PeerID
        var copies: [PeerID] = []
    }

    struct Fanout: Sendable {
        var peers: Set<PeerID> = []
        var published: Duration
    }

    struct Backoff: Hashable, Sendable {
        let peer: PeerID
        let topic: String
    }

    struct Promise: Sendable {
        let peer: PeerID
        let until: Duration
    }

    /// Numbers for those who watch.
    package struct Counters: Sendable, Hashable {
        package var delivered: UInt64 = 0
        package var duplicates: UInt64 = 0
        package var invalid: UInt64 = 0
        /// New messages refused because too many verdicts were awaited.
        package var overflows: UInt64 = 0
        package var graylisted: UInt64 = 0
        package var brokenPromises: UInt64 = 0
    }

    let key: SigningKey
    package let id: PeerID
    package let parameters: GossipParameters
    package internal(set) var counters = Counters()

    var peers: [PeerID: Peer] = [:]
    var subscriptions: Set<String> = []
    var mesh: [String: Set<PeerID>] = [:]
    var fanout: [String: Fanout] = [:]
    var seen: SeenCache
    var cache: MessageCache
    var pending: [[UInt8]: Pending] = [:]
    var backoffs: [Backoff: Duration] = [:]
    var promises: [[UInt8]: Promise] = [:]
    var retained: [PeerID: (score: PeerScore, until: Duration)] = [:]
    /// Connected peers by IP address.
    var neighbours: [[UInt8]: Int] = [:]
    var beats: UInt64 = 0
    var dice: SeededGenerator
    private var sequence: UInt64
    private var outbox = Outbox()

    /// - Parameter sequence: the last number this author may have used before, for example the time in nanoseconds.
    package init(key: SigningKey, parameters: GossipParameters, sequence: UInt64, seed: UInt64) {
        self.key = key
        id = key.peer
        self.parameters = parameters
        self.sequence = sequence
        dice = SeededGenerator(seed: seed)
        seen = SeenCache(lifetime: parameters.seenLifetime, limit: parameters.seenLimit)
        cache = MessageCache(
            length: parameters.historyLength, gossip: parameters.historyGossip, byteLimit: parameters.cacheByteLimit)
    }

    package mutating func step(_ input: Input, at now: Duration) -> [Effect] {
        var effects: [Effect] = []
        switch input {
        case .connected(let peer, let version, let isOutbound, let address):
            connect(peer, version, isOutbound: isOutbound, address: address)
        case .disconnected(let peer): disconnect(peer, at: now)
        case .join(let topic): join(topic, at: now)
        case .leave(let topic): leave(topic, at: now)
        case .publish(let data, let topic): publish(data, on: topic, at: now)
        case .received(let rpc, let peer): receive(rpc, from: peer, at: now, &effects)
        case .malformed(let peer): peers[peer]?.score.misbehaved(4)
        case .verdict(let id, let verdict): conclude(id, verdict)
        case .opinion(let points, let peer): peers[peer]?.score.application = points
        case .heartbeat: beat(at: now)
        }
        return effects + outbox.flush(limit: parameters.rpcLimit)
    }

    // MARK: What others may read

    package func meshPeers(_ topic: String) -> [PeerID] { (mesh[topic] ?? []).sorted() }
    package func topicPeers(_ topic: String) -> [PeerID] {
        peers.filter { $0.value.topics.contains(topic) }.keys.sorted()
    }
    package var topics: [String] { subscriptions.sorted() }
    package var awaitedVerdicts: Int { pending.count }

    package func score(of peer: PeerID, at now: Duration) -> Double {
        guard let state = peers[peer] else {
            return retained[peer]?.score.value(parameters.score, sharing: 0, at: now) ?? 0
        }
        let sharing = state.address.map { neighbours[$0] ?? 0 } ?? 0
        return state.score.value(parameters.score, sharing: sharing, at: now)
    }

    // MARK: Saying

    mutating func say(to peer: PeerID, urgent: Bool = true, _ change: (inout RPC) -> Void) {
        outbox.add(to: peer, urgent: urgent, change)
    }

    mutating func nextSequence() -> UInt64 {
        sequence &+= 1
        return sequence
    }

    /// Some of `peers`, drawn evenly; the order of the set plays no part.
    mutating func draw(_ count: Int, of peers: some Sequence<PeerID>) -> [PeerID] {
        guard count > 0 else { return [] }
        return Array(peers.sorted().shuffled(using: &dice).prefix(count))
    }
}
