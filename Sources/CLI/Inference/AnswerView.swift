import API

/// Shows an answer as it comes: the text itself, and around it who answers, what it cost and whether it is right.
struct AnswerView {
    let terminal = Terminal()
    /// Prints nothing, only collects.
    let isQuiet: Bool
    private(set) var text = ""
    private(set) var tokens: [UInt32] = []
    private(set) var chosen: [AnswerEvent.Chosen] = []
    private(set) var finished: AnswerEvent.Finished?
    private(set) var checked: AnswerEvent.Checked?
    /// Checks that failed, of providers whose text was taken back.
    private(set) var faults: [AnswerEvent.Checked] = []
    /// Characters of the answer after each token frame, to take back by tokens.
    private var lengths: [(tokens: Int, characters: Int)] = []

    init(isQuiet: Bool) { self.isQuiet = isQuiet }

    /// A terminal shows text as it comes, and that some of it was taken back; a file gets only what counts in the end.
    private var streams: Bool { !isQuiet && terminal.isInteractive }
    private var isLineOpen = false

    /// - Throws: ``Problem`` when the node says that there will be no answer.
    mutating func take(_ event: AnswerEvent) throws(Problem) {
        switch event {
        case .chosen(let value):
            chosen.append(value)
            let price = value.pricePerToken == "0" ? "free" : "\(fig(value.pricePerToken)) FIG a token"
            let reason = value.reason.map { "\($0); now " } ?? ""
            note("\(reason)\(short(value.provider)) answers with \(value.model), \(price)")
        case .text(let value):
            text += value.text
            tokens += value.tokens
            lengths.append((tokens.count, text.count))
            if streams { show(value.text) }
        case .retracted(let value): retract(value)
        case .finished(let value):
            finished = value
            if !isQuiet, !streams { terminal.write(text + "\n") }
            let speed =
                value.seconds > value.timeToFirstTokenSeconds
                ? Double(value.outputTokens - 1) / (value.seconds - value.timeToFirstTokenSeconds) : 0
            note(
                "\(value.outputTokens) tokens in \(rounded(value.seconds)) s (first after \(rounded(value.timeToFirstTokenSeconds)) s, "
                    + "then \(rounded(speed)) a second), \(Self.price(value))"
                    + "\(value.stop == "length" ? ", cut at --tokens" : "") · receipt \(value.receipt.prefix(16))")
        case .checked(let value):
            checked = value
            if value.fault != nil { faults.append(value) }
            note(Self.verdict(value), value.fault == nil ? .green : .red)
        case .failed(let problem):
            closeLine()
            throw problem
        }
    }

    /// "0.24 FIG through channel 9f86d081…, which has 2.16 left"
    private static func price(_ value: AnswerEvent.Finished) -> String {
        guard value.price != "0" else { return "free" }
        guard let channel = value.channel, let rest = value.channelRest else { return "\(fig(value.price)) FIG" }
        return "\(fig(value.price)) FIG through channel \(channel.prefix(8))…, which has \(fig(rest)) left"
    }

    private mutating func show(_ text: String) {
        terminal.write(text)
        isLineOpen = !text.hasSuffix("\n") && !(text.isEmpty && !isLineOpen)
    }

    private mutating func closeLine() {
        if isLineOpen { terminal.write("\n") }
        isLineOpen = false
    }

    private mutating func retract(_ value: AnswerEvent.Retracted) {
        lengths.removeAll { $0.tokens > value.keptTokens }
        text = String(text.prefix(lengths.last?.characters ?? 0))
        tokens = Array(tokens.prefix(lengths.last?.tokens ?? 0))
        note("\(short(value.provider)) takes no part any more: \(value.reason)", .red)
        if streams { show(text) }
    }

    /// "✓ layer 17 computed again over 94 positions in 0.05 s: bits are equal"
    static func verdict(_ checked: AnswerEvent.Checked) -> String {
        let work =
            switch checked.check {
            case .none: "signatures and digests checked"
            case .merkle: "layer \(checked.layer ?? 0) computed again over \(checked.positions) positions"
            case .full: "all \(checked.positions) positions computed again"
            }
        let time = "\(work) in \(rounded(checked.seconds)) s"
        guard let fault = checked.fault else { return "✓ \(time): bits are equal" }
        let accusation = checked.accusation.map { "\n  accused on the ledger in transaction \($0.prefix(16))" } ?? ""
        return "✗ \(time): \(fault)\(accusation)"
    }

    private mutating func note(_ text: String, _ paint: Terminal.Paint = .dim) {
        closeLine()
        if !isQuiet { terminal.note(text, paint) }
    }
}

/// "ban1qxy…7f": enough of an account to tell it from others.
func short(_ account: String) -> String { account.count > 16 ? "\(account.prefix(10))…\(account.suffix(4))" : account }

/// Two decimals below ten, one above.
func rounded(_ value: Double) -> String {
    let scale = abs(value) < 10 ? 100.0 : 10
    return "\((value * scale).rounded() / scale)"
}
