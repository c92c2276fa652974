import Wire

let wireDecoders: [Decoder] = [
    Decoder("wire.multiaddress", seeds: addresses.map(\.bytes)) { bytes in
        guard let address = try? Multiaddress(bytes: bytes) else { return false }
        precondition(address.bytes == bytes, "another encoding of one address")
        precondition(Multiaddress(address.description) == address, "the text does not read back")
        return true
    },
    Decoder("wire.multiaddress.text", seeds: addressTexts.map { Array($0.utf8) }) { bytes in
        guard let address = Multiaddress(String(decoding: bytes, as: UTF8.self)) else { return false }
        precondition(Multiaddress(address.description) == address, "the text does not read back")
        return true
    },
    Decoder(
        "wire.multihash", seeds: [[0x12, 0x20] + thirtyTwo, [0, 3, 1, 2, 3], [0x13, 64] + thirtyTwo + thirtyTwo]
    ) {
        guard let hash = try? Multihash(bytes: $0) else { return false }
        precondition(hash.bytes == $0, "another encoding of one multihash")
        return true
    },
    Decoder("wire.cid", seeds: [[0x12, 0x20] + thirtyTwo, [1, 0x55, 0x12, 0x20] + thirtyTwo]) {
        guard let cid = try? CID(bytes: $0) else { return false }
        precondition(cid.bytes == $0 && CID(cid.description) == cid, "another encoding of one CID")
        return true
    },
    Decoder("wire.cid.text", seeds: [Array("bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy".utf8)]) {
        guard let cid = CID(String(decoding: $0, as: UTF8.self)) else { return false }
        precondition(CID(cid.description) == cid, "the text does not read back")
        return true
    },
    Decoder("wire.protobuf", seeds: [protobuf]) { drain(ProtobufReader($0), depth: 3) },
    Decoder("wire.base58", seeds: [Array("12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq".utf8)]) {
        let text = String(decoding: $0, as: UTF8.self)
        guard let bytes = Base58.decode(text) else { return false }
        precondition(Base58.encode(bytes) == text, "another text of the same bytes")
        return true
    },
    Decoder("wire.bech32m", seeds: [Array("abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx".utf8)]) {
        let text = String(decoding: $0, as: UTF8.self)
        guard let (prefix, words) = Bech32m.decodeWords(text) else { return false }
        precondition(Bech32m.encode(prefix: prefix, words: words) == text.lowercased(), "the text does not read back")
        return true
    },
    Decoder("wire.ip6", seeds: ["2001:db8::1:0:0:1", "::ffff:192.0.2.1"].map { Array($0.utf8) }) {
        guard let bytes = IPAddress.parse6(String(decoding: $0, as: UTF8.self)) else { return false }
        precondition(IPAddress.parse6(IPAddress.text(bytes)) == bytes, "the text does not read back")
        return true
    },
]

private let thirtyTwo = (0..<32).map { UInt8($0) }

private let addressTexts = [
    "/ip4/127.0.0.1/tcp/4001/p2p/12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq", "/ip6/::1/udp/4001/quic-v1",
    "/dns4/example.com/tcp/443/tls/sni/example.com/ws", "/unix/tmp/a.sock", "/memory/7", "/dnsaddr/example.org",
    "/ip4/1.2.3.4/udp/1/webrtc-direct/certhash/uEiAkHxz4EyzZ3yHKRsIPQ2zfJ4Yb4i9iWjZ0m_X8yXn2Yw",
    "/onion3/vww6ybal4bd7szmgncyruucpgfkqahzddi37ktceo3ah7ngmcopnpyyd:1234", "/ip4/1.2.3.4/tcp/1/http-path/a%2Fb",
    "/ip6zone/eth0/ip6/fe80::1/ipcidr/64/p2p-circuit",
]

private let addresses = addressTexts.compactMap { Multiaddress($0) }

private let protobuf: [UInt8] = {
    var writer = ProtobufWriter()
    writer.write(1, varint: 150)
    writer.write(
        2,
        message: { inner in
            inner.write(1, string: "text")
            inner.write(2, fixed32: 7)
        })
    writer.write(3, fixed64: 9)
    writer.write(17, bytes: thirtyTwo)
    return writer.bytes + [0x0b, 0x10, 0x01, 0x0c]
}()

/// Reads all fields, and each run of bytes as a message of its own.
private func drain(_ message: ProtobufReader, depth: Int) -> Bool {
    var reader = message
    do {
        while let field = try reader.next() {
            if depth > 0, let inner = try? field.message(limit: 4096) { _ = drain(inner, depth: depth - 1) }
        }
        return true
    } catch {
        return false
    }
}
