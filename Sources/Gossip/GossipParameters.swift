/// The figures of the mesh; the defaults are those of the gossipsub specification where it has any.
package struct GossipParameters: Sendable, Hashable {
    /// Peers a topic's mesh aims at, and the least and most it keeps.
    package var degree = 6
    package var degreeLow = 4
    package var degreeHigh = 12
    /// Peers kept for their score when the mesh is cut back.
    package var degreeScore = 4
    /// Connections we dialled that the mesh keeps: an attacker cannot make us dial.
    package var degreeOutbound = 2
    /// Least peers told of new messages at a heartbeat, and the part of all others told when that is more.
    package var degreeLazy = 6
    package var gossipFactor = 0.25

    package var heartbeat: Duration = .seconds(1)
    package var fanoutLifetime: Duration = .seconds(60)
    /// Heartbeats a message can be asked for, and heartbeats it is announced.
    package var historyLength = 5
    package var historyGossip = 3

    /// After a prune, before the peer may be grafted again; the specification's minute.
    package var pruneBackoff: Duration = .seconds(60)
    package var unsubscribeBackoff: Duration = .seconds(10)
    /// A backoff the peer asks for is cut to this.
    package var longestBackoff: Duration = .seconds(3600)
    /// A graft this soon after a prune counts twice.
    package var graftFloodThreshold: Duration = .seconds(10)

    /// Own messages go to all peers of the topic, not just to the mesh.
    package var floodsPublishing = true
    package var opportunisticGraftHeartbeats: UInt64 = 60
    package var opportunisticGraftPeers = 2

    /// Per peer and heartbeat.
    package var maxAnnouncements = 10
    package var maxAnnouncedIDs = 5000
    package var maxUnwantedIDs = 1000
    /// Times one peer gets the same message by asking.
    package var maxRetransmissions = 3
    /// In which an announced message must come once asked for.
    package var promiseDeadline: Duration = .seconds(3)
    /// Bytes from which peers are told not to send the message again.
    package var unwantedThreshold = 1000

    /// How long a message is known to have been seen; later copies are recognised by the author's sequence numbers.
    package var seenLifetime: Duration = .seconds(120)
    package var seenLimit = 65_536
    /// Messages whose verdict is awaited; more are dropped, and can be had again by asking.
    package var pendingLimit = 1024
    package var cacheByteLimit = 64 << 20
    package var subscriptionsPerPeer = 256
    package var peerLimit = 2048

    /// Longest message content and longest RPC, in bytes.
    package var messageLimit = 1 << 20
    package var rpcLimit = (1 << 20) + 65_536
    package var topicLimit = 256

    /// RPCs and bytes that wait for a slow peer. What is beyond is dropped and counted.
    package var queueLength = 1024
    package var queueBytes = 8 << 20

    /// How long peers may take to read what was said before this node leaves.
    package var lastWords: Duration = .seconds(2)

    package var score = ScoreParameters()

    package init() {}
}
