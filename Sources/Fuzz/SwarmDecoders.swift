import Gossip
import Keys
import Swarm
import Wire

let swarmDecoders: [Decoder] = [
    Decoder("swarm.identify", seeds: [identify.bytes]) { (try? IdentifyMessage(bytes: $0)) != nil },
    Decoder("swarm.record", seeds: [record.bytes]) { (try? SignedPeerRecord(bytes: $0)) != nil },
    Decoder("swarm.exchange", seeds: [PeerExchange(records: [record]).bytes]) { (try? PeerExchange(bytes: $0)) != nil },
    .canonical("swarm.book", [PeerBook(), book]),
    Decoder("swarm.dns", seeds: packets) { bytes in
        guard let message = try? DNSMessage(bytes: bytes) else { return false }
        guard let again = try? DNSMessage(bytes: message.bytes) else {
            // Written in full, names can take more than a packet holds.
            precondition(message.bytes.count > DNSMessage.byteLimit, "what is written does not read back")
            return true
        }
        precondition(again == message, "what is written reads as something else")
        return true
    },
    Decoder("swarm.mdns", seeds: packets) { bytes in
        guard var machine = mdns else { return false }
        _ = machine.step(.received(bytes, isLegacy: false), at: .seconds(3))
        _ = machine.step(.received(bytes, isLegacy: true), at: .seconds(9))
        return true
    },
    Decoder("gossip.rpc", seeds: [rpc.bytes]) { bytes in
        guard let rpc = try? RPC(bytes: bytes) else { return false }
        precondition((try? RPC(bytes: rpc.bytes)) == rpc, "what is written does not read back")
        return true
    },
    Decoder("gossip.message", seeds: [message.bytes]) { (try? SignedMessage(bytes: $0)) != nil },
]

private let key = Examples.nodes[0]
private let addresses = ["/ip4/192.168.1.2/tcp/4001", "/ip6/fe80::1/udp/4001/quic-v1"].compactMap { Multiaddress($0) }
private let record = SignedPeerRecord(addresses, sequence: 7, by: key)

private let book: PeerBook = {
    var book = PeerBook()
    let entries = Examples.nodes.prefix(3).enumerated().compactMap { index, node in
        PeerBook.Entry(peer: node.peer, addresses: addresses, isReached: index > 0)
    }
    book.note(entries)
    return book
}()

private let identify: IdentifyMessage = {
    var message = IdentifyMessage()
    message.publicKey = key.publicKey.protobuf
    message.listenAddresses = addresses
    message.protocols = ["/ipfs/id/1.0.0", "/ipfs/ping/1.0.0"]
    message.observedAddress = addresses.first
    message.protocolVersion = "ipfs/0.1.0"
    message.agentVersion = "banyan"
    message.signedPeerRecord = record.bytes
    return message
}()

private let mdns: MDNSMachine? = {
    var machine = MDNSMachine(peer: key.peer, configuration: MDNSConfiguration(), seed: 1)
    _ = machine?.step(.addresses(addresses), at: .seconds(1))
    _ = machine?.step(.tick, at: .seconds(2))
    return machine
}()

/// What a node sends by itself, and a packet of another kind with compressed names.
private let packets: [[UInt8]] = {
    var machine = MDNSMachine(peer: Examples.nodes[1].peer, configuration: MDNSConfiguration(), seed: 2)
    var effects = machine?.step(.addresses(addresses), at: .seconds(1)) ?? []
    for second in 2..<6 { effects += machine?.step(.tick, at: .seconds(second)) ?? [] }
    let sent: [[UInt8]] = effects.compactMap {
        if case .send(let bytes) = $0 { bytes } else { nil }
    }
    let compressed: [UInt8] =
        [0, 0, 0x84, 0, 0, 0, 0, 2, 0, 0, 0, 0, 4] + Array("_p2p".utf8) + [4] + Array("_udp".utf8) + [5]
        + Array("local".utf8) + [0, 0, 12, 0, 1, 0, 0, 1, 0x2c, 0, 4, 1, 97, 0xc0, 12]
        + [0xc0, 12, 0, 16, 0x80, 1, 0, 0, 0, 9, 0, 5, 4, 97, 61, 98, 99]
    return sent + [compressed]
}()

private let message = SignedMessage.sign([1, 2, 3], topic: "banyan/fuzz/consensus", sequence: 9, key: key)

private let rpc: RPC = {
    var rpc = RPC()
    rpc.subscriptions = [.init(subscribe: true, topic: "a"), .init(subscribe: false, topic: "b")]
    rpc.messages = [message]
    rpc.control.announcements = [.init(topic: "a", ids: [[1, 2], [3]])]
    rpc.control.wanted = [[4, 5]]
    rpc.control.grafts = ["a"]
    rpc.control.prunes = [.init(topic: "b", backoff: 60)]
    rpc.control.unwanted = [[6]]
    return rpc
}()
