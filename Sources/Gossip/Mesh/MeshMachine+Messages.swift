internal import Keys

extension MeshMachine {
    mutating func publish(_ data: [UInt8], on topic: String, at now: Duration) {
        guard data.count <= parameters.messageLimit else { return }
        let message = SignedMessage.sign(data, topic: topic, sequence: nextSequence(), key: key)
        _ = seen.insert(message.id, at: now)
        cache.insert(message)
        for peer in audience(of: topic, at: now) { say(to: peer) { $0.messages.append(message) } }
    }

    /// Who gets an own message.
    private mutating func audience(of topic: String, at now: Duration) -> [PeerID] {
        let threshold = parameters.score.publishThreshold
        let able = topicPeers(topic).filter { score(of: $0, at: now) >= threshold }
        if parameters.floodsPublishing { return able }
        if let peers = mesh[topic], !peers.isEmpty { return peers.sorted() }
        var group = fanout[topic] ?? Fanout(published: now)
        group.published = now
        group.peers.formUnion(
            draw(parameters.degree - group.peers.count, of: able.filter { !group.peers.contains($0) }))
        if !subscriptions.contains(topic) { fanout[topic] = group }
        return group.peers.sorted()
    }

    mutating func receive(_ rpc: RPC, from peer: PeerID, at now: Duration, _ effects: inout [Effect]) {
        guard peers[peer] != nil else { return }
        guard score(of: peer, at: now) >= parameters.score.graylistThreshold else {
            counters.graylisted += 1
            return
        }
        for subscription in rpc.subscriptions { take(subscription, from: peer, at: now) }
        for message in rpc.messages { take(message, from: peer, at: now, &effects) }
        take(rpc.control, from: peer, at: now)
    }

    private mutating func take(_ subscription: RPC.Subscription, from peer: PeerID, at now: Duration) {
        let topic = subscription.topic
        guard topic.utf8.count <= parameters.topicLimit, var state = peers[peer] else { return }
        if subscription.subscribe {
            guard state.topics.count < parameters.subscriptionsPerPeer else { return }
            state.topics.insert(topic)
            peers[peer] = state
        } else {
            state.topics.remove(topic)
            peers[peer] = state
            if mesh[topic]?.remove(peer) != nil { peers[peer]?.score.pruned(topic, parameters.score, at: now) }
            fanout[topic]?.peers.remove(peer)
        }
    }

    private mutating func take(_ message: SignedMessage, from peer: PeerID, at now: Duration, _ effects: inout [Effect])
    {
        guard subscriptions.contains(message.topic), message.data.count <= parameters.messageLimit else { return }
        guard message.from != id.bytes else { return }
        let messageID = message.id
        if seen.contains(messageID) {
            counters.duplicates += 1
            if var waiting = pending[messageID], waiting.from != peer, waiting.copies.count < 32,
                !waiting.copies.contains(peer)
            {
                waiting.copies.append(peer)
                pending[messageID] = waiting
                peers[peer]?.score.deliveredInMesh(message.topic, parameters.score)
            }
            return
        }
        // Checked before the id counts as seen: a forgery must not keep the real message out.
        guard message.isAuthentic, let author = PeerID(bytes: message.from) else {
            counters.invalid += 1
            peers[peer]?.score.deliveredInvalid(message.topic)
            return
        }
        guard pending.count < parameters.pendingLimit else {
            counters.overflows += 1
            return
        }
        _ = seen.insert(messageID, at: now)
        promises[messageID] = nil
        pending[messageID] = Pending(message: message, from: peer)
        if message.data.count >= parameters.unwantedThreshold {
            refuseCopies(of: messageID, on: message.topic, from: peer)
        }
        let told = GossipMessage(from: author, data: message.data, topic: message.topic, id: messageID)
        effects.append(.validate(told, from: peer))
    }

    /// Tells the mesh at once that a large message is here already.
    private mutating func refuseCopies(of message: [UInt8], on topic: String, from sender: PeerID) {
        for peer in (mesh[topic] ?? []).sorted() where peer != sender && peers[peer]?.version == .v1_2 {
            say(to: peer, urgent: false) { $0.control.unwanted.append(message) }
        }
    }

    mutating func conclude(_ messageID: [UInt8], _ verdict: GossipVerdict) {
        guard let waiting = pending.removeValue(forKey: messageID) else { return }
        let message = waiting.message
        switch verdict {
        case .ignore: break
        case .reject:
            counters.invalid += 1
            for peer in [waiting.from] + waiting.copies { peers[peer]?.score.deliveredInvalid(message.topic) }
        case .accept:
            counters.delivered += 1
            peers[waiting.from]?.score.deliveredFirst(message.topic, parameters.score)
            cache.insert(message)
            for peer in (mesh[message.topic] ?? []).sorted() {
                guard peer != waiting.from, peer.bytes != message.from, !waiting.copies.contains(peer),
                    peers[peer]?.unwanted[messageID] == nil
                else { continue }
                say(to: peer, urgent: false) { $0.messages.append(message) }
            }
        }
    }
}
