import Gossip
import Keys
import Testing

@Suite struct MeshMachineTests {
    @Test("a new peer is told all subscriptions first")
    func greeting() {
        var machine = MeshMachine(key: key(0), parameters: GossipParameters(), sequence: 0, seed: 1)
        _ = machine.step(.join("b"), at: .zero)
        _ = machine.step(.join("a"), at: .zero)
        let sent = machine.step(.connected(peer(1), .v1_1, isOutbound: true, address: nil), at: .zero).sent(to: peer(1))
        #expect(sent.first?.subscriptions.map(\.topic) == ["a", "b"])
    }

    @Test("the heartbeat grafts up to the degree and cuts back what is above the bound")
    func degrees() {
        var small = machine(peers: 20)
        _ = small.step(.heartbeat, at: .seconds(1))
        #expect(small.meshPeers("t").count == 6)

        var crowded = machine(peers: 20)
        for number in 1...20 as ClosedRange<UInt64> {
            _ = crowded.step(.received(.controlling { $0.grafts = ["t"] }, from: peer(number)), at: .zero)
        }
        #expect(crowded.meshPeers("t").count == 20)  // We dialled them all: not an attack.
        let effects = crowded.step(.heartbeat, at: .seconds(1))
        #expect(crowded.meshPeers("t").count == 6)
        let pruned = (1...20 as ClosedRange<UInt64>).filter {
            effects.sent(to: peer($0)).contains { !$0.control.prunes.isEmpty }
        }
        #expect(pruned.count == 14)
    }

    @Test("a full mesh takes no peer that dialled us")
    func fullMesh() {
        var machine = machine(peers: 0)
        for number in 1...20 as ClosedRange<UInt64> {
            _ = machine.step(.connected(peer(number), .v1_1, isOutbound: false, address: nil), at: .zero)
            _ = machine.step(.received(.controlling { $0.grafts = ["t"] }, from: peer(number)), at: .zero)
        }
        #expect(machine.meshPeers("t").count == 12)
    }

    @Test("a new message is validated once, then forwarded to the mesh but never to its sender or author")
    func forward() throws {
        var machine = machine(peers: 3)
        _ = machine.step(.heartbeat, at: .seconds(1))
        let message = SignedMessage.sign([7], topic: "t", sequence: 1, key: key(2))
        let first = machine.step(.received(.carrying(message), from: peer(1)), at: .seconds(1))
        #expect(first.validations.map(\.id) == [message.id])
        let copy = machine.step(.received(.carrying(message), from: peer(2)), at: .seconds(1))
        #expect(copy.validations.isEmpty)
        let effects = machine.step(.verdict(message.id, .accept), at: .seconds(1))
        #expect(effects.sent(to: peer(1)).isEmpty)
        #expect(effects.sent(to: peer(2)).isEmpty)
        #expect(effects.sent(to: peer(3)).flatMap(\.messages) == [message])
        #expect(machine.step(.verdict(message.id, .accept), at: .seconds(1)).isEmpty)
    }

    @Test("a rejected or ignored message is not forwarded, and only a rejected one costs score")
    func verdicts() {
        var machine = machine(peers: 3)
        _ = machine.step(.heartbeat, at: .seconds(1))
        for (sequence, verdict) in [(1, .ignore), (2, .reject)] as [(UInt64, GossipVerdict)] {
            let message = SignedMessage.sign([7], topic: "t", sequence: sequence, key: key(2))
            _ = machine.step(.received(.carrying(message), from: peer(1)), at: .seconds(1))
            #expect(machine.step(.verdict(message.id, verdict), at: .seconds(1)).isEmpty)
            #expect((machine.score(of: peer(1), at: .seconds(1)) < 0) == (verdict == .reject))
        }
    }

    @Test("own messages are not taken back, and their numbers grow")
    func own() throws {
        var machine = machine(peers: 1)
        let sent = (0..<3).flatMap { machine.step(.publish([$0], topic: "t"), at: .zero).sent(to: peer(1)) }
        let messages = sent.flatMap(\.messages)
        #expect(messages.map(\.data) == [[0], [1], [2]])
        #expect(messages.map(\.sequenceNumber) == [101, 102, 103])
        for message in messages {
            #expect(message.isAuthentic)
            check(machine.step(.received(.carrying(message), from: peer(1)), at: .zero).isEmpty)
        }
    }

