import API

/// What the second half came to.
struct InferenceSummary: Encodable, Sendable {
    /// Whole answers, wrong ones included.
    var answers: Int
    /// Answers of which the provider says itself that it has cheated.
    var cheats: Int
    var cheatsRejected: Int
    var honestRejected: Int
    /// Wrong answers for which the ledger took stake.
    var slashes: Int
    /// That all providers together spent on answering, and all nodes together on computing answers again.
    var generationSeconds: Double
    var auditSeconds: Double
    var cheatKinds: [String]

    init(_ state: InferenceState) {
        let cheated = state.cheats
        let honest = state.answers.filter { !state.isCheat($0) }
        answers = state.answers.count
        cheats = cheated.count
        cheatsRejected = cheated.count { state.isRejected($0) }
        honestRejected = honest.count { state.isRejected($0) }
        slashes = state.judgements.values.count { !$0.slashes.isEmpty }
        (generationSeconds, auditSeconds) = (state.generationSeconds, state.auditSeconds)
        cheatKinds = Array(Set(state.deceptions.values)).sorted()
    }

    /// Whether every cheat was found out and punished, and nobody else was. A cheater's answer may come out honest by chance: a very short
    /// one cannot be cut.
    func succeeded(cheaters: Int) -> Bool {
        cheats >= min(1, cheaters) && cheatsRejected == cheats && honestRejected == 0 && slashes >= cheats
            && answers > cheats
    }

    var text: String {
        """
        answers           \(answers) given, of which \(cheats) were cheats (\(cheatKinds.joined(separator: ", "))); \(cheatsRejected) cheats and \(honestRejected) honest ones rejected
        slashed           \(slashes) times on the ledger
        inference         \(tenths(generationSeconds)) s of answering, \(tenths(auditSeconds)) s of computing again by all nodes together
        """
    }
}
