internal import Keys
internal import Ledger

extension TrainingRoundMachine {
    mutating func advanceTraining(_ view: JobView, _ base: RoundBase, _ effects: inout [Effect]) {
        guard let place = place(of: account), view.receipt(of: account) == nil else { return }
        switch training {
        case .running: break
        case .idle: startTraining(place, view, base, &effects)
        case .failed(let at): if height > at { startTraining(place, view, base, &effects) }
        case .done(let receipt): if isDue(.receipt) { effects.append(.submit(.receipt(receipt))) }
        }
    }

    private mutating func startTraining(_ place: Int, _ view: JobView, _ base: RoundBase, _ effects: inout [Effect]) {
        training = .running
        effects.append(.report(.trainingStarted(base.id)))
        effects.append(
            .train(TrainingOrder(base: base, place: place, residual: view.residuals[account], worker: account)))
    }

    mutating func finishTraining(_ id: RoundID, _ receipt: Receipt?, _ effects: inout [Effect]) {
        guard id == roundID, case .running = training else { return }
        guard let receipt else {
            training = .failed(at: height)
            return
        }
        training = .done(receipt)
        effects.append(.report(.trainingFinished(id, receipt: receipt.id)))
    }
}