    @Test("a forged copy does not keep the real message out, and its sender loses score until nobody listens")
    func forgery() {
        var machine = machine(peers: 2)
        let message = SignedMessage.sign([7], topic: "t", sequence: 1, key: key(3))
        var forged = message
        forged.data = [8]
        for _ in 0..<10 {
            check(machine.step(.received(.carrying(forged), from: peer(1)), at: .zero).validations.isEmpty)
        }
        #expect(machine.score(of: peer(1), at: .zero) < GossipParameters().score.graylistThreshold)
        #expect(machine.counters.graylisted > 0)
        check(machine.step(.received(.carrying(message), from: peer(1)), at: .zero).validations.isEmpty)
        check(machine.step(.received(.carrying(message), from: peer(2)), at: .zero).validations.count == 1)
    }

    @Test("an unsigned message, or one with a foreign key beside it, is invalid")
    func unsigned() {
        var machine = machine(peers: 1)
        let good = SignedMessage.sign([7], topic: "t", sequence: 1, key: key(3))
        var variants = [good, good, good, good]
        variants[0].signature = []
        variants[1].key = key(4).publicKey.protobuf
        variants[2].sequence = [1]
        variants[3].from = []
        for variant in variants {
            let effects = machine.step(.received(.carrying(variant), from: peer(1)), at: .zero)
            #expect(effects.validations.isEmpty)
        }
        #expect(machine.counters.invalid + machine.counters.graylisted == 4)
    }

    @Test("a replayed message is never new again, even after it is forgotten, in any order of arrival")
    func replay() {
        var machine = machine(peers: 1) { $0.seenLifetime = .seconds(10) }
        let messages = [3, 1, 2].map { SignedMessage.sign([7], topic: "t", sequence: $0, key: key(3)) }
        for message in messages {
            check(machine.step(.received(.carrying(message), from: peer(1)), at: .zero).validations.count == 1)
        }
        for second in stride(from: 1, to: 1000, by: 9) {
            let now = Duration.seconds(second)
            _ = machine.step(.heartbeat, at: now)
            for message in messages {
                check(machine.step(.received(.carrying(message), from: peer(1)), at: now).validations.isEmpty)
            }
        }
        let next = SignedMessage.sign([7], topic: "t", sequence: 4, key: key(3))
        check(machine.step(.received(.carrying(next), from: peer(1)), at: .seconds(1000)).validations.count == 1)
    }

    @Test("grafting within the backoff is refused, extends it, and ends in silence")
    func graftFlood() {
        var machine = machine(peers: 1)
        _ = machine.step(.heartbeat, at: .seconds(1))
        _ = machine.step(
            .received(.controlling { $0.prunes = [.init(topic: "t", backoff: 60)] }, from: peer(1)), at: .seconds(2))
        var pruned = 0
        for count in 0..<30 {
            let now = Duration.seconds(2) + .milliseconds(count)
            let effects = machine.step(.received(.controlling { $0.grafts = ["t"] }, from: peer(1)), at: now)
            pruned += effects.sent(to: peer(1)).flatMap(\.control.prunes).count
        }
        #expect(machine.meshPeers("t").isEmpty)
        #expect(pruned > 0 && pruned < 30)
        #expect(machine.score(of: peer(1), at: .seconds(3)) < GossipParameters().score.graylistThreshold)
        _ = machine.step(.heartbeat, at: .seconds(3))
        #expect(machine.meshPeers("t").isEmpty)
    }

    @Test("announcing messages without end gets bounded requests, and what never comes costs score")
    func announceSpam() {
        var machine = machine(peers: 1)
        var asked = 0
        for index in 0..<100 as Range<UInt64> {
            let ids = (0..<1000 as Range<UInt64>).map { peer(9).bytes + (index * 1000 + $0 + 1).bigEndianBytes }
            let rpc = RPC.controlling { $0.announcements = [.init(topic: "t", ids: ids)] }
            asked +=
                machine.step(.received(rpc, from: peer(1)), at: .zero).sent(to: peer(1)).flatMap(\.control.wanted).count
        }
        #expect(asked == 5000)
        _ = machine.step(.heartbeat, at: .seconds(4))
        #expect(machine.counters.brokenPromises > 0)
    }

    @Test("a message is sent three times to a peer that asks for it again and again")
    func wantSpam() {
        var machine = machine(peers: 1)
        let message = machine.step(.publish([1], topic: "t"), at: .zero).sent(to: peer(1)).flatMap(\.messages)[0]
        var got = 0
        for _ in 0..<50 {
            let rpc = RPC.controlling { $0.wanted = [message.id, message.id] }
            got += machine.step(.received(rpc, from: peer(1)), at: .zero).sent(to: peer(1)).flatMap(\.messages).count
        }
        #expect(got == 3)
    }

