package import Keys

package enum ChainTopic: String, Hashable, Sendable, CaseIterable {
    /// Proposals, votes, certificates, evidence.
    case consensus
    case transactions
}

/// What is to be done with a message of a peer: forward it; drop it and hold it against the peer; drop it.
package enum ChainVerdict: Hashable, Sendable { case accept, reject, ignore }

/// The network as the chain needs it. `Node` fulfils it with the gossip and the request protocol.
package protocol ChainNetwork: Sendable {
    /// Sends to all. A message that is published again must be sent again: it is how a lost vote is repaired.
    func publish(_ message: [UInt8], on topic: ChainTopic) async
    /// Asks one peer over `/banyan/sync/1`; the answer is at most ``SyncAnswer/byteLimit`` long.
    func request(_ body: [UInt8], to peer: PeerID) async throws -> [UInt8]
    /// The peers that are connected now.
    func peers() async -> [PeerID]
}
