import Federation
import Keys
import Testing

@Suite struct WorkQueueTests {
    private let job = Digest(sha256: [1])

    private func base(_ round: UInt32) -> RoundBase {
        RoundBase(id: RoundID(job: job, round: round, seed: .zero), specification: .zero, model: .zero)
    }

    /// The rounds of what can be begun now.
    private func begin(_ queue: inout WorkQueue) -> [UInt32?] {
        var rounds: [UInt32?] = []
        while let piece = queue.next() { rounds.append(piece.effect.round?.round) }
        return rounds
    }

    private func joining(_ round: UInt32) -> TrainingRoundMachine.Effect {
        .aggregate(AggregationOrder(base: base(round), parts: [], holders: []))
    }

    @Test("work begins in its order, so much at a time as is allowed")
    func limit() {
        var queue = WorkQueue(limit: 2)
        for round in 0..<3 as Range<UInt32> { queue.add(joining(round), for: job) }
        var begun = [begin(&queue)]
        queue.finished()
        begun.append(begin(&queue))
        #expect(begun == [[0, 1], [2]])
    }

    @Test("what waits for an attempt that is over is dropped, and what runs for it is told to stop")
    func cancellation() {
        var queue = WorkQueue(limit: 1)
        for round in [0, 0, 1] as [UInt32] { queue.add(joining(round), for: job) }
        let running = queue.next()
        queue.cancel(base(0).id)
        #expect(running?.stop.isSet == true)
        queue.finished()
        let next = queue.next()
        #expect(next?.effect.round?.round == 1 && next?.stop.isSet == false)
        queue.stopAll()
        #expect(next?.stop.isSet == true)
    }

    @Test("looking at a model goes on when its attempt is over")
    func looking() {
        var queue = WorkQueue(limit: 1)
        queue.add(.evaluate(base(0), rounds: 1), for: job)
        let running = queue.next()
        queue.cancel(base(0).id)
        #expect(running?.stop.isSet == false)
    }
}
