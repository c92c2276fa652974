/// What the training half came to.
struct TrainingSummary: Encodable, Sendable {
    var rounds: Int
    /// Share of the 10,000 test images, 0…1, after the last round.
    var accuracy: Double
    var cheats: Int
    var cheatsRejected: Int
    var honestUpdates: Int
    var honestRejected: Int
    var modelDigests: [String]
    var cheatKinds: [String]
    var trainSeconds: Double
    var auditSeconds: Double

    init(_ state: TrainingState) {
        let last = state.rounds.last
        let trainers = Double(max(1, state.nodes.count))
        rounds = state.finishedRounds
        accuracy = last?.accuracy ?? 0
        (cheats, cheatsRejected) = (state.cheats, state.cheatsRejected)
        (honestUpdates, honestRejected) = (state.honestUpdates, state.honestRejected)
        modelDigests = state.nodes.map { $0.models[last?.index ?? 0] ?? "" }
        cheatKinds = state.rounds.compactMap(\.cheat).reduce(into: []) { kinds, kind in
            if !kinds.contains(kind) { kinds.append(kind) }
        }
        trainSeconds = state.rounds.flatMap(\.trainSeconds.values).reduce(0, +) / trainers
        auditSeconds = state.rounds.flatMap(\.audits).reduce(0) { $0 + $1.seconds } / trainers
    }

    var modelsAgree: Bool { Set(modelDigests).count == 1 && modelDigests.first?.isEmpty == false }

    func succeeded(of planned: Int) -> Bool {
        rounds == planned && modelsAgree && honestRejected == 0 && cheatsRejected == cheats
    }

    /// What stays on the screen when the second half begins.
    var headline: String {
        "\(rounds) rounds trained: \(percent(accuracy)) of the test images right; \(cheats) cheats tried, \(cheatsRejected) rejected"
    }

    var text: String {
        """
        accuracy          \(percent(accuracy)) of the 10,000 test images, after \(rounds) rounds
        cheats            \(cheats) tried (\(cheatKinds.joined(separator: ", "))), \(cheatsRejected) rejected
        honest updates    \(honestUpdates) sent, \(honestRejected) rejected
        model             \(modelsAgree ? "the same \(modelDigests[0].prefix(16)) on all \(modelDigests.count) nodes" : "DIFFERS: \(modelDigests)")
        training          each trainer trained \(tenths(trainSeconds)) s and audited \(tenths(auditSeconds)) s on average
        """
    }
}
