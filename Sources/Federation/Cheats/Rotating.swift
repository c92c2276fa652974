internal import Keys
package import Proofs

/// Another cheat each round: see ``Cheat/turn(in:)``.
package struct Rotating: Forger {
    private let stale = Stale()
    private let others: [Cheat: any Forger]

    package init() {
        others = [.signFlip: SignFlip(), .teleport: Teleport(), .forgedOutput: ForgedOutput()]
    }

    package func forge(
        _ honest: TrainingProduct, task: TrainingTask, on engine: TrainingEngine
    ) throws -> TrainingProduct {
        let forger = others[Cheat.turn(in: task.round)] ?? stale
        let forged = try forger.forge(honest, task: task, on: engine)
        stale.remember(forged.update)
        return forged
    }
}
