import API

/// The second half in words, a line for each thing worth knowing.
struct InferenceStory {
    struct Line: Hashable {
        var text: String
        var paint: Terminal.Paint?

        init(_ text: String, _ paint: Terminal.Paint? = nil) { (self.text, self.paint) = (text, paint) }
    }

    private var told: Set<String> = []

    /// What an answer's part adds.
    func lines(for event: AnswerEvent, in state: InferenceState) -> [Line] {
        switch event {
        case .chosen(let chosen):
            let name = state.player(chosen.provider).map { state.players[$0].name } ?? short(chosen.provider)
            let price = UInt64(chosen.pricePerToken).map { fig(String($0 * 1000)) } ?? chosen.pricePerToken
            // That the one before has lied has been said.
            let hasLied = state.attempts.dropLast().last?.check?.fault != nil
            let reason = hasLied ? "" : chosen.reason.map { " (\($0))" } ?? ""
            return [Line(""), Line("\(name) answers, \(price) FIG for 1,000 tokens\(reason)", .bold)]
        case .checked(let checked):
            return [
                Line("  node 1 " + AnswerView.verdict(checked), checked.fault == nil ? .green : .red)
            ]
        case .finished(let finished):
            return [
                Line(
                    "  \(finished.outputTokens) tokens in \(rounded(finished.seconds)) s for \(fig(finished.price)) FIG · receipt \(finished.receipt.prefix(16))",
                    .dim)
            ]
        case .failed(let problem):
            // That a false answer was the last one has been said.
            return state.attempts.last?.check?.fault == nil ? [Line("  \(problem.detail)", .yellow)] : []
        case .text, .retracted: return []
        }
    }

    /// What the ledger has decided since the last call, with who computed what again.
    mutating func judgements(in state: InferenceState) -> [Line] {
        state.judgements.values.sorted { $0.height < $1.height }.filter { told.insert($0.request).inserted }.flatMap {
            lines(for: $0, in: state)
        }
    }

    private func lines(for judged: NodeEvent.Judged, in state: InferenceState) -> [Line] {
        let provider = state.player(judged.provider).map { state.players[$0].name } ?? short(judged.provider)
        let audits = state.audits[judged.request] ?? []
        let auditors = audits.map { state.players[$0.auditor].name }.sorted().joined(separator: ", ")
        let positions = audits.map(\.audit.positions).max() ?? 0
        let seconds = audits.map(\.audit.seconds).reduce(0, +) / Double(max(1, audits.count))
        let isRejected = judged.outcome == "rejected"
        let loss = judged.slashes.first { $0.account == judged.provider }.map { ", loses \(fig($0.amount)) FIG" } ?? ""
        var lines = [
            Line(
                "height \(judged.height): \(provider) \(judged.outcome)\(judged.reason.map { ": " + $0 } ?? "")\(loss)",
                isRejected ? .red : .green)
        ]
        if !audits.isEmpty {
            lines.append(
                Line(
                    "  computed again by \(auditors): \(positions) positions, \(rounded(seconds)) s each", .dim))
        }
        if let kind = state.deceptions[judged.request] {
            lines.append(Line("  and indeed: \(provider) says that it cheated (\(kind))", .dim))
        }
        return lines
    }
}
