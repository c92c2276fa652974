import Keys
import Swarm
import Testing
import Wire

@Suite struct PeerTableTests {
    @Test("the first connection connects a peer and the last one disconnects it")
    func connections() {
        var table = PeerTable(limits: SwarmLimits())
        check(table.opened(1, to: peer(1), at: .zero) == true)
        check(table.opened(2, to: peer(1), at: .zero) == false)
        #expect(table.connected == [peer(1)])
        check(!table.closed(1, to: peer(1), at: .zero))
        check(!table.closed(1, to: peer(1), at: .zero))
        check(table.closed(2, to: peer(1), at: .zero))
        #expect(table.connected.isEmpty)
    }

    @Test("a peer has no more connections than its limit")
    func connectionLimit() {
        var limits = SwarmLimits()
        limits.connectionsPerPeer = 2
        var table = PeerTable(limits: limits)
        check(table.opened(1, to: peer(1), at: .zero) != nil)
        check(table.opened(2, to: peer(1), at: .zero) != nil)
        check(table.opened(3, to: peer(1), at: .zero) == nil)
        #expect(table.connectionCount == 2)
    }

    @Test("a failed address is left alone for twice as long each time, and a good one is tried at once")
    func backoff() {
        var table = PeerTable(limits: SwarmLimits())
        let one = address("/ip4/10.0.0.1/tcp/1")
        let two = address("/ip4/10.0.0.1/tcp/2")
        table.learn(one, of: peer(1), certain: false, at: .zero)
        table.learn(two, of: peer(1), certain: false, at: .zero)
        table.dialFailed(one, of: peer(1), at: .zero)
        #expect(table.dialable(peer(1), at: .zero, patient: true) == [two])
        #expect(table.dialable(peer(1), at: .zero, patient: false) == [two, one])
        #expect(table.dialable(peer(1), at: .seconds(1), patient: true) == [two, one])
        table.dialFailed(one, of: peer(1), at: .seconds(1))
        #expect(table.dialable(peer(1), at: .seconds(2), patient: true) == [two])
        #expect(table.dialable(peer(1), at: .seconds(3), patient: true) == [two, one])
        table.dialSucceeded(one, of: peer(1))
        #expect(table.dialable(peer(1), at: .seconds(3), patient: true) == [one, two])
    }

    @Test("a backoff never grows above its longest, after any number of failures")
    func longestBackoff() {
        var backoff = DialBackoff()
        for count in 0..<200 {
            let now = Duration.seconds(Int64(count) * 1000)
            backoff.failed(at: now)
            #expect(!backoff.allows(at: now))
            #expect(backoff.allows(at: now + DialBackoff.longest))
        }
    }

    @Test("hearsay never displaces a signed address, and a signed one displaces hearsay")
    func certainty() {
        var limits = SwarmLimits()
        limits.addressesPerPeer = 2
        var table = PeerTable(limits: limits)
        let all = (1...4).map { address("/ip4/10.0.0.1/tcp/\($0)") }
        table.learn(all[0], of: peer(1), certain: true, at: .zero)
        table.learn(all[1], of: peer(1), certain: false, at: .zero)
        table.learn(all[2], of: peer(1), certain: false, at: .zero)
        #expect(table[peer(1)]?.addresses.map(\.address) == [all[0], all[2]])
        table.learn(all[3], of: peer(1), certain: true, at: .zero)
        #expect(table[peer(1)]?.addresses.map(\.address) == [all[0], all[3]])
        table.learn(all[1], of: peer(1), certain: false, at: .zero)
        #expect(table[peer(1)]?.addresses.map(\.address) == [all[0], all[3]])
    }

    @Test(
        "a flood of strangers neither grows the table nor drives out who is connected",
        arguments: [1, 2, 3] as [UInt64])
    func flood(seed: UInt64) {
        var limits = SwarmLimits()
        limits.peers = 50
        var table = PeerTable(limits: limits)
        for number in 0..<10 as Range<UInt64> { _ = table.opened(number, to: peer(number), at: .zero) }
        for number in 0..<300 as Range<UInt64> {
            table.learn(
                address("/ip4/10.0.0.1/tcp/1"), of: peer(1000 + seed * 1000 + number), certain: false,
                at: .seconds(Int64(number)))
            #expect(table.count <= 50)
        }
        #expect(table.connected.count == 10)
    }

    @Test("over the limit, doubled connections go first, then peers of no use, the youngest first")
    func excess() throws {
        var limits = SwarmLimits()
        limits.connections = 3
        var table = PeerTable(limits: limits)
        _ = table.opened(1, to: peer(1), at: .zero)
        _ = table.opened(2, to: peer(2), at: .zero)
        _ = table.opened(3, to: peer(3), at: .zero)
        #expect(table.excess { _ in false }.isEmpty)
        _ = table.opened(4, to: peer(1), at: .zero)
        #expect(table.excess { _ in false } == [4])
        _ = table.opened(5, to: peer(4), at: .zero)
        var useful = PeerIdentity()
        useful.protocols = ["/x"]
        table.identified(peer(4), as: useful, at: .zero)
        #expect(table.excess { $0?.protocols == ["/x"] } == [4, 3])
        #expect(table.excess { _ in true } == [4, 5])
    }

    @Test("stream limits hold for protocol, peer and both, and places come back")
    func streams() {
        var limits = SwarmLimits()
        limits.inboundStreamsPerProtocol = 5
        limits.inboundStreamsPerPeer = 4
        limits.inboundStreamsPerProtocolAndPeer = 3
        var limiter = StreamLimiter(limits: limits)
        for _ in 0..<3 { check(limiter.admit("/a", from: peer(1))) }
        check(!limiter.admit("/a", from: peer(1)))
        check(limiter.admit("/b", from: peer(1)))
        check(!limiter.admit("/b", from: peer(1)))
        for _ in 0..<2 { check(limiter.admit("/a", from: peer(2), perPeer: 2)) }
        check(!limiter.admit("/a", from: peer(2), perPeer: 2))
        check(!limiter.admit("/a", from: peer(3)))
        for _ in 0..<3 { limiter.release("/a", from: peer(1)) }
        limiter.release("/b", from: peer(1))
        for _ in 0..<2 { limiter.release("/a", from: peer(2)) }
        #expect(limiter.isEmpty)
        limiter.release("/a", from: peer(2))
        #expect(limiter.isEmpty)
    }
}
