import Gossip
import Keys
import Testing
import Wire

@Suite struct WireTests {
    @Test("the captured message verifies over the captured bytes, and signing it again gives the same bytes")
    func captured() throws {
        let bytes = try vector("pubsub_message")
        let message = try SignedMessage(bytes: bytes)
        #expect(message.isAuthentic)
        #expect(message.signedBytes == (try vector("pubsub_signed_bytes")))
        #expect(message.bytes == bytes)
        #expect(message.data == Array("hello from go".utf8))
        #expect(message.topic == "vectors")
    }

    @Test("a changed bit of a message is refused or makes it unauthentic")
    func bits() throws {
        let bytes = SignedMessage.sign([1, 2, 3], topic: "t", sequence: 9, key: key(1)).bytes
        let original = try SignedMessage(bytes: bytes)
        for index in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[index] ^= 1 << bit
                if let read = try? SignedMessage(bytes: changed), read.isAuthentic { #expect(read == original) }
            }
            if let read = try? SignedMessage(bytes: Array(bytes[..<index])) { #expect(!read.isAuthentic) }
        }
    }

    private func sample() -> RPC {
        var rpc = RPC.carrying(
            .sign([1], topic: "a", sequence: 1, key: key(1)), .sign([2], topic: "b", sequence: 2, key: key(2)))
        rpc.subscriptions = [.init(subscribe: true, topic: "a"), .init(subscribe: false, topic: "b")]
        rpc.control.announcements = [.init(topic: "a", ids: [[1], [2, 3]])]
        rpc.control.wanted = [[4], []]
        rpc.control.grafts = ["a", "b"]
        rpc.control.prunes = [.init(topic: "c", backoff: 60), .init(topic: "d", backoff: nil)]
        rpc.control.unwanted = [[5, 6]]
        return rpc
    }

    @Test("an RPC with everything reads back as itself")
    func roundTrip() throws { #expect(try RPC(bytes: sample().bytes) == sample()) }

    @Test("the bound of an RPC's size is never below it, and not far above")
    func sizeBound() {
        #expect(RPC().sizeBound >= 0)
        #expect((sample().bytes.count...sample().bytes.count + 300).contains(sample().sizeBound))
        let large = RPC.carrying(
            .sign([UInt8](repeating: 7, count: 1 << 20), topic: "a", sequence: 1, key: key(1)))
        #expect((large.bytes.count...large.bytes.count + 100).contains(large.sizeBound))
    }

    @Test("mutated RPCs never do more than fail", arguments: 0..<4 as Range<UInt64>)
    func fuzz(seed: UInt64) {
        var dice = SeededGenerator(seed: seed)
        let start = sample().bytes
        var read = 0
        var tooLarge = 0
        for _ in 0..<10_000 {
            var bytes = start
            for _ in 0...dice.next(below: 3) {
                let index = Int(dice.next(below: UInt64(bytes.count)))
                if dice.next(below: 3) == 0 {
                    bytes.removeSubrange(index..<min(bytes.count - 1, index + 3))
                } else {
                    bytes[index] = UInt8(truncatingIfNeeded: dice.next())
                }
            }
            if let rpc = try? RPC(bytes: bytes) {
                read += 1
                if rpc.bytes.count > rpc.sizeBound { tooLarge += 1 }
                _ = rpc.messages.map(\.isAuthentic)
            }
        }
        #expect(read > 0 && read < 10_000 && tooLarge == 0)
    }

    @Test("fragments are small enough and lose nothing")
    func fragments() throws {
        var rpc = sample()
        rpc.messages = (0..<50).map {
            .sign([UInt8](repeating: 1, count: 900), topic: "a", sequence: $0, key: key(1))
        }
        rpc.control.wanted = (0..<5000).map { [UInt8](repeating: UInt8(truncatingIfNeeded: $0), count: 46) }
        rpc.control.announcements = [.init(topic: "a", ids: rpc.control.wanted)]
        let parts = rpc.fragments(limit: 20_000)
        #expect(parts.allSatisfy { $0.bytes.count <= 20_000 })
        #expect(parts.flatMap(\.messages) == rpc.messages)
        #expect(parts.flatMap(\.control.wanted) == rpc.control.wanted)
        #expect(parts.flatMap { $0.control.announcements.flatMap(\.ids) } == rpc.control.wanted)
        #expect(parts.flatMap(\.subscriptions) == rpc.subscriptions)
        #expect(parts.flatMap(\.control.prunes) == rpc.control.prunes)
        #expect(parts.flatMap(\.control.grafts) == rpc.control.grafts)
        #expect(parts.flatMap(\.control.unwanted) == rpc.control.unwanted)
    }
}
