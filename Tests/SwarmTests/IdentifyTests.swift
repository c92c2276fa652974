import Keys
import Swarm
import Testing
import Wire

@Suite struct IdentifyTests {
    @Test("the captured identify message is read field by field")
    func captured() throws {
        let vectors = try Vectors()
        let message = try IdentifyMessage(bytes: vectors.bytes("identify_message"))
        #expect(message.publicKey == vectors.key.publicKey.protobuf)
        #expect(message.listenAddresses?.contains { $0.description.hasPrefix("/ip4/127.0.0.1/tcp/") } == true)
        #expect(message.protocols?.contains("/ipfs/ping/1.0.0") == true)
        #expect(message.observedAddress?.description.hasPrefix("/ip4/127.0.0.1/tcp/") == true)
        #expect(message.agentVersion == "p2pd/0.1" || message.protocolVersion != nil)
        #expect(message.signedPeerRecord == vectors.bytes("signed_peer_record_envelope"))
        #expect(message.bytes.count == vectors.bytes("identify_message").count || message.protocolVersion == nil)
    }

    @Test("the captured peer record verifies, and signing its content gives the same envelope")
    func record() throws {
        let vectors = try Vectors()
        let bytes = vectors.bytes("signed_peer_record_envelope")
        let signed = try SignedPeerRecord(bytes: bytes)
        #expect(signed.peer == vectors.key.peer)
        #expect(SignedPeerRecord(signed.addresses, sequence: signed.sequence, by: vectors.key).bytes == bytes)
        let raw = vectors.bytes("signed_peer_record_signed_bytes")
        #expect(vectors.key.publicKey.verifiesRaw(signed.envelope.signature, of: raw))
    }

    @Test("the record under the domain of the RFC's text is accepted too")
    func legacyRecord() throws {
        let key = key(1)
        var payload = ProtobufWriter()
        payload.write(1, bytes: key.peer.bytes)
        payload.write(2, varint: 7)
        payload.write(3) { $0.write(1, bytes: address("/ip4/10.0.0.1/tcp/9").bytes) }
        let type = Array("/libp2p/routing-state-record".utf8)
        let good = SignedEnvelope(payload: payload.bytes, type: type, domain: "libp2p-routing-state", by: key)
        #expect(try SignedPeerRecord(bytes: good.bytes).sequence == 7)
        let crossed = SignedEnvelope(payload: payload.bytes, type: type, domain: "libp2p-peer-record", by: key)
        #expect(throws: WireError.self) { try SignedPeerRecord(bytes: crossed.bytes) }
    }

