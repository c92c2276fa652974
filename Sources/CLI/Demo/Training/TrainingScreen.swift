/// The demo on a terminal: finished rounds scroll up, the running one is redrawn in place below them.
struct TrainingScreen {
    private var liveLines = 0
    private var toldRounds = 0
    private let colour: Bool

    init(colour: Bool) { self.colour = colour }

    /// The characters that bring the terminal from the last picture to this one.
    mutating func update(_ state: TrainingState, elapsed: Int) -> String {
        var output = liveLines > 0 ? "\u{1B}[\(liveLines)F\u{1B}[J" : ""
        while toldRounds < state.rounds.count {
            let round = state.rounds[toldRounds]
            guard round.settledHeight != nil, round.correct != nil else { break }
            output += finished(round, in: state).map { $0 + "\n" }.joined()
            toldRounds += 1
        }
        let live = live(state, elapsed: elapsed)
        liveLines = live.count
        return output + live.map { $0 + "\n" }.joined()
    }

    /// Removes the live part.
    mutating func clear() -> String {
        defer { liveLines = 0 }
        return liveLines > 0 ? "\u{1B}[\(liveLines)F\u{1B}[J" : ""
    }

    private func finished(_ round: TrainingState.Round, in state: TrainingState) -> [String] {
        let share = round.accuracy ?? 0
        let width = Int((share * 40).rounded())
        let bar = paint(.green, String(repeating: "█", count: width)) + String(repeating: "░", count: 40 - width)
        var lines = [
            "round \(padded(round.index + 1))  \(bar)  \(percent(round.accuracy))   "
                + paint(.dim, "height \(round.settledHeight ?? 0)")
        ]
        for decision in round.decisions where decision.outcome != "accepted" {
            let isCheater = state.nodes[decision.worker].isCheater
            let amount = round.movements.first { $0.account == decision.worker && $0.sign == "−" }
            let loss = amount.map { ", loses \(fig($0.amount)) FIG" } ?? ""
            let text = "\(state.nodes[decision.worker].name) \(decision.outcome): \(decision.reason ?? "")\(loss)"
            lines.append("          " + paint(isCheater ? .red : .yellow, "✗ " + text))
        }
        lines.append("          " + paint(.dim, audits(of: round, in: state)))
        return lines
    }

    /// Who was audited by whom: "audits  node 1 by 2 3 4 5 · node 2 by …".
    private func audits(of round: TrainingState.Round, in state: TrainingState) -> String {
        let auditors = state.nodes.indices.compactMap { worker -> String? in
            let numbers = Set(round.audits.filter { $0.worker == worker }.map { $0.auditor + 1 }).sorted()
            guard !numbers.isEmpty else { return nil }
            return "\(state.nodes[worker].name) by " + numbers.map(String.init).joined(separator: " ")
        }
        return "audits  " + auditors.joined(separator: " · ")
    }

    private func live(_ state: TrainingState, elapsed: Int) -> [String] {
        let done = state.finishedRounds
        let width = state.plannedRounds == 0 ? 0 : 40 * done / state.plannedRounds
        var lines = [
            "",
            paint(.bold, "round \(min(done + 1, state.plannedRounds)) of \(state.plannedRounds)  ")
                + String(repeating: "━", count: width) + paint(.dim, String(repeating: "━", count: 40 - width))
                + "  \(elapsed) s",
        ]
        for node in state.nodes {
            let name = node.name.padding(to: 7)
            let role = node.isCheater ? paint(.red, "cheater  ") : "honest   "
            let run = node.isRunning ? "" : paint(.yellow, " down")
            let restarts = node.restarts > 0 ? paint(.yellow, " restarted ×\(node.restarts)") : ""
            lines.append(
                "  \(name)\(role)height \(padded(node.height, to: 5))  \(fig(node.balance ?? "–").padding(to: 12)) FIG  "
                    + paint(.dim, node.activity) + run + restarts)
        }
        if let fault = state.rounds.last?.audits.last(where: { $0.fault != nil }) {
            lines.append(
                "  "
                    + paint(
                        .red,
                        "\(state.nodes[fault.auditor].name) on \(state.nodes[fault.worker].name): \(fault.fault ?? "")")
            )
        }
        return lines
    }

    private enum Paint: String { case red = "31", green = "32", yellow = "33", dim = "2", bold = "1" }

    private func paint(_ paint: Paint, _ text: String) -> String {
        colour ? "\u{1B}[\(paint.rawValue)m\(text)\u{1B}[0m" : text
    }

    private func padded(_ number: some BinaryInteger, to width: Int = 2) -> String {
        let text = String(number)
        return String(repeating: " ", count: max(0, width - text.count)) + text
    }
}

extension String {
    fileprivate func padding(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