    @Test("large messages are refused from the rest of the mesh at once, and refusals are heeded")
    func unwanted() {
        var machine = machine(peers: 3)
        _ = machine.step(.heartbeat, at: .seconds(1))
        let message = SignedMessage.sign([UInt8](repeating: 1, count: 2000), topic: "t", sequence: 1, key: key(9))
        let effects = machine.step(.received(.carrying(message), from: peer(1)), at: .seconds(1))
        #expect(effects.sent(to: peer(2)).flatMap(\.control.unwanted) == [message.id])
        #expect(effects.sent(to: peer(1)).isEmpty)
        _ = machine.step(.received(.controlling { $0.unwanted = [message.id] }, from: peer(3)), at: .seconds(1))
        let forwarded = machine.step(.verdict(message.id, .accept), at: .seconds(1))
        #expect(forwarded.sent(to: peer(2)).flatMap(\.messages).count == 1)
        #expect(forwarded.sent(to: peer(3)).isEmpty)
    }

    @Test("who is outside the mesh hears of messages for three heartbeats")
    func announced() {
        var machine = machine(peers: 9)
        _ = machine.step(.heartbeat, at: .seconds(1))
        let outside = (1...9 as ClosedRange<UInt64>).map(peer).filter { !machine.meshPeers("t").contains($0) }
        #expect(outside.count == 3)
        _ = machine.step(.publish([1], topic: "t"), at: .seconds(1))
        let beats = (2..<8).map { second in
            let effects = machine.step(.heartbeat, at: .seconds(second))
            return outside.allSatisfy { effects.sent(to: $0).contains { !$0.control.announcements.isEmpty } }
        }
        #expect(beats == [true, true, true, false, false, false])
    }

    @Test("leaving a topic prunes the mesh, and what comes after is not validated")
    func leave() {
        var machine = machine(peers: 2)
        _ = machine.step(.heartbeat, at: .seconds(1))
        let effects = machine.step(.leave("t"), at: .seconds(1))
        #expect(effects.sent(to: peer(1)).flatMap(\.control.prunes).map(\.backoff) == [10])
        #expect(effects.sent(to: peer(1)).flatMap(\.subscriptions).map(\.subscribe) == [false])
        let message = SignedMessage.sign([1], topic: "t", sequence: 1, key: key(9))
        check(machine.step(.received(.carrying(message), from: peer(1)), at: .seconds(1)).isEmpty)
    }

    @Test("a peer of version 1.0 is pruned without a backoff")
    func oldPeer() {
        var machine = machine(peers: 1, version: .v1_0)
        _ = machine.step(.heartbeat, at: .seconds(1))
        #expect(
            machine.step(.leave("t"), at: .seconds(1)).sent(to: peer(1)).flatMap(\.control.prunes).map(\.backoff) == [
                nil
            ])
    }

    @Test("peers that share an address lose score above ten; loopback is exempt")
    func sharedAddress() {
        var machine = machine(peers: 0)
        for number in 1...15 as ClosedRange<UInt64> {
            _ = machine.step(.connected(peer(number), .v1_1, isOutbound: false, address: [10, 0, 0, 1]), at: .zero)
            _ = machine.step(.connected(peer(number + 100), .v1_1, isOutbound: false, address: nil), at: .zero)
        }
        #expect(machine.score(of: peer(1), at: .zero) == -125)
        #expect(machine.score(of: peer(101), at: .zero) == 0)
        for number in 6...15 as ClosedRange<UInt64> { _ = machine.step(.disconnected(peer(number)), at: .zero) }
        #expect(machine.score(of: peer(1), at: .zero) == 0)
    }

    @Test("a bad name survives reconnecting, and fades")
    func retained() {
        var machine = machine(peers: 1)
        for _ in 0..<4 { _ = machine.step(.malformed(from: peer(1)), at: .zero) }
        let before = machine.score(of: peer(1), at: .zero)
        #expect(before < 0)
        _ = machine.step(.disconnected(peer(1)), at: .zero)
        _ = machine.step(.connected(peer(1), .v1_1, isOutbound: false, address: nil), at: .zero)
        #expect(machine.score(of: peer(1), at: .zero) == before)
        for second in 0..<100 { _ = machine.step(.heartbeat, at: .seconds(second)) }
        #expect(machine.score(of: peer(1), at: .seconds(100)) == 0)
    }

    @Test("verdicts that never come hold back new messages, not memory")
    func pendingLimit() {
        var machine = machine(peers: 1) { $0.pendingLimit = 10 }
        for sequence in 1...100 as ClosedRange<UInt64> {
            let message = SignedMessage.sign([1], topic: "t", sequence: sequence, key: key(9))
            _ = machine.step(.received(.carrying(message), from: peer(1)), at: .zero)
        }
        #expect(machine.awaitedVerdicts == 10)
        #expect(machine.counters.overflows == 90)
    }
}

extension UInt64 {
    var bigEndianBytes: [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: self >> UInt64(56 - 8 * $0)) } }
}
