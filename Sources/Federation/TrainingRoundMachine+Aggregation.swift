internal import Keys
internal import Ledger

extension TrainingRoundMachine {
    /// Every node computes the next model; those of a committee also say so on the ledger.
    mutating func advanceAggregation(_ view: JobView, _ base: RoundBase, _ effects: inout [Effect]) {
        switch aggregation {
        case .running: break
        case .idle: startAggregation(view, base, &effects)
        case .failed(let at): if height > at { startAggregation(view, base, &effects) }
        case .done(let model):
            guard view.members.contains(account), view.aggregates[account] != model, isDue(.aggregate) else { return }
            effects.append(.submit(.aggregate(Aggregate(job: view.job, round: view.round, model: model))))
        }
    }

    private mutating func startAggregation(_ view: JobView, _ base: RoundBase, _ effects: inout [Effect]) {
        let parts = view.accepted.compactMap { receipt in
            place(of: receipt.worker).map { AggregationOrder.Part(receipt: receipt, place: $0) }
        }
        guard !parts.isEmpty, parts.count == view.accepted.count else { return }
        aggregation = .running
        effects.append(
            .aggregate(AggregationOrder(base: base, parts: parts, holders: holders(first: parts.map(\.receipt.worker))))
        )
    }

    mutating func finishAggregation(_ id: RoundID, _ model: Digest?, _ effects: inout [Effect]) {
        guard id == roundID, case .running = aggregation, let view else { return }
        guard let model else {
            aggregation = .failed(at: height)
            return
        }
        aggregation = .done(model)
        present.insert(model)
        effects.append(.report(.aggregated(id, model: model, updates: view.accepted.count)))
    }
}
