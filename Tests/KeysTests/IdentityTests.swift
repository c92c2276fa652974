import Foundation
import Keys
import Testing
import Wire

@Suite("Names of nodes and accounts")
struct IdentityTests {
    private struct Vectors: Decodable {
        struct Key: Decodable {
            let private_pb: String
            let peer_id: String
        }
        let key: Key
        let voucher_peer: String
        let multiaddr: [String: String]
        let pubsub_message: String
        let pubsub_signed_bytes: String
        let signed_peer_record_envelope: String
        let signed_peer_record_signed_bytes: String
        let relay_voucher_envelope: String
        let relay_voucher_signed_bytes: String
        let noise_identity_sig_example: Noise
        struct Noise: Decodable {
            let static_x25519_public: String
            let signed_bytes: String
            let identity_sig: String
        }
    }

    private func vectors() throws -> Vectors { try fixture("libp2p/vectors.json") }

    @Test("the captured key has the captured peer id, in base58 and as a CID, and gives the key back")
    func capturedPeer() throws {
        let vectors = try vectors()
        let message = try hex(vectors.key.private_pb)
        let key = try #require(SigningKey(seed: Array(message[4..<36])))
        #expect(key.publicKey.bytes == Array(message[36...]))
        #expect(key.peer.description == vectors.key.peer_id)
        #expect(PeerID(vectors.key.peer_id) == key.peer)
        #expect(PeerID("bafzaajaiaejcahwr5d5ofrfbis4l5d6uwr57hu5tjodrypfm6yaq6dsc2r2pzyt6") == key.peer)
        #expect(key.peer.publicKey == key.publicKey)
        #expect(PeerID(bytes: key.peer.bytes) == key.peer)
        #expect(PeerID(vectors.voucher_peer)?.publicKey != nil)
    }

    @Test("signing the captured bytes gives the captured signatures")
    func capturedSignatures() throws {
        let vectors = try vectors()
        let key = try #require(SigningKey(seed: Array(try hex(vectors.key.private_pb)[4..<36])))
        for (signed, container) in [
            (vectors.pubsub_signed_bytes, vectors.pubsub_message),
            (vectors.signed_peer_record_signed_bytes, vectors.signed_peer_record_envelope),
            (vectors.relay_voucher_signed_bytes, vectors.relay_voucher_envelope),
        ] {
            let signature = key.signRaw(try hex(signed))
            #expect(container.contains(Hex.encode(signature.bytes)))
            #expect(key.publicKey.verifiesRaw(signature, of: try hex(signed)))
        }
        let noise = vectors.noise_identity_sig_example
        #expect(noise.signed_bytes.hasSuffix(noise.static_x25519_public))
        #expect(Hex.encode(key.signRaw(try hex(noise.signed_bytes)).bytes) == noise.identity_sig)
    }

    @Test("a captured envelope verifies, gives its peer record, and is written again byte for byte")
    func capturedEnvelopes() throws {
        let vectors = try vectors()
        let key = try #require(SigningKey(seed: Array(try hex(vectors.key.private_pb)[4..<36])))
        let bytes = try hex(vectors.signed_peer_record_envelope)
        let envelope = try SignedEnvelope(bytes: bytes)
        #expect(envelope.bytes == bytes)
        #expect(envelope.verifies(domain: SignedEnvelope.peerRecordDomain))
        #expect(!envelope.verifies(domain: "libp2p-relay-rsvp"))
        let record = try PeerRecord(envelope: envelope)
        #expect(record.peer == key.peer)
        #expect(
            record.addresses.map(\.description) == ["/ip4/127.0.0.1/tcp/41001", "/ip4/127.0.0.1/udp/41001/quic-v1"])
        #expect(record.sealed(by: key) == envelope)
        let voucher = try SignedEnvelope(bytes: try hex(vectors.relay_voucher_envelope))
        #expect(voucher.verifies(domain: "libp2p-relay-rsvp") && voucher.payloadType == [0x03, 0x02])
        #expect(throws: WireError.self) { try PeerRecord(envelope: voucher) }
    }

    @Test("every changed bit of an envelope is refused or changes nothing that is signed")
    func envelopeBits() throws {
        let key = try testKey(6)
        let record = PeerRecord(
            peer: key.peer, sequence: 7, addresses: [try Multiaddress(parsing: "/ip4/1.2.3.4/tcp/5")])
        let envelope = record.sealed(by: key)
        for bit in 0..<envelope.bytes.count * 8 {
            guard let changed = try? SignedEnvelope(bytes: flip(envelope.bytes, bit)) else { continue }
            #expect((try? PeerRecord(envelope: changed)) == nil, "bit \(bit)")
        }
        // Somebody else's signature over a record that names us.
        let other = try testKey(7)
        #expect(throws: WireError.self) { try PeerRecord(envelope: record.sealed(by: other)) }
    }

    @Test("what is no peer id is refused")
    func refusedPeers() throws {
        let good = try testKey(1).peer
        for wrong in ["", "1", "Qm", good.description + "1", "12D3KooW", "b", "bafkreigh2akiscaildc"] {
            #expect(PeerID(wrong) == nil, "\(wrong)")
        }
        #expect(PeerID(bytes: good.bytes + [0]) == nil)
        #expect(PeerID(bytes: Array(good.bytes.dropLast())) == nil)
        #expect(PeerID(bytes: [0, 0]) == nil)
        #expect(PeerID(bytes: [0x00, 43] + [UInt8](repeating: 1, count: 43)) == nil)
        #expect(PeerID(bytes: [0x13, 64] + [UInt8](repeating: 1, count: 64)) == nil)
        // RSA peers have a hash for a name, and no key in it; another key type in identity form has none that we know.
        #expect(PeerID("QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N")?.publicKey == nil)
        #expect(PeerID("QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N") != nil)
        var other = good.bytes
        other[3] = 2
        #expect(PeerID(bytes: other)?.publicKey == nil)
        try expectCanonical(good)
    }

    @Test("an address gains, changes and loses its peer at the end only")
    func addressPeers() throws {
        let (a, b) = try (testKey(1).peer, testKey(2).peer)
        let plain = try Multiaddress(parsing: "/ip4/1.2.3.4/tcp/5")
        #expect(plain.peer == nil && plain.withoutPeer == plain)
        let named = try plain.with(a)
        #expect(named.peer == a && named.description == "/ip4/1.2.3.4/tcp/5/p2p/\(a)")
        #expect(try named.with(b) == plain.with(b))
        #expect(named.withoutPeer == plain)
        let relay = try Multiaddress(parsing: "\(named)/p2p-circuit")
        #expect(relay.peer == nil && relay.withoutPeer == relay)
        #expect(try relay.with(b).peer == b)
        let alone = try Multiaddress(parsing: "/p2p/\(a)")
        #expect(alone.withoutPeer == alone)
    }

    @Test("an account reads back from its text, and no other text is an account")
    func accounts() throws {
        let account = AccountID(try testKey(1).publicKey)
        #expect(account.description.hasPrefix("ban1") && account.description.count == 62)
        #expect(AccountID(account.description) == account)
        #expect(AccountID(account.description.uppercased()) == account)
        #expect(AccountID(Bech32m.encode(prefix: "ban", [1, 2, 3])) == nil)
        #expect(AccountID(Bech32m.encode(prefix: "bam", account.key.bytes)) == nil)
        #expect(AccountID("") == nil && AccountID(account.description + "q") == nil)
    }
}
