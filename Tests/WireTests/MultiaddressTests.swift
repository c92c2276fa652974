import Foundation
import Testing
import Wire

@Suite("Multiaddress")
struct MultiaddressTests {
    private struct Vectors: Decodable { let multiaddr: [String: String] }

    @Test("every captured address reads and writes in both forms")
    func vectors() throws {
        let data = try Data(contentsOf: fixtures.appending(path: "libp2p/vectors.json"))
        let pairs = try JSONDecoder().decode(Vectors.self, from: data).multiaddr
        #expect(pairs.count == 5)
        for (text, binary) in pairs {
            let address = try Multiaddress(parsing: text)
            #expect(Hex.encode(address.bytes) == binary)
            #expect(try Multiaddress(bytes: try hex(binary)) == address)
            #expect(address.description == text)
        }
    }

    private static let peer = "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq"

    /// One address for each protocol that is understood.
    static let everyKind = [
        "/ip4/1.2.3.4/tcp/80", "/ip4/1.2.3.4/dccp/1", "/ip4/1.2.3.4/sctp/65535", "/ip6zone/eth0/ip6/fe80::1/udp/0",
        "/ip4/10.0.0.0/ipcidr/8", "/dns/example.com/tcp/1", "/dns4/a.b/tcp/443/tls/sni/a.b/ws", "/dns6/x/tcp/1/https",
        "/dnsaddr/bootstrap.example.org", "/ip4/1.2.3.4/udp/9/webrtc-direct", "/p2p-circuit/webrtc",
        "/dns/\u{301}accent",
        "/unix/tmp/with/slashes.sock", "/p2p/\(peer)", "/ip4/1.2.3.4/tcp/1/http/http-path/a%2Fb%20c",
        "/onion3/vww6ybal4bd7szmgncyruucpgfkqahzddi37ktceo3ah7ngmcopnpyyd:1234", "/ip4/1.2.3.4/tcp/1/tls/noise",
        "/ip4/1.2.3.4/udp/1/quic", "/ip4/1.2.3.4/udp/1/quic-v1/webtransport", "/ip4/1.2.3.4/tcp/1/wss", "/memory/42",
        "/certhash/uEiAkHxz4EyzZ3yHKRsIPQ2zfJ4Yb4i9iWjZ0m_X8yXn2Yw",
    ]

    @Test("every protocol reads back from text and from bytes", arguments: everyKind)
    func kinds(text: String) throws {
        let address = try Multiaddress(parsing: text)
        #expect(address.description == text)
        #expect(try Multiaddress(bytes: address.bytes) == address)
        try expectCanonical(address)
    }

    @Test("the list above has every protocol")
    func everyKindIsTested() throws {
        let seen = Set(try Self.everyKind.flatMap { try Multiaddress(parsing: $0).components.map(\.kind) })
        #expect(seen == Set(Multiaddress.Component.Kind.allCases))
    }

    @Test("a peer may be written as a CID or after /ipfs, and is printed as base58 after /p2p")
    func peerForms() throws {
        let plain = try Multiaddress(parsing: "/p2p/\(Self.peer)")
        let cid = "bafzaajaiaejcahwr5d5ofrfbis4l5d6uwr57hu5tjodrypfm6yaq6dsc2r2pzyt6"
        #expect(try Multiaddress(parsing: "/p2p/\(cid)") == plain)
        #expect(try Multiaddress(parsing: "/ipfs/\(Self.peer)/") == plain)
        #expect(plain.description == "/p2p/\(Self.peer)")
    }

    @Test(
        "what is no address is refused",
        arguments: [
            "", "/", "//", "ip4/1.2.3.4", "/ip4", "/ip4/", "/ip4/1.2.3", "/ip4/1.2.3.4/tcp", "/ip4/1.2.3.4/tcp/65536",
            "/ip4/1.2.3.4/tcp/-1", "/ip4/1.2.3.4/tcp/+1", "/ip4/1.2.3.4/tcp/01", "/ip4/1.2.3.4//tcp/1", "/nonsense/1",
            "/ip6/1.2.3.4", "/dns/", "/dns/a b", "/p2p/0", "/p2p/Qm", "/p2p/12D3KooW", "/ip4/1.2.3.4/ipcidr/129",
            "/memory/x",
            "/onion3/abc:1", "/onion3/vww6ybal4bd7szmgncyruucpgfkqahzddi37ktceo3ah7ngmcopnpyyd:70000", "/unix",
            "/certhash/x",
            "/http-path/%2", "/tcp/１", "/unix/a//", "/unix//", "/ws/\u{301}",
        ])
    func refused(text: String) {
        #expect(throws: WireError.self) { try Multiaddress(parsing: text) }
        #expect(Multiaddress(text) == nil)
    }

