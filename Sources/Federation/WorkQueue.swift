package import Keys

/// The work that a node's machines have asked for, in that order: how much of it runs at once, and which of it nobody wants any more. Pure.
package struct WorkQueue: Sendable {
    package struct Piece: Sendable {
        package let job: Digest
        package let effect: TrainingRoundMachine.Effect
        /// Tells the work that the ledger has moved on.
        package let stop: StopSignal
    }

    private let limit: Int
    private var waiting: [Piece] = []
    private var stops: [RoundID: StopSignal] = [:]
    private var running = 0

    /// - Parameter limit: pieces that run at the same time, at least one.
    package init(limit: Int) { self.limit = max(1, limit) }

    package mutating func add(_ effect: TrainingRoundMachine.Effect, for job: Digest) {
        waiting.append(Piece(job: job, effect: effect, stop: stop(for: effect)))
    }

    /// Takes up the next piece of work.
    /// - Returns: nil when there is none, or so much runs already that it has to wait.
    package mutating func next() -> Piece? {
        guard running < limit, !waiting.isEmpty else { return nil }
        running += 1
        return waiting.removeFirst()
    }

    /// A piece of work has ended, however it did.
    package mutating func finished() { running -= 1 }

    /// The ledger has moved on: what waits for this attempt is dropped, what runs is told.
    package mutating func cancel(_ round: RoundID) {
        stops.removeValue(forKey: round)?.set()
        waiting.removeAll { $0.effect.round == round }
    }

    package func stopAll() { for stop in stops.values { stop.set() } }

    /// One for all that is done for an attempt. Fetching a blob, or looking at a model, is soon over.
    private mutating func stop(for effect: TrainingRoundMachine.Effect) -> StopSignal {
        switch effect {
        case .train, .check, .aggregate:
            guard let round = effect.round else { return StopSignal() }
            let stop = stops[round] ?? StopSignal()
            stops[round] = stop
            return stop
        case .fetch, .evaluate, .submit, .cancel, .report: return StopSignal()
        }
    }
}
