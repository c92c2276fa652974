import Federation
import Keys
import Ledger
import Models

/// One node of a simulated swarm: the machine and the work that ship, with delays instead of a clock.
struct Villager {
    /// What a node does besides what it should.
    struct Habits {
        var forger: (any Forger)?
        var witness: (any FalseWitness)?
        /// Trains but never hands in a receipt.
        var isSilent = false
        /// Blocks that training takes.
        var trainingDelay: UInt64 = 1
        /// Heights at which the node is down; it comes back with nothing but its blobs.
        var downtime: Range<UInt64>?
        /// The node exists from this height on.
        var arrival: UInt64 = 0
    }

    let account: AccountID
    let key: SigningKey
    let work: RoundWork
    let habits: Habits
    var machine: TrainingRoundMachine
    var pending: [(due: UInt64, effect: TrainingRoundMachine.Effect)] = []
    var events: [FederationEvent] = []
    var stops: [RoundID: StopSignal] = [:]
    var trainingTime = Duration.zero
    var checkingTime = Duration.zero

    /// - Parameter key: the node key that works for `account`.
    init(account: AccountID, key: SigningKey, work: RoundWork, habits: Habits) {
        self.key = key
        self.account = account
        self.work = work
        self.habits = habits
        machine = TrainingRoundMachine(account: account, key: key)
    }

    func isUp(at height: UInt64) -> Bool { height >= habits.arrival && habits.downtime?.contains(height) != true }

    /// Loses everything that a crash loses.
    mutating func crash() {
        machine = TrainingRoundMachine(account: account, key: key)
        pending = []
    }

    /// Performs what the machine asks for.
    /// - Returns: the operations to send.
    mutating func perform(
        _ effects: [TrainingRoundMachine.Effect], at height: UInt64, _ dice: inout SeededGenerator
    ) async -> [Operation] {
        var operations: [Operation] = []
        for effect in effects {
            switch effect {
            case .report(let event): events.append(event)
            case .submit(.receipt) where habits.isSilent: break
            case .submit(.verdict(let verdict)):
                operations.append(.verdict(habits.witness?.distort(verdict) ?? verdict))
            case .submit(let operation): operations.append(operation)
            case .cancel(let id):
                stops[id]?.set()
                pending.removeAll { id == $0.effect.round }
                await work.discard(id)
            case .train: pending.append((height + habits.trainingDelay, effect))
            case .fetch, .check, .aggregate, .evaluate: pending.append((height + dice.next(below: 2), effect))
            }
        }
        return operations
    }

    /// Does one piece of work.
    mutating func carryOut(_ effect: TrainingRoundMachine.Effect) async -> TrainingRoundMachine.Input? {
        let stop = effect.round.flatMap { stops[$0] } ?? StopSignal()
        if let attempt = effect.round { stops[attempt] = stop }
        switch effect {
        case .fetch(let digest, let holders):
            return .fetched(digest, await work.blobs.get(digest, from: holders, limit: 1 << 20) != nil)
        case .train(let order):
            let start = ContinuousClock.now
            let receipt = try? await work.train(order, stop: stop, forge: habits.forger) { _, _ in }
            trainingTime += ContinuousClock.now - start
            return .trained(order.base.id, receipt)
        case .check(let order):
            if habits.witness?.isBlind == true { return .checked(order, .passed) }
            let start = ContinuousClock.now
            let result = (try? await work.check(order, stop: stop)) ?? .missing
            checkingTime += ContinuousClock.now - start
            return .checked(order, result)
        case .aggregate(let order): return .aggregated(order.base.id, try? await work.aggregate(order))
        case .evaluate(let base, let rounds):
            if let found = try? await work.evaluate(base) {
                events.append(
                    .evaluated(
                        job: base.id.job, rounds: rounds, model: base.model, correct: found.correct,
                        total: found.total))
            }
            return nil
        case .submit, .cancel, .report: return nil
        }
    }
}
