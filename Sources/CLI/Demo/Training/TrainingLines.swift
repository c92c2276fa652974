import API

/// The demo for a pipe or a log: one plain line for each thing worth knowing.
struct TrainingLines {
    /// How many rounds and how many audits of the running round were told already.
    private var toldRounds = 0

    /// The lines that `state` adds to what was told before.
    mutating func news(in state: TrainingState) -> [String] {
        var lines: [String] = []
        while toldRounds < state.rounds.count {
            let round = state.rounds[toldRounds]
            guard round.settledHeight != nil, round.correct != nil else { break }
            lines += Self.describe(round, in: state)
            toldRounds += 1
        }
        return lines
    }

    /// One finished round: accuracy, audits, decisions, balances.
    static func describe(_ round: TrainingState.Round, in state: TrainingState) -> [String] {
        let accepted = round.decisions.count { $0.outcome == "accepted" }
        let trainers = round.decisions.count
        var lines = [
            "round \(round.index + 1)/\(state.plannedRounds)  height \(round.settledHeight ?? 0)  "
                + "accuracy \(percent(round.accuracy))  accepted \(accepted) of \(trainers)"
        ]
        for decision in round.decisions where decision.outcome != "accepted" {
            let worker = state.nodes[decision.worker].name
            lines.append("  \(worker) \(decision.outcome): \(decision.reason ?? "no reason given")")
        }
        let audits = Dictionary(grouping: round.audits, by: \.worker).sorted { $0.key < $1.key }
        for (worker, audits) in audits {
            let auditors = audits.map { state.nodes[$0.auditor].name }.sorted().joined(separator: ", ")
            let segments = Set(audits.flatMap(\.segments)).count
            lines.append(
                "  \(state.nodes[worker].name) audited by \(auditors): \(segments) different segments re-executed")
        }
        lines.append("  balances " + state.nodes.map { "\($0.name) \(fig($0.balance ?? "0"))" }.joined(separator: ", "))
        return lines
    }
}

/// "84.31 %", or "–" when it is not known.
func percent(_ share: Double?) -> String {
    guard let share else { return "–" }
    let hundredths = Int((share * 10_000).rounded())
    let fraction = hundredths % 100
    return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction) %"
}
