import Keys
import Testing
import Transport

/// Runs two upgrades against each other in memory.
struct Duel {
    var dialler: ConnectionUpgrade
    var listener: ConnectionUpgrade

    init(
        expected: PeerID? = PeerID(key(2).publicKey), diallerInlines: Bool = true, listenerInlines: Bool = true
    ) {
        dialler = ConnectionUpgrade(key: key(1), isInitiator: true, expected: expected, inlinesMuxer: diallerInlines)
        listener = ConnectionUpgrade(key: key(2), isInitiator: false, inlinesMuxer: listenerInlines)
    }

    /// Exchanges bytes until both are silent, in pieces of at most `cut` bytes, with `change` applied to what each sends.
    mutating func run(
        cut: Int = .max, change: (_ fromDialler: Bool, [UInt8]) -> [UInt8] = { $1 }
    ) throws {
        var forListener = change(true, try dialler.start())
        var forDialler: [UInt8] = []
        while !forListener.isEmpty || !forDialler.isEmpty {
            let piece = Array(forListener.prefix(cut))
            forListener.removeFirst(piece.count)
            if listener.result == nil, !piece.isEmpty {
                forDialler += change(false, try listener.receive(piece))
            }
            let back = Array(forDialler.prefix(cut))
            forDialler.removeFirst(back.count)
            if dialler.result == nil, !back.isEmpty {
                forListener += change(true, try dialler.receive(back))
            }
        }
    }
}

@Suite("connection upgrade")
struct NoiseUpgradeTests {
    @Test(
        "both sides learn each other's identity and can talk, with and without the inlined muxer, at every cut",
        arguments: [(true, true), (true, false), (false, true), (false, false)])
    func success(diallerInlines: Bool, listenerInlines: Bool) throws {
        for cut in [1, 2, 7, 100, Int.max] {
            var duel = Duel(diallerInlines: diallerInlines, listenerInlines: listenerInlines)
            try duel.run(cut: cut)
            var near = try #require(duel.dialler.result)
            var far = try #require(duel.listener.result)
            #expect(near.peer == PeerID(key(2).publicKey))
            #expect(far.peer == PeerID(key(1).publicKey))
            #expect(try far.opener.open(near.sealer.seal([1, 2, 3])) == [1, 2, 3])
            #expect(try near.opener.open(far.sealer.seal([4, 5])) == [4, 5])
        }
    }

    @Test(
        "handshake messages have the sizes that deployed nodes show", arguments: [(true, 216, 184), (false, 200, 168)])
    func sizes(inlines: Bool, second: Int, third: Int) throws {
        var dialler = NoiseUpgrade(
            key: key(1), role: .initiator, expected: nil, muxers: inlines ? ["/yamux/1.0.0"] : nil)
        var listener = NoiseUpgrade(
            key: key(2), role: .responder, expected: nil, muxers: inlines ? ["/yamux/1.0.0"] : nil)
        let one = try dialler.start()
        #expect(one.count == 2 + 32)
        let two = try listener.receive(one)
        #expect(two.count == 2 + second)
        let three = try dialler.receive(two)
        #expect(three.count == 2 + third)
        #expect(try listener.receive(three) == [])
        #expect(dialler.result?.muxer == (inlines ? "/yamux/1.0.0" : nil))
        #expect(listener.result?.muxer == (inlines ? "/yamux/1.0.0" : nil))
    }

    @Test("muxer lists without overlap fail the handshake; the initiator's order decides otherwise")
    func muxers() throws {
        func run(_ wanted: [String], _ offered: [String]) throws -> String? {
            var dialler = NoiseUpgrade(key: key(1), role: .initiator, expected: nil, muxers: wanted)
            var listener = NoiseUpgrade(key: key(2), role: .responder, expected: nil, muxers: offered)
            let third = try dialler.receive(listener.receive(dialler.start()))
            _ = try listener.receive(third)
            #expect(dialler.result?.muxer == listener.result?.muxer)
            return listener.result?.muxer
        }
        #expect(try run(["/a", "/b"], ["/b", "/a"]) == "/a")
        #expect(try run(["/x", "/b"], ["/b", "/a"]) == "/b")
        #expect(throws: NoiseError.noCommonMuxer(["/b"])) { try run(["/a"], ["/b"]) }
    }

