internal import Keys

extension MeshMachine {
    mutating func take(_ control: Control, from peer: PeerID, at now: Duration) {
        guard !control.isEmpty else { return }
        for topic in control.grafts { takeGraft(topic, from: peer, at: now) }
        for prune in control.prunes { take(prune, from: peer, at: now) }
        takeAnnouncements(control.announcements, from: peer, at: now)
        takeWanted(control.wanted, from: peer, at: now)
        takeUnwanted(control.unwanted, from: peer)
    }

    private mutating func takeGraft(_ topic: String, from peer: PeerID, at now: Duration) {
        guard let members = mesh[topic], let state = peers[peer], !members.contains(peer) else { return }
        if let until = backoffs[Backoff(peer: peer, topic: topic)], now < until - parameters.heartbeat {
            // A backoff that just began was surely heard of: grafting again at once is an attack.
            let began = until - parameters.heartbeat - parameters.pruneBackoff
            peers[peer]?.score.misbehaved(now - began < parameters.graftFloodThreshold ? 2 : 1)
            return prune(peer, topic, at: now)
        }
        guard score(of: peer, at: now) >= 0 else { return prune(peer, topic, at: now) }
        guard members.count < parameters.degreeHigh || state.isOutbound else { return prune(peer, topic, at: now) }
        mesh[topic]?.insert(peer)
        peers[peer]?.topics.insert(topic)
        peers[peer]?.score.grafted(topic, at: now)
    }

    private mutating func take(_ prune: Control.Prune, from peer: PeerID, at now: Duration) {
        guard mesh[prune.topic] != nil else { return }
        if mesh[prune.topic]?.remove(peer) != nil { peers[peer]?.score.pruned(prune.topic, parameters.score, at: now) }
        let longest = UInt64(clamping: parameters.longestBackoff.components.seconds)
        let asked = prune.backoff.map { Duration.seconds(Int64(min($0, longest))) } ?? parameters.pruneBackoff
        hold(peer, prune.topic, for: asked > .zero ? asked : parameters.pruneBackoff, at: now)
    }

    /// IHAVE: asks for what is new, within the bounds of one heartbeat.
    private mutating func takeAnnouncements(
        _ announcements: [Control.Announcement], from peer: PeerID, at now: Duration
    ) {
        guard !announcements.isEmpty, var state = peers[peer],
            score(of: peer, at: now) >= parameters.score.gossipThreshold
        else { return }
        state.announcements += 1
        var wanted: [[UInt8]] = []
        var chosen: Set<[UInt8]> = []
        if state.announcements <= parameters.maxAnnouncements {
            for entry in announcements where subscriptions.contains(entry.topic) {
                for id in entry.ids.prefix(parameters.maxAnnouncedIDs) {
                    guard state.asked + wanted.count < parameters.maxAnnouncedIDs else { break }
                    guard !seen.contains(id), promises[id]?.peer != peer, chosen.insert(id).inserted else { continue }
                    wanted.append(id)
                }
            }
        }
        state.asked += wanted.count
        peers[peer] = state
        guard !wanted.isEmpty else { return }
        // One message of the lot is remembered as promised: who announces what it does not have is found out.
        if let id = wanted.randomElement(using: &dice), promises[id] == nil, promises.count < parameters.seenLimit {
            promises[id] = Promise(peer: peer, until: now + parameters.promiseDeadline)
        }
        say(to: peer, urgent: false) { $0.control.wanted += wanted }
    }

    /// IWANT: sends what is still cached, each message a few times at most.
    private mutating func takeWanted(_ ids: [[UInt8]], from peer: PeerID, at now: Duration) {
        guard !ids.isEmpty, score(of: peer, at: now) >= parameters.score.gossipThreshold else { return }
        for id in ids.prefix(parameters.maxAnnouncedIDs) {
            guard let message = cache.take(id, for: peer, limit: parameters.maxRetransmissions) else { continue }
            say(to: peer, urgent: false) { $0.messages.append(message) }
        }
    }

    /// IDONTWANT.
    private mutating func takeUnwanted(_ ids: [[UInt8]], from peer: PeerID) {
        guard !ids.isEmpty, var state = peers[peer] else { return }
        for id in ids where id.count <= 128 {
            guard state.unwantedCount < parameters.maxUnwantedIDs else { break }
            state.unwantedCount += 1
            state.unwanted[id] = 3
        }
        peers[peer] = state
    }
}
