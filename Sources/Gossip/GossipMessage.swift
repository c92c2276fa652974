package import Keys

/// A message of a topic whose signature has been checked.
package struct GossipMessage: Sendable, Hashable {
    /// Who published it.
    package let from: PeerID
    package let data: [UInt8]
    package let topic: String
    /// The author's bytes followed by its sequence number.
    package let id: [UInt8]

    package init(from: PeerID, data: [UInt8], topic: String, id: [UInt8]) {
        self.from = from
        self.data = data
        self.topic = topic
        self.id = id
    }
}

/// What a topic's owner thinks of a message.
package enum GossipVerdict: Sendable, Hashable {
    /// Passed on to others.
    case accept
    /// Not passed on; who sent it is held responsible.
    case reject
    /// Not passed on; nobody's fault.
    case ignore
}
