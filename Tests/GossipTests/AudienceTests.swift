import Gossip
import Keys
import Testing

@Suite("The peers that a node speaks to", .timeLimit(.minutes(5)))
struct AudienceTests {
    private func audience(_ change: (inout GossipParameters) -> Void = { _ in }) -> Audience {
        var parameters = GossipParameters()
        change(&parameters)
        return Audience(parameters: parameters)
    }

    /// What a stream would carry until the queue ends.
    private func carried(_ queue: OutboundQueue) async throws -> [[UInt8]] {
        var all: [[UInt8]] = []
        try await queue.drain { all.append($0) }
        return all
    }

    private func queue(_ admitted: OutboundQueue?) throws -> OutboundQueue { try #require(admitted) }

    @Test("a peer is admitted once, and no more than the limit; one that goes makes room")
    func room() {
        var audience = audience { $0.peerLimit = 2 }
        check(audience.admit(peer(1)) != nil)
        check(audience.admit(peer(1)) == nil)
        check(audience.admit(peer(2)) != nil)
        check(audience.admit(peer(3)) == nil)
        #expect(audience.peers == [peer(1), peer(2)].sorted())
        check(audience.dismiss(peer(1)))
        check(!audience.dismiss(peer(1)))
        #expect(!audience.contains(peer(1)))
        check(audience.admit(peer(3)) != nil)
    }

    @Test("what is said to a peer waits in its queue; a peer that comes again has a new one")
    func queues() async throws {
        var audience = audience()
        let first = try queue(audience.admit(peer(1)))
        #expect(audience.tell(peer(1), [1], isUrgent: false))
        #expect(audience.tell(peer(2), [2], isUrgent: true))  // Nobody.
        #expect(audience.contains(peer(1), with: first))
        check(audience.dismiss(peer(1)))
        let second = try queue(audience.admit(peer(1)))
        #expect(!audience.contains(peer(1), with: first))
        #expect(audience.tell(peer(1), [3], isUrgent: false))
        #expect(audience.tell(peer(1), [4], isUrgent: true))
        #expect(try await carried(first) == [])
        second.close()
        #expect(try await carried(second) == [[4], [3]])
    }

    @Test("what slow peers lost is counted, of those who are gone, too")
    func losses() {
        var audience = audience { $0.queueLength = 1 }
        for number in [1, 2] as [UInt64] {
            _ = audience.admit(peer(number))
            #expect(audience.tell(peer(number), [1], isUrgent: true))
            #expect(audience.tell(peer(number), [2], isUrgent: false))
            #expect(!audience.tell(peer(number), [3], isUrgent: true))
        }
        #expect(audience.dropped == 4)
        check(audience.dismiss(peer(1)))
        #expect(audience.dropped == 4)
    }

    @Test("once a node leaves nobody comes and nothing is queued; what waited is sent")
    func leaving() async throws {
        var audience = audience()
        let spoken = try queue(audience.admit(peer(1)))
        let silent = try queue(audience.admit(peer(2)))
        #expect(audience.tell(peer(1), [1], isUrgent: false))
        let rest = audience.close()
        #expect(audience.isClosed && rest.count == 2)
        #expect(!spoken.isSpent && silent.isSpent)
        check(audience.admit(peer(3)) == nil)
        check(audience.dismiss(peer(2)))
        check(audience.admit(peer(2)) == nil)  // Nor does one come again whose stream broke.
        #expect(audience.tell(peer(1), [2], isUrgent: true))
        #expect(audience.tell(peer(1), [3], isUrgent: false))
        #expect(try await carried(spoken) == [[1]])
        #expect(spoken.isSpent)
        check(audience.dismiss(peer(1)))
        for queue in rest { await queue.finished() }
        #expect(audience.peers == [])
    }
}
