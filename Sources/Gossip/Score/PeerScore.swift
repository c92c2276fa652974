/// The counters of one peer, and the score they make. Decays by the heartbeat; knows no clock.
package struct PeerScore: Sendable, Hashable {
    struct Topic: Sendable, Hashable {
        /// When the peer joined our mesh; nil outside.
        var graftedAt: Duration?
        /// Heartbeats in the mesh.
        var timeInMesh = 0.0
        var firstDeliveries = 0.0
        var meshDeliveries = 0.0
        var meshFailures = 0.0
        var invalidMessages = 0.0

        var isEmpty: Bool { self == Topic() }
    }

    private(set) var topics: [String: Topic] = [:]
    private(set) var misbehaviour = 0.0
    /// P5, set by the node.
    package var application = 0.0

    package init() {}

    /// - Parameters:
    ///   - sharing: peers at this peer's address, itself included; 0 when that does not matter.
    ///   - now: the time since any fixed start.
    package func value(_ parameters: ScoreParameters, sharing: Int, at now: Duration) -> Double {
        // Summed in the order of the topics' names, so that equal counters make equal scores.
        var sum = topics.keys.sorted().reduce(0.0) { sum, name in
            topics[name].map { sum + part(of: $0, parameters, at: now) * parameters.topicWeight } ?? sum
        }
        sum = min(sum, parameters.topicCap)
        sum += application * parameters.applicationWeight
        let crowd = Double(sharing) - parameters.sharedAddressThreshold
        if crowd > 0 { sum += crowd * crowd * parameters.sharedAddressWeight }
        let excess = misbehaviour - parameters.misbehaviourThreshold
        if excess > 0 { sum += excess * excess * parameters.misbehaviourWeight }
        return sum
    }

    private func part(of topic: Topic, _ parameters: ScoreParameters, at now: Duration) -> Double {
        var part = min(topic.timeInMesh, parameters.timeInMeshCap) * parameters.timeInMeshWeight
        part += topic.firstDeliveries * parameters.firstDeliveriesWeight
        let deficit = deficit(of: topic, parameters, at: now)
        part += deficit * deficit * parameters.meshDeliveriesWeight
        part += topic.meshFailures * parameters.meshFailureWeight
        part += topic.invalidMessages * topic.invalidMessages * parameters.invalidMessagesWeight
        return part
    }

    private func deficit(of topic: Topic, _ parameters: ScoreParameters, at now: Duration) -> Double {
        guard let since = topic.graftedAt, now - since >= parameters.meshDeliveriesActivation else { return 0 }
        return max(0, parameters.meshDeliveriesThreshold - topic.meshDeliveries)
    }

    mutating func grafted(_ topic: String, at now: Duration) {
        topics[topic, default: Topic()].graftedAt = now
        topics[topic]?.timeInMesh = 0
        topics[topic]?.meshDeliveries = 0
    }

    mutating func pruned(_ topic: String, _ parameters: ScoreParameters, at now: Duration) {
        guard var entry = topics[topic] else { return }
        let deficit = deficit(of: entry, parameters, at: now)
        entry.meshFailures += deficit * deficit
        entry.graftedAt = nil
        entry.timeInMesh = 0
        topics[topic] = entry
    }

    mutating func deliveredFirst(_ topic: String, _ parameters: ScoreParameters) {
        var entry = topics[topic, default: Topic()]
        entry.firstDeliveries = min(entry.firstDeliveries + 1, parameters.firstDeliveriesCap)
        topics[topic] = entry
        deliveredInMesh(topic, parameters)
    }

    mutating func deliveredInMesh(_ topic: String, _ parameters: ScoreParameters) {
        guard var entry = topics[topic], entry.graftedAt != nil else { return }
        entry.meshDeliveries = min(entry.meshDeliveries + 1, parameters.meshDeliveriesCap)
        topics[topic] = entry
    }

    mutating func deliveredInvalid(_ topic: String) { topics[topic, default: Topic()].invalidMessages += 1 }

    mutating func misbehaved(_ amount: Double = 1) { misbehaviour = min(misbehaviour + amount, 1_000) }

    /// Lets one heartbeat pass.
    mutating func decay(_ parameters: ScoreParameters) {
        func decayed(_ value: Double, _ factor: Double) -> Double {
            let next = value * factor
            return next < parameters.zero ? 0 : next
        }
        misbehaviour = decayed(misbehaviour, parameters.misbehaviourDecay)
        for (name, old) in topics {
            var topic = old
            if topic.graftedAt != nil { topic.timeInMesh += 1 }
            topic.firstDeliveries = decayed(topic.firstDeliveries, parameters.firstDeliveriesDecay)
            topic.meshDeliveries = decayed(topic.meshDeliveries, parameters.meshDeliveriesDecay)
            topic.meshFailures = decayed(topic.meshFailures, parameters.meshFailureDecay)
            topic.invalidMessages = decayed(topic.invalidMessages, parameters.invalidMessagesDecay)
            topics[name] = topic.isEmpty ? nil : topic
        }
    }

    /// Whether nothing is remembered.
    var isEmpty: Bool { topics.isEmpty && misbehaviour == 0 && application == 0 }

    /// Forgets what only counts while connected.
    mutating func disconnected(_ parameters: ScoreParameters, at now: Duration) {
        for name in topics.keys.sorted() {
            pruned(name, parameters, at: now)
            topics[name]?.firstDeliveries = 0
            if topics[name]?.isEmpty == true { topics[name] = nil }
        }
    }
}
