import Chain
import Consensus
import Gossip
import Keys
import Swarm

/// The chain's network: topics over gossip, block sync over requests.
struct ChainOverSwarm: ChainNetwork {
    static let syncProtocolID = "/banyan/sync/1"

    let swarm: SwarmService
    let gossip: GossipService
    /// Digest of the genesis: networks do not share topics.
    let genesis: Digest

    private func name(_ topic: ChainTopic) -> String { "banyan/\(genesis.short)/\(topic.rawValue)" }

    func publish(_ message: [UInt8], on topic: ChainTopic) async {
        // The chain keeps its messages below the gossip's limit, so nothing is lost here.
        try? await gossip.publish(message, on: name(topic))
    }

    func request(_ body: [UInt8], to peer: PeerID) async throws -> [UInt8] {
        try await swarm.request(
            Self.syncProtocolID, body, to: peer, answerLimit: SyncAnswer.byteLimit, deadline: .seconds(10))
    }

    func peers() async -> [PeerID] { await swarm.connectedPeers }

    /// Hands what arrives to the chain, from now on.
    func deliver(to chain: ChainService) async {
        for topic in ChainTopic.allCases {
            await gossip.join(name(topic)) { message, peer in
                switch await chain.receive(message.data, on: topic, from: peer) {
                case .accept: .accept
                case .reject: .reject
                case .ignore: .ignore
                }
            }
        }
        swarm.serve(Self.syncProtocolID, requestLimit: SyncRequest.byteLimit) { request, peer in
            await chain.answer(request, from: peer)
        }
    }
}
