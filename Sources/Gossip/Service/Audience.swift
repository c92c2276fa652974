package import Keys

/// The peers that this node speaks to, each with the queue of what waits to be sent to it.
///
/// Once it is closed, because the node leaves, nobody comes to it and nothing is added to a queue; what waits is still sent.
package struct Audience: Sendable {
    private let parameters: GossipParameters
    private var queues: [PeerID: OutboundQueue] = [:]
    /// RPCs that peers lost who are gone.
    private var lost: UInt64 = 0
    package private(set) var isClosed = false

    package init(parameters: GossipParameters) { self.parameters = parameters }

    package var peers: [PeerID] { queues.keys.sorted() }
    /// RPCs that slow peers lost.
    package var dropped: UInt64 { queues.values.reduce(lost) { $0 + $1.dropped } }

    package func contains(_ peer: PeerID) -> Bool { queues[peer] != nil }
    package func contains(_ peer: PeerID, with queue: OutboundQueue) -> Bool { queues[peer] === queue }

    /// Takes in a peer.
    /// - Returns: its queue; nil when it is here, there is no room, or the node leaves.
    package mutating func admit(_ peer: PeerID) -> OutboundQueue? {
        guard !isClosed, queues[peer] == nil, queues.count < parameters.peerLimit else { return nil }
        let queue = OutboundQueue(lengthLimit: parameters.queueLength, byteLimit: parameters.queueBytes)
        queues[peer] = queue
        return queue
    }

    /// Ends the queue of a peer that is gone.
    /// - Returns: whether it was here.
    package mutating func dismiss(_ peer: PeerID) -> Bool {
        guard let queue = queues.removeValue(forKey: peer) else { return false }
        lost += queue.dropped
        queue.finish()
        return true
    }

    /// Queues an RPC; for a peer that is not here it is dropped.
    /// - Returns: false when something urgent found no room: the peer must be given up.
    package func tell(_ peer: PeerID, _ bytes: [UInt8], isUrgent: Bool) -> Bool {
        queues[peer]?.push(bytes, isUrgent: isUrgent) ?? true
    }

    /// Takes nobody and nothing more.
    /// - Returns: the queues, each of which is finished when its rest is sent and its peer dismissed.
    package mutating func close() -> [OutboundQueue] {
        isClosed = true
        for queue in queues.values { queue.close() }
        return Array(queues.values)
    }

    /// Ends all queues.
    package func finish() {
        for queue in queues.values { queue.finish() }
    }
}
