import API
import ArgumentParser

struct Peers: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the peers a node is connected to.",
        discussion: "Example: banyan peers --node http://127.0.0.1:8001")
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try output.show(try await node.client().get("/v1/peers", as: [PeerReport].self)) { peers in
            guard !peers.isEmpty else {
                return "No peers. Join a network with 'banyan up --join MULTIADDR'."
            }
            return table(
                ["PEER", "DIRECTION", "RTT", "SENT", "RECEIVED", "AGENT", "ADDRESS"],
                peers.map { peer in
                    [
                        peer.peer, peer.direction,
                        peer.roundTripMilliseconds.map { "\(($0 * 100).rounded() / 100) ms" } ?? "–",
                        "\(peer.bytesSent)", "\(peer.bytesReceived)", peer.agent ?? "–", peer.addresses.first ?? "–",
                    ]
                })
        }
    }
}
