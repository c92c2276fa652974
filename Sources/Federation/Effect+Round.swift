extension TrainingRoundMachine.Effect {
    /// The attempt that a piece of work belongs to.
    package var round: RoundID? {
        switch self {
        case .train(let order): order.base.id
        case .check(let order): order.base.id
        case .aggregate(let order): order.base.id
        case .evaluate(let base, _): base.id
        case .cancel(let id): id
        case .fetch, .submit, .report: nil
        }
    }

    /// What the machine hears when the work could not be done.
    var failure: TrainingRoundMachine.Input? {
        switch self {
        case .fetch(let digest, _): .fetched(digest, false)
        case .train(let order): .trained(order.base.id, nil)
        case .check(let order): .checked(order, .missing)
        case .aggregate(let order): .aggregated(order.base.id, nil)
        case .evaluate, .submit, .cancel, .report: nil
        }
    }
}
