import API
import Inference
import Keys
import Ledger
import Models
import Proofs

// How inference speaks on the wire of the API.

extension Arithmetic {
    var name: String {
        switch self {
        case .float32: "f32"
        case .int8: "int8"
        }
    }
}

extension VerificationMode {
    init?(_ name: String) {
        guard let mode = VerificationMode.allCases.first(where: { $0.name == name }) else { return nil }
        self = mode
    }

    var name: String {
        switch self {
        case .none: "none"
        case .merkle: "merkle"
        case .fraud: "fraud"
        case .zk: "zk"
        }
    }
}

extension StopReason {
    var name: String {
        switch self {
        case .endOfText: "endOfText"
        case .length: "length"
        case .stopToken: "stopToken"
        case .contextFull: "contextFull"
        }
    }
}

extension Examination.Depth {
    init(_ check: API.Question.Check) {
        self =
            switch check {
            case .none: .receipt
            case .merkle: .slice
            case .full: .full
            }
    }
}

extension SamplingParameters {
    init(_ question: API.Question) throws(Problem) {
        func whole(_ value: Double, _ unit: Double, _ name: String) throws(Problem) -> UInt32 {
            guard let number = UInt32(exactly: (value * unit).rounded()) else {
                throw .invalid("\(name) is \(value), out of its range.")
            }
            return number
        }
        guard let tokens = UInt32(exactly: question.maximumTokens), let topK = UInt32(exactly: question.topK),
            let value = SamplingParameters(
                temperature: try whole(question.temperature, 1000, "temperature"), topK: topK,
                topP: try whole(question.topP, 1_000_000, "topP"), minP: try whole(question.minP, 1_000_000, "minP"),
                maximumTokens: tokens)
        else {
            throw .invalid(
                "The sampling parameters are out of their range.",
                remedy: "temperature is 0 to 10, topP and minP 0 to 1, maximumTokens at least 1.")
        }
        self = value
    }
}

extension Offer {
    var report: ProviderReport.Offer {
        ProviderReport.Offer(
            name: name, model: "\(choice.model)", arithmetic: choice.arithmetic.name,
            pricePerToken: String(pricePerToken), tokensPerSecond: speed == 0 ? nil : Double(speed) / 1000,
            freeSlots: Int(freeSlots), contextLength: Int(contextLength), verification: modes.names)
    }
}

extension Set<VerificationMode> {
    var names: [String] { sorted { $0.rawValue < $1.rawValue }.map(\.name) }
}

extension QuoteReport {
    init(_ quoted: AskService.Quoted, of inquiry: Inquiry) {
        let candidate = quoted.candidate
        let price = quoted.quote?.pricePerToken ?? candidate.pricePerToken
        let speed = quoted.quote?.speed ?? candidate.speed
        let (most, overflow) = price.multipliedReportingOverflow(by: UInt64(inquiry.sampling.maximumTokens))
        self.init(
            provider: "\(candidate.account)", peer: "\(candidate.peer)", model: "\(inquiry.choice.model)",
            arithmetic: inquiry.choice.arithmetic.name, promptTokens: inquiry.prompt.count,
            pricePerToken: String(price), maximumPrice: overflow ? String(UInt64.max) : String(most),
            tokensPerSecond: speed == 0 ? nil : Double(speed) / 1000, waiting: Int(quoted.quote?.waiting ?? 0),
            verification: (quoted.quote?.modes ?? candidate.modes).names, refusal: quoted.refusal)
    }
}

extension ReceiptReport {
    init(_ held: HeldReceipt) {
        let (request, answer) = (held.exchange.request.request, held.exchange.answer)
        let verdict =
            switch held.verdict {
            case .open: "open"
            case .right: "right"
            case .wrong: "wrong"
            }
        self.init(
            id: "\(held.job)", provider: "\(request.provider)", client: "\(request.client)",
            model: "\(request.model)", arithmetic: request.arithmetic.name, promptTokens: request.prompt.count,
            outputTokens: answer.output.count, stop: answer.stop.name,
            price: String(held.exchange.price), verification: request.verification.name,
            verdict: verdict, time: held.time)
    }
}

extension Problem {
    /// Why a question was not answered.
    init(_ failure: AskFailure) {
        self =
            switch failure {
            case .noProvider(.nobody(let choice)):
                .notFound(
                    "Nobody offers the model \(choice.model.short)… now.",
                    remedy: "Offer it with 'banyan serve', or look at 'banyan providers'.")
            case .notOffered(let choice, let providers):
                .notFound(
                    "The model \(choice.model.short)… is not offered by \(providers.map(\.short).sorted().joined(separator: ", ")) now.",
                    remedy: "See who offers it: banyan providers")
            case .noProvider(.nobodyProving(let choice, let mode)):
                .refused("Nobody who offers the model \(choice.model.short)… proves answers with '\(mode.name)'.")
            case .noProvider(.tooLong(let prompt, let answer, let context)):
                Problem(
                    "too-long", status: 400,
                    "\(prompt) tokens of prompt and up to \(answer) of answer do not fit into the context of \(context) tokens.",
                    remedy: prompt < Int(context)
                        ? "Ask for at most \(Int(context) - prompt) tokens." : "Ask a shorter question.")
            case .noProvider(.tooExpensive(let cheapest, let maximum)):
                Problem(
                    "too-expensive", status: 409,
                    "The answer may cost \(Amount(seeds: cheapest)), more than the \(Amount(seeds: maximum)) offered.",
                    remedy: "Offer more, or ask for fewer tokens.")
            case .allFailed(let failures):
                Problem(
                    "no-answer", status: 502,
                    "Every provider failed: \(failures.map { "\($0)" }.joined(separator: "; ")).",
                    remedy: "Try again, or ask for another provider.")
            case .badQuestion(let why): .invalid(why)
            case .busy(let limit):
                Problem("busy", status: 503, "\(limit) questions of this node are under way.", remedy: "Try again.")
            }
    }
}