    @Test("binary forms that no text has are refused")
    func refusedBytes() throws {
        for wrong in [
            "", "04", "047f0000", "8400047f000001", "350000", "3501", "35012f", "350120", "3502c0af", "a5030100",
            "ff7f",
            "900302612f",  // A unix path that does not begin with a slash.
            "9003032f612f", "9003022f61047f000001",  // Something after a unix path.
        ] {
            #expect(throws: WireError.self, "\(wrong)") { try Multiaddress(bytes: try hex(wrong)) }
        }
    }

    @Test("components and bytes are bounded")
    func bounds() throws {
        let many = [UInt8](repeating: 0xde, count: 0) + (0..<33).flatMap { _ in [0xdd, 0x03] as [UInt8] }
        #expect(throws: WireError.tooLong(length: 33, limit: 32)) { try Multiaddress(bytes: many) }
        let text = String(repeating: "/ws", count: 33)
        #expect(throws: WireError.tooLong(length: 33, limit: 32)) { try Multiaddress(parsing: text) }
        #expect(throws: WireError.tooLong(length: 1025, limit: 1024)) {
            try Multiaddress(bytes: [UInt8](repeating: 0, count: 1025))
        }
        let name = String(repeating: "a", count: 253)
        #expect(throws: WireError.self) {
            try Multiaddress(parsing: String(repeating: "/dns/\(name)", count: 5))
        }
    }

    @Test("decapsulation removes the last occurrence and what follows")
    func decapsulation() throws {
        let address = try Multiaddress(parsing: "/ip4/1.2.3.4/tcp/1/ws/tcp/1/ws")
        let suffix = try Multiaddress(parsing: "/tcp/1")
        #expect(address.decapsulating(suffix)?.description == "/ip4/1.2.3.4/tcp/1/ws")
        #expect(address.decapsulating(try Multiaddress(parsing: "/tcp/2")) == address)
        #expect(suffix.decapsulating(suffix) == nil)
    }

    @Test("host, ports and relays are found where they stand")
    func parts() throws {
        let tcp = try Multiaddress(parsing: "/ip4/1.2.3.4/tcp/4001/p2p/\(Self.peer)")
        #expect(tcp.host == "1.2.3.4" && tcp.tcpPort == 4001 && tcp.udpPort == nil && !tcp.isRelayed)
        #expect(tcp.peerMultihash?.count == 38)
        let relayed = try Multiaddress(parsing: "/ip6/::1/udp/9/quic-v1/p2p/\(Self.peer)/p2p-circuit")
        #expect(relayed.host == "::1" && relayed.udpPort == 9 && relayed.isRelayed && relayed.peerMultihash == nil)
        #expect(try Multiaddress(parsing: "/p2p/\(Self.peer)").host == nil)
        #expect(Multiaddress.Component.ip([1, 2, 3]) == nil)
    }

    @Test("random bytes are no address, or its only encoding with one text", arguments: 0..<100 as Range<UInt64>)
    func fuzz(seed: UInt64) throws {
        var generator = TestGenerator(seed: seed)
        let seeds = try Self.everyKind.map { try Multiaddress(parsing: $0).bytes }
        for _ in 0..<200 {
            var bytes = seeds[Int(generator.next() % UInt64(seeds.count))]
            for _ in 0...generator.next() % 3 {
                let index = Int(generator.next() % UInt64(bytes.count + 1))
                switch generator.next() % 3 {
                case 0 where index < bytes.count: bytes[index] = UInt8(truncatingIfNeeded: generator.next())
                case 1 where index < bytes.count: bytes.remove(at: index)
                default: bytes.insert(UInt8(truncatingIfNeeded: generator.next()), at: index)
                }
            }
            guard let address = try? Multiaddress(bytes: bytes) else { continue }
            #expect(address.bytes == bytes)
            #expect(try Multiaddress(parsing: address.description) == address, "\(Hex.encode(bytes))")
        }
    }
}