    @Test("a changed bit of a signed record is refused or changes nothing")
    func recordBits() throws {
        let signed = SignedPeerRecord([address("/ip4/10.0.0.1/tcp/9")], sequence: 3, by: key(1))
        for index in signed.bytes.indices {
            for bit in 0..<8 {
                var bytes = signed.bytes
                bytes[index] ^= 1 << bit
                if let read = try? SignedPeerRecord(bytes: bytes) { #expect(read.record == signed.record) }
            }
            #expect((try? SignedPeerRecord(bytes: Array(signed.bytes[..<index]))) == nil)
        }
    }

    @Test("a record signed by another peer than it names is refused")
    func foreignRecord() {
        let record = PeerRecord(peer: peer(1), sequence: 1, addresses: [address("/ip4/10.0.0.1/tcp/9")])
        #expect(throws: WireError.self) { try SignedPeerRecord(bytes: record.sealed(by: key(2)).bytes) }
    }

    @Test("lists are cut to their limits, and a part replaces only what it holds")
    func bounded() throws {
        var big = IdentifyMessage()
        big.protocols = (0..<500).map { "/p/\($0)" }
        big.listenAddresses = (0..<100).map { address("/ip4/10.0.0.1/tcp/\($0 + 1)") }
        var read = try IdentifyMessage(bytes: Array(big.bytes.prefix(0)))
        #expect(read == IdentifyMessage())
        read = try IdentifyMessage(bytes: big.bytes)
        #expect(read.protocols?.count == IdentifyMessage.protocolLimit)
        #expect(read.listenAddresses?.count == IdentifyMessage.addressLimit)

        let limits = SwarmLimits()
        var identity = PeerIdentity()
        try identity.update(with: read, from: peer(1), limits: limits)
        #expect(identity.listenAddresses.count == limits.addressesPerPeer)
        var part = IdentifyMessage()
        part.agentVersion = "a\u{1b}[31mb\n"
        try identity.update(with: part, from: peer(1), limits: limits)
        #expect(identity.agent == "a[31mb")
        #expect(identity.protocols.count == limits.protocolsPerPeer)
    }

    @Test("a key or a record of another peer is refused")
    func foreign() {
        var message = IdentifyMessage()
        message.publicKey = key(2).publicKey.protobuf
        var identity = PeerIdentity()
        #expect(throws: PeerIdentity.Rejection.keyOfAnotherPeer) {
            try identity.update(with: message, from: peer(1), limits: SwarmLimits())
        }
        message.publicKey = key(1).publicKey.protobuf
        message.signedPeerRecord = SignedPeerRecord([], sequence: 1, by: key(2)).bytes
        #expect(throws: PeerIdentity.Rejection.recordOfAnotherPeer(peer(2))) {
            try identity.update(with: message, from: peer(1), limits: SwarmLimits())
        }
    }

    @Test("an older record does not displace a newer one")
    func oldRecord() throws {
        var identity = PeerIdentity()
        for sequence in [5, 3] as [UInt64] {
            var message = IdentifyMessage()
            message.signedPeerRecord =
                SignedPeerRecord([address("/ip4/10.0.0.1/tcp/\(sequence)")], sequence: sequence, by: key(1)).bytes
            try identity.update(with: message, from: peer(1), limits: SwarmLimits())
        }
        #expect(identity.record?.sequence == 5)
        #expect(identity.listenAddresses == [address("/ip4/10.0.0.1/tcp/5")])
    }

    @Test("a peer list with one forged record is refused as a whole")
    func exchange() throws {
        let records = (1...3).map { SignedPeerRecord([address("/ip4/10.0.0.1/tcp/9")], sequence: $0, by: key($0)) }
        let exchange = PeerExchange(records: records)
        #expect(try PeerExchange(bytes: exchange.bytes) == exchange)
        var bytes = exchange.bytes
        bytes[bytes.count - 1] ^= 1
        #expect(throws: WireError.self) { try PeerExchange(bytes: bytes) }
        for length in 0..<exchange.bytes.count {
            #expect(throws: WireError.self) { try PeerExchange(bytes: Array(exchange.bytes[..<length])) }
        }
    }

    @Test("mutated messages never do more than fail", arguments: 0..<4 as Range<UInt64>)
    func fuzz(seed: UInt64) throws {
        var dice = SeededGenerator(seed: seed)
        let start = try Vectors().bytes("identify_message")
        for _ in 0..<5_000 {
            let bytes = mutated(start, &dice)
            if let message = try? IdentifyMessage(bytes: bytes) {
                #expect((message.protocols ?? []).count <= IdentifyMessage.protocolLimit)
                var identity = PeerIdentity()
                _ = try? identity.update(with: message, from: peer(1), limits: SwarmLimits())
            }
            _ = try? PeerExchange(bytes: bytes)
            _ = try? DNSMessage(bytes: bytes)
        }
    }
}

/// A few random edits of `bytes`.
func mutated(_ bytes: [UInt8], _ dice: inout SeededGenerator) -> [UInt8] {
    var bytes = bytes
    for _ in 0...dice.next(below: 4) {
        guard !bytes.isEmpty else { return bytes }
        let index = Int(dice.next(below: UInt64(bytes.count)))
        switch dice.next(below: 4) {
        case 0: bytes[index] ^= 1 << UInt8(dice.next(below: 8))
        case 1: bytes[index] = UInt8(truncatingIfNeeded: dice.next())
        case 2: bytes.removeSubrange(index..<min(index + 1 + Int(dice.next(below: 8)), bytes.count))
        default: bytes.insert(UInt8(truncatingIfNeeded: dice.next()), at: index)
        }
    }
    return bytes
}
