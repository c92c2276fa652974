import Foundation
import Gossip
import Keys
import Logging
import Simulation
import Testing
import Wire

func key(_ seed: UInt64) -> SigningKey { .seeded(seed) }

func peer(_ seed: UInt64) -> PeerID { key(seed).peer }

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// `#expect` for calls that change a value.
func check(_ holds: Bool, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(holds, sourceLocation: sourceLocation)
}

/// One entry of `Fixtures/libp2p/vectors.json`.
func vector(_ name: String) throws -> [UInt8] {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
        path: "../../Fixtures/libp2p/vectors.json")
    let root = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any]
    return try #require(Hex.decode(root?[name] as? String ?? "-"))
}

extension RPC {
    static func subscribing(_ topic: String, _ subscribe: Bool = true) -> RPC {
        var rpc = RPC()
        rpc.subscriptions = [Subscription(subscribe: subscribe, topic: topic)]
        return rpc
    }

    static func carrying(_ messages: SignedMessage...) -> RPC {
        var rpc = RPC()
        rpc.messages = messages
        return rpc
    }

    static func controlling(_ change: (inout Control) -> Void) -> RPC {
        var rpc = RPC()
        change(&rpc.control)
        return rpc
    }
}

extension [MeshMachine.Effect] {
    func sent(to peer: PeerID) -> [RPC] {
        compactMap { if case .send(let rpc, peer, _) = $0 { rpc } else { nil } }
    }

    var validations: [GossipMessage] {
        compactMap { if case .validate(let message, _) = $0 { message } else { nil } }
    }
}

/// A machine on `topic` with `count` peers of that topic, numbered from 1, all of them connected by us.
func machine(
    peers count: UInt64, topic: String = "t", version: MeshMachine.Version = .v1_2, at now: Duration = .zero,
    _ change: (inout GossipParameters) -> Void = { _ in }
) -> MeshMachine {
    var parameters = GossipParameters()
    change(&parameters)
    var machine = MeshMachine(key: key(0), parameters: parameters, sequence: 100, seed: 1)
    _ = machine.step(.join(topic), at: now)
    for number in 0..<count {
        _ = machine.step(.connected(peer(number + 1), version, isOutbound: true, address: nil), at: now)
        _ = machine.step(.received(.subscribing(topic), from: peer(number + 1)), at: now)
    }
    return machine
}
