import Gossip
import Inference
import Keys

/// Announcements of providers on a topic of their own.
struct AnnouncementsOverGossip: Announcements {
    let gossip: GossipService
    /// Digest of the genesis: networks do not share topics.
    let genesis: Digest

    private var topic: String { "banyan/\(genesis.short)/providers" }

    func publish(_ announcement: [UInt8]) async {
        // Far below the limit of gossip, so nothing is lost here.
        try? await gossip.publish(announcement, on: topic)
    }

    /// Hands what arrives to the asker, from now on.
    func deliver(to service: AskService) async {
        await gossip.join(topic) { message, _ in
            switch await service.hear(message.data) {
            case .new, .updated, .left: .accept
            // Another node may have room for it.
            case .full: .accept
            case .old: .ignore
            // Clocks differ: whoever passed it on may be right.
            case .refused(.badLife): .ignore
            case .refused(.forged), nil: .reject
            }
        }
    }
}