    @Test("a dialler that wanted another peer gives up before it shows its own identity")
    func wrongPeer() throws {
        var duel = Duel(expected: PeerID(key(9).publicKey))
        var sent = 0
        #expect(
            throws: ConnectionUpgrade.Failure.noise(
                .wrongPeer(expected: PeerID(key(9).publicKey), found: PeerID(key(2).publicKey)))
        ) {
            try duel.run { fromDialler, bytes in
                if fromDialler, !bytes.isEmpty { sent += 1 }
                return bytes
            }
        }
        #expect(sent == 1)  // The proposal with message 1; never message 3.
        #expect(duel.listener.result == nil)
    }

    @Test("no changed bit of the handshake goes unnoticed: never do both sides finish", arguments: [true, false])
    func bitFlips(inDialler: Bool) throws {
        var honest = Duel()
        var total = 0
        try honest.run { fromDialler, bytes in
            if fromDialler == inDialler { total += bytes.count }
            return bytes
        }
        #expect(total > 200)
        for bit in 0..<8 * total {
            var duel = Duel()
            var seen = 0
            do {
                try duel.run { fromDialler, bytes in
                    guard fromDialler == inDialler else { return bytes }
                    defer { seen += bytes.count }
                    guard (seen..<seen + bytes.count).contains(bit / 8) else { return bytes }
                    var changed = bytes
                    changed[bit / 8 - seen] ^= 1 << UInt8(bit % 8)
                    return changed
                }
            } catch { continue }
            // Without an error one side still waits, and its deadline ends the connection.
            #expect(duel.dialler.result == nil || duel.listener.result == nil, "bit \(bit)")
        }
    }

    @Test("no truncated handshake finishes on both sides")
    func truncations() throws {
        for (inDialler, total) in [(true, 28 + 34 + 186), (false, 28 + 218)] {
            for keep in 0..<total {
                var duel = Duel()
                var seen = 0
                do {
                    try duel.run { fromDialler, bytes in
                        guard fromDialler == inDialler else { return bytes }
                        defer { seen += bytes.count }
                        return Array(bytes.prefix(max(0, keep - seen)))
                    }
                } catch { continue }
                #expect(duel.dialler.result == nil || duel.listener.result == nil)
            }
        }
    }

    @Test("weak points, short, long and empty messages are refused")
    func malformedFirst() {
        for (message, expected) in [
            ([0, 32] + [UInt8](repeating: 0, count: 32), NoiseError.weakKey), ([0, 0], .wrongLength(0)),
            ([0, 31] + [UInt8](repeating: 1, count: 31), .wrongLength(31)), ([0x20, 0x01], .wrongLength(8193)),
            ([0, 33] + [UInt8](repeating: 1, count: 33), .malformedPayload("the first message has a payload")),
        ] as [([UInt8], NoiseError)] {
            var listener = NoiseUpgrade(key: key(2), role: .responder, expected: nil, muxers: nil)
            #expect(throws: expected) { try listener.receive(message) }
        }
    }

    @Test("an identity that did not sign the static key is refused")
    func stolenIdentity() throws {
        // A peer that shows key 3's identity with its own signature: replay of another handshake's payload.
        var first = NoiseHandshake(role: .initiator, static: .generate())
        var listener = NoiseUpgrade(key: key(2), role: .responder, expected: nil, muxers: nil)
        func framed(_ message: [UInt8]) -> [UInt8] {
            [UInt8(message.count >> 8), UInt8(message.count & 255)] + message
        }
        let second = try listener.receive(framed(try first.write([])))
        let stolen = try first.read(Array(second.dropFirst(2)))  // The listener's own payload: its key and signature.
        let third = try first.write(stolen)
        #expect(throws: NoiseError.wrongSignature) { try listener.receive(framed(third)) }
    }

    @Test("a changed, cut or repeated frame of the channel is refused")
    func channel() throws {
        var duel = Duel()
        try duel.run()
        var near = try #require(duel.dialler.result)
        let far = try #require(duel.listener.result)
        let sealed = try near.sealer.seal([1, 2, 3, 4, 5])
        #expect(sealed.count == 2 + 5 + 16)
        for bit in 16..<8 * sealed.count {
            var opener = far.opener
            var changed = sealed
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: NoiseError.notAuthentic) { try opener.open(changed) }
        }
        for count in 0..<sealed.count {
            var opener = far.opener
            #expect(try opener.open(Array(sealed[..<count])) == [])
            #expect(try opener.open(Array(sealed[count...])) == [1, 2, 3, 4, 5])
        }
        var opener = far.opener
        #expect(try opener.open(sealed) == [1, 2, 3, 4, 5])
        #expect(throws: NoiseError.notAuthentic) { try opener.open(sealed) }
        for length in 0..<16 {
            var opener = far.opener
            #expect(throws: NoiseError.wrongLength(length)) { try opener.open([0, UInt8(length)]) }
        }
    }

    @Test("any number of bytes goes through the channel in as few frames as possible")
    func chunks() throws {
        var duel = Duel()
        try duel.run()
        var near = try #require(duel.dialler.result)
        var far = try #require(duel.listener.result)
        for count in [0, 1, 65_518, 65_519, 65_520, 131_038, 131_039, 200_000] {
            let text = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let sealed = try near.sealer.seal(text)
            #expect(sealed.count == count + 18 * ((count + 65_518) / 65_519))
            #expect(try far.opener.open(sealed) == text)
        }
    }

    @Test("a payload reads back; truncated or changed ones are refused or name no peer; random ones never crash")
    func payload() throws {
        let point = [UInt8](repeating: 4, count: 32)
        let payload = NoisePayload(key: key(3), staticKey: point, muxers: ["/yamux/1.0.0", "/x"])
        let bytes = payload.encoded
        #expect(try NoisePayload(decoding: bytes) == payload)
        #expect(try payload.verifiedPeer(staticKey: point) == PeerID(key(3).publicKey))
        #expect(throws: NoiseError.wrongSignature) {
            try payload.verifiedPeer(staticKey: [UInt8](repeating: 5, count: 32))
        }
        for count in bytes.indices {
            // A cut at the end of a field leaves out the extensions, which nobody signed; everything else fails.
            if let cut = try? NoisePayload(decoding: Array(bytes[..<count])) { #expect(cut.muxers == nil) }
        }
        for bit in 0..<8 * bytes.count {
            var changed = bytes
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            guard let decoded = try? NoisePayload(decoding: changed) else { continue }
            if decoded.identityKey == payload.identityKey, decoded.signature == payload.signature { continue }
            #expect(throws: NoiseError.self) { try decoded.verifiedPeer(staticKey: point) }
        }
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<20_000 {
            var random = bytes
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                random[Int.random(in: random.indices, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            _ = try? NoisePayload(decoding: random)
        }
    }
}
