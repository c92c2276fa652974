internal import Keys

extension MeshMachine {
    mutating func beat(at now: Duration) {
        beats += 1
        forget(at: now)
        for topic in mesh.keys.sorted() { maintain(topic, at: now) }
        maintainFanout(at: now)
        for topic in (subscriptions.union(fanout.keys)).sorted() { announce(topic, at: now) }
        cache.shift()
    }

    /// Lets counters decay and drops what has had its time.
    private mutating func forget(at now: Duration) {
        seen.expire(at: now)
        for (message, promise) in promises.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) })
        where now >= promise.until {
            promises[message] = nil
            counters.brokenPromises += 1
            peers[promise.peer]?.score.misbehaved()
        }
        for peer in Array(peers.keys) {
            guard var state = peers[peer] else { continue }
            state.announcements = 0
            state.asked = 0
            state.unwantedCount = 0
            state.unwanted = state.unwanted.compactMapValues { $0 > 1 ? $0 - 1 : nil }
            state.score.decay(parameters.score)
            peers[peer] = state
        }
        backoffs = backoffs.filter { now < $0.value }
        for peer in Array(retained.keys) {
            retained[peer]?.score.decay(parameters.score)
            if let kept = retained[peer], kept.score.isEmpty || now >= kept.until { retained[peer] = nil }
        }
    }

    /// Keeps the mesh of one topic within its bounds.
    private mutating func maintain(_ topic: String, at now: Duration) {
        for peer in (mesh[topic] ?? []).sorted() where score(of: peer, at: now) < 0 { prune(peer, topic, at: now) }
        let count = mesh[topic]?.count ?? 0
        if count < parameters.degreeLow {
            for peer in draw(parameters.degree - count, of: eligible(topic, at: now)) { graft(peer, topic, at: now) }
        } else if count > parameters.degreeHigh {
            cutBack(topic, at: now)
        }
        graftOutbound(topic, at: now)
        if beats % max(parameters.opportunisticGraftHeartbeats, 1) == 0 { graftBetter(topic, at: now) }
    }

    /// Down to the wanted degree: the best by score stay, then others by lot, with enough that we dialled.
    private mutating func cutBack(_ topic: String, at now: Duration) {
        let members = draw(.max, of: mesh[topic] ?? [])
        let ranked = members.map { (peer: $0, score: score(of: $0, at: now)) }
        let best = ranked.enumerated().sorted { ($1.element.score, $0.offset) < ($0.element.score, $1.offset) }
        let champions = best.prefix(parameters.degreeScore).map(\.element.peer)
        var kept = champions
        let rest = members.filter { !champions.contains($0) }
        let outbound = rest.filter { peers[$0]?.isOutbound == true }
        let missing = parameters.degreeOutbound - kept.count { peers[$0]?.isOutbound == true }
        kept += outbound.prefix(max(missing, 0))
        kept += rest.filter { !kept.contains($0) }.prefix(max(parameters.degree - kept.count, 0))
        for peer in members where !kept.contains(peer) { prune(peer, topic, at: now) }
    }

    private mutating func graftOutbound(_ topic: String, at now: Duration) {
        let members = mesh[topic] ?? []
        guard members.count >= parameters.degreeLow else { return }
        let missing = parameters.degreeOutbound - members.count { peers[$0]?.isOutbound == true }
        guard missing > 0 else { return }
        let able = eligible(topic, at: now).filter { peers[$0]?.isOutbound == true }
        for peer in draw(missing, of: able) { graft(peer, topic, at: now) }
    }

    /// When the mesh as a whole is poor, takes in a few of better score than its median.
    private mutating func graftBetter(_ topic: String, at now: Duration) {
        let scores = (mesh[topic] ?? []).map { score(of: $0, at: now) }.sorted()
        guard scores.count > 1 else { return }
        let median = scores[scores.count / 2]
        guard median < parameters.score.opportunisticThreshold else { return }
        let better = eligible(topic, at: now).filter { score(of: $0, at: now) > median }
        for peer in draw(parameters.opportunisticGraftPeers, of: better) { graft(peer, topic, at: now) }
    }

    private mutating func maintainFanout(at now: Duration) {
        let threshold = parameters.score.publishThreshold
        for topic in fanout.keys.sorted() {
            guard var group = fanout[topic] else { continue }
            guard now - group.published < parameters.fanoutLifetime else {
                fanout[topic] = nil
                continue
            }
            group.peers = group.peers.filter {
                peers[$0]?.topics.contains(topic) == true && score(of: $0, at: now) >= threshold
            }
            let others = topicPeers(topic).filter { !group.peers.contains($0) && score(of: $0, at: now) >= threshold }
            group.peers.formUnion(draw(parameters.degree - group.peers.count, of: others))
            fanout[topic] = group
        }
    }

    /// IHAVE to some of the peers that do not get everything anyway.
    private mutating func announce(_ topic: String, at now: Duration) {
        var ids = cache.announced(on: topic)
        guard !ids.isEmpty else { return }
        let served = (mesh[topic] ?? []).union(fanout[topic]?.peers ?? [])
        let able = topicPeers(topic).filter {
            !served.contains($0) && score(of: $0, at: now) >= parameters.score.gossipThreshold
        }
        let count = max(parameters.degreeLazy, Int(Double(able.count) * parameters.gossipFactor))
        for peer in draw(count, of: able) {
            if ids.count > parameters.maxAnnouncedIDs { ids.shuffle(using: &dice) }
            let told = Array(ids.prefix(parameters.maxAnnouncedIDs))
            say(to: peer, urgent: false) {
                $0.control.announcements.append(Control.Announcement(topic: topic, ids: told))
            }
        }
    }
}
