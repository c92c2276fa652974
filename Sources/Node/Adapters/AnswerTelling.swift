import API
import Gateway
import Inference
import Keys
import Ledger
import Logging
import Models
import Proofs
import Wire

/// Turns what happens to one question into lines of an answer.
final class AnswerTelling {
    private struct State {
        var tokens: [TokenID] = []
        var text = TextStream()
        /// Tokens after each line that was told.
        var lines: [Int] = []
        /// The last provider that failed, and why.
        var failure: (provider: AccountID, reason: String)?
        var first: Duration?
        /// A check that failed waits for what is done about it.
        var fault: AnswerEvent.Checked?
    }

    private let port: GatewayInference
    private let entry: LanguageModels.Entry
    private let inquiry: Inquiry
    private let check: Question.Check
    private let tell: InferencePort.Telling
    private var state = State()
    private let start = ContinuousClock.now

    init(
        port: GatewayInference, entry: LanguageModels.Entry, inquiry: Inquiry, check: Question.Check,
        tell: @escaping InferencePort.Telling
    ) {
        self.port = port
        self.entry = entry
        self.inquiry = inquiry
        self.check = check
        self.tell = tell
    }

    func run() async throws {
        let result: AskResult
        do {
            result = try await port.service.ask(inquiry) { event in try await self.take(event) }
        } catch let failure as AskFailure {
            return try await tell(.failed(Problem(failure)))
        }
        let rest = state.text.finish()
        if !rest.isEmpty { try await tell(.text(.init(text: rest, tokens: []))) }
        await keep(result)
        let elapsed = start.duration(to: .now)
        var finished = AnswerEvent.Finished(
            receipt: "\(result.exchange.job)", provider: "\(result.provider)",
            stop: result.exchange.answer.stop.name, promptTokens: inquiry.prompt.count,
            outputTokens: result.tokens.count, price: String(result.price), seconds: elapsed / .seconds(1),
            timeToFirstTokenSeconds: (state.first ?? elapsed) / .seconds(1))
        if let paid = result.voucher.flatMap({ try? SignedVoucher(canonicalBytes: $0) })?.voucher {
            let deposit = await port.bank.state().0.channel(paid.channel)?.deposit ?? .zero
            finished.channel = "\(paid.channel)"
            finished.channelRest = String((deposit.subtracting(paid.amount) ?? .zero).seeds)
        }
        try await tell(.finished(finished))
    }

    private func keep(_ result: AskResult) async {
        if let before = try? port.receiptStore.record(of: result.exchange.job) {
            _ = await port.payer.report(before.exchange.receipt, result.exchange.receipt)
        }
        let verdict: HeldReceipt.Verdict =
            if case .passed(let depth, _) = result.examination, depth > .receipt { .right } else { .open }
        let held = HeldReceipt(result.exchange, verdict)
        do { try port.receiptStore.keep(held) } catch {
            port.logger.error("a receipt could not be kept", metadata: ["error": "\(error)"])
        }
    }

    private func take(_ event: AskEvent) async throws {
        switch event {
        case .asking, .checking: break
        case .accepted(let provider, _): try await choose(provider)
        case .tokens(let tokens): try await show(tokens)
        case .retracted(let index): try await retract(to: index)
        case .attemptFailed(let provider, let failure): state.failure = (provider, "\(failure)")
        case .checked(let provider, let job, let examination, let positions, let time):
            try await tellCheck(provider, job, examination, positions, time)
        case .dishonest(let provider, let fault, let accusation):
            state.failure = (provider, "\(fault)")
            guard var checked = state.fault.take() else { return }
            checked.accusation = accusation.map { "\($0)" }
            try await tell(.checked(checked))
        }
    }

    private func choose(_ provider: AccountID) async throws {
        let (resumed, reason) = (state.tokens.count, state.failure?.reason)
        let known = await port.service.providers().first { $0.entry.announcement.account == provider }
        let offer = known?.entry.announcement.offers.first { $0.choice == inquiry.choice }
        try await tell(
            .chosen(
                .init(
                    provider: "\(provider)", peer: known.map { "\($0.entry.announcement.peer)" } ?? "",
                    model: offer?.name ?? entry.name, pricePerToken: String(offer?.pricePerToken ?? 0),
                    promptTokens: inquiry.prompt.count, resumedAt: resumed, reason: reason)))
    }

    private func show(_ tokens: [TokenID]) async throws {
        state.first = state.first ?? start.duration(to: .now)
        state.tokens += tokens
        state.lines.append(state.tokens.count)
        let text = state.text.append(entry.words(tokens))
        try await tell(.text(.init(text: text, tokens: tokens)))
    }

    /// Whole lines are taken back: what stays of the last one is told again.
    private func retract(to index: Int) async throws {
        state.lines.removeAll { $0 > index }
        let kept = state.lines.last ?? 0
        let again = Array(state.tokens[kept..<index])
        state.tokens = Array(state.tokens.prefix(kept))
        state.text = TextStream()
        _ = state.text.append(entry.words(state.tokens))
        let failure = state.failure
        try await tell(
            .retracted(
                .init(
                    keptTokens: kept, provider: failure.map { "\($0.provider)" } ?? "",
                    reason: failure?.reason ?? "the next provider's tokens differ")))
        if !again.isEmpty { try await show(again) }
    }

    private func tellCheck(
        _ provider: AccountID, _ job: Digest, _ examination: Examination, _ positions: Int, _ time: Duration
    ) async throws {
        var layer: Int?
        var fault: String?
        switch examination {
        case .passed(_, let drawn): layer = drawn
        case .failed(let found):
            fault = "\(found)"
            if case .layer(let wrong, _) = found { layer = wrong }
        case .withheld(let why): fault = "the provider does not open its answer: \(why)"
        case .impossible(let why): fault = "not checked: \(why)"
        }
        guard check != .none || fault != nil else { return }
        port.tell(
            .checked(
                .init(
                    request: "\(job)", provider: "\(provider)", check: check, fault: fault, positions: positions,
                    seconds: time / .seconds(1))))
        let checked = AnswerEvent.Checked(
            receipt: "\(job)", provider: "\(provider)", check: check, fault: fault, layer: layer,
            positions: positions, seconds: time / .seconds(1))
        if case .failed = examination { state.fault = checked } else { try await tell(.checked(checked)) }
    }
}
