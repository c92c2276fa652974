/// The weights of a peer's score (gossipsub v1.1, "Peer Scoring").
///
/// A topic may be quiet, so too few deliveries in the mesh (P3, P3b) weigh nothing unless a weight is set.
package struct ScoreParameters: Sendable, Hashable {
    /// Weight of each topic's part, and the most that all topics together can add.
    package var topicWeight = 0.5
    package var topicCap = 100.0

    /// P1: heartbeats in the mesh.
    package var timeInMeshWeight = 0.01
    package var timeInMeshCap = 3600.0
    /// P2: messages this peer brought first.
    package var firstDeliveriesWeight = 1.0
    package var firstDeliveriesDecay = 0.9
    package var firstDeliveriesCap = 100.0
    /// P3: deliveries in the mesh below the threshold, squared, once the peer was in it long enough.
    /// A copy that comes while the first one's verdict is awaited counts as a delivery too.
    package var meshDeliveriesWeight = 0.0
    package var meshDeliveriesDecay = 0.9
    package var meshDeliveriesCap = 100.0
    package var meshDeliveriesThreshold = 20.0
    package var meshDeliveriesActivation: Duration = .seconds(30)
    /// P3b: the deficit at the time of a prune.
    package var meshFailureWeight = 0.0
    package var meshFailureDecay = 0.9
    /// P4: invalid messages, squared: four make a gray-listed peer.
    package var invalidMessagesWeight = -20.0
    package var invalidMessagesDecay = 0.95
    /// P5: what the node itself thinks of the peer.
    package var applicationWeight = 10.0
    /// P6: peers at one address above the threshold, squared. Loopback addresses do not count.
    package var sharedAddressWeight = -5.0
    package var sharedAddressThreshold = 10.0
    /// P7: broken rules above the threshold, squared.
    package var misbehaviourWeight = -10.0
    package var misbehaviourThreshold = 6.0
    package var misbehaviourDecay = 0.9

    /// Counters below it become zero.
    package var zero = 0.01
    /// How long the score of a peer that left is kept.
    package var retention: Duration = .seconds(3600)
    package var retainedPeers = 4096

    /// No gossip to or from, no own messages to, and nothing at all from a peer below.
    package var gossipThreshold = -10.0
    package var publishThreshold = -50.0
    package var graylistThreshold = -80.0
    /// A mesh whose median is below gets better peers now and then.
    package var opportunisticThreshold = 1.0

    package init() {}
}
