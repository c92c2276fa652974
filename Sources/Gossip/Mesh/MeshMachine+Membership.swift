internal import Keys

extension MeshMachine {
    mutating func connect(_ peer: PeerID, _ version: Version, isOutbound: Bool, address: [UInt8]?) {
        guard peer != id else { return }
        if peers[peer] != nil {
            peers[peer]?.version = version
            return
        }
        guard peers.count < parameters.peerLimit else { return }
        var state = Peer(version: version, isOutbound: isOutbound, address: address)
        if let kept = retained.removeValue(forKey: peer) { state.score = kept.score }
        peers[peer] = state
        if let address { neighbours[address, default: 0] += 1 }
        let topics = subscriptions.sorted()
        guard !topics.isEmpty else { return }
        say(to: peer) { $0.subscriptions = topics.map { RPC.Subscription(subscribe: true, topic: $0) } }
    }

    mutating func disconnect(_ peer: PeerID, at now: Duration) {
        guard var state = peers.removeValue(forKey: peer) else { return }
        if let address = state.address, let count = neighbours[address] {
            neighbours[address] = count > 1 ? count - 1 : nil
        }
        for topic in mesh.keys.sorted() { mesh[topic]?.remove(peer) }
        for topic in fanout.keys.sorted() { fanout[topic]?.peers.remove(peer) }
        state.score.disconnected(parameters.score, at: now)
        // Only a bad name is worth remembering.
        if state.score.value(parameters.score, sharing: 0, at: now) < 0, retained.count < parameters.score.retainedPeers
        {
            retained[peer] = (state.score, now + parameters.score.retention)
        }
    }

    mutating func join(_ topic: String, at now: Duration) {
        guard subscriptions.insert(topic).inserted else { return }
        for peer in peers.keys.sorted() {
            say(to: peer) { $0.subscriptions.append(RPC.Subscription(subscribe: true, topic: topic)) }
        }
        mesh[topic] = []
        let proven = fanout.removeValue(forKey: topic)?.peers ?? []
        let able = eligible(topic, at: now)
        for peer in draw(parameters.degree, of: proven.filter(able.contains)) { graft(peer, topic, at: now) }
        let missing = parameters.degree - (mesh[topic]?.count ?? 0)
        for peer in draw(missing, of: eligible(topic, at: now)) { graft(peer, topic, at: now) }
    }

    mutating func leave(_ topic: String, at now: Duration) {
        guard subscriptions.remove(topic) != nil else { return }
        for peer in (mesh.removeValue(forKey: topic) ?? []).sorted() {
            prune(peer, topic, backoff: parameters.unsubscribeBackoff, at: now)
        }
        for peer in peers.keys.sorted() {
            say(to: peer) { $0.subscriptions.append(RPC.Subscription(subscribe: false, topic: topic)) }
        }
    }

    /// Peers of the topic that may be grafted: outside the mesh, of good score, with no backoff.
    func eligible(_ topic: String, at now: Duration) -> [PeerID] {
        peers.filter { peer, state in
            state.topics.contains(topic) && mesh[topic]?.contains(peer) != true
                && now >= backoffs[Backoff(peer: peer, topic: topic)] ?? .zero && score(of: peer, at: now) >= 0
        }
        .keys.sorted()
    }

    /// Takes a peer into the mesh and tells it.
    mutating func graft(_ peer: PeerID, _ topic: String, at now: Duration) {
        guard peers[peer] != nil, mesh[topic]?.insert(peer).inserted == true else { return }
        peers[peer]?.score.grafted(topic, at: now)
        say(to: peer) { $0.control.grafts.append(topic) }
    }

    /// Drops a peer from the mesh and tells it for how long.
    mutating func prune(_ peer: PeerID, _ topic: String, backoff: Duration? = nil, at now: Duration) {
        mesh[topic]?.remove(peer)
        guard let version = peers[peer]?.version else { return }
        peers[peer]?.score.pruned(topic, parameters.score, at: now)
        let backoff = backoff ?? parameters.pruneBackoff
        hold(peer, topic, for: backoff, at: now)
        let seconds = version >= .v1_1 ? UInt64(clamping: backoff.components.seconds) : nil
        say(to: peer) { $0.control.prunes.append(Control.Prune(topic: topic, backoff: seconds)) }
    }

    /// Backoffs kept at once: those of a full peer table on eight topics.
    static let backoffLimit = 16_384

    /// No graft of the peer until `time` and one heartbeat have passed.
    mutating func hold(_ peer: PeerID, _ topic: String, for time: Duration, at now: Duration) {
        let key = Backoff(peer: peer, topic: topic)
        guard backoffs[key] != nil || backoffs.count < Self.backoffLimit else { return }
        backoffs[key] = max(backoffs[key] ?? .zero, now + time + parameters.heartbeat)
    }
}
