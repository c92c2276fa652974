import Inference
import Keys
import Models
import Proofs
import Synchronization

/// A model whose next token is a hash of all tokens before it (and of the seed, unless the temperature is 0).
///
/// Anybody can compute it again, so answers are really checked; how fast it is and where it breaks is up to the test.
final class FakeEngine: Engine {
    static let choice = ModelChoice(model: digest(77), arithmetic: .float32)
    static let served = ServedModel(
        choice: choice, name: "fake", contextLength: 4096, vocabulary: 50_000, disputableLength: 600)

    /// What the engine asks before each token: to wait, to break, or to say something else.
    typealias Step = @Sendable (_ order: GenerationOrder, _ index: Int) async throws -> Void

    let model = FakeEngine.served
    /// Whether the file of the model is what it was.
    let hasFile = Mutex(true)
    private let step: Step
    private let distort: @Sendable (_ index: Int, _ token: TokenID) -> TokenID
    private let counts = Mutex((running: 0, most: 0, begun: 0, finished: 0))

    init(
        step: @escaping Step = { _, _ in },
        distort: @escaping @Sendable (_ index: Int, _ token: TokenID) -> TokenID = { $1 }
    ) {
        self.distort = distort
        self.step = step
    }

    var canDefend: Bool { hasFile.withLock(\.self) }

    var rules: ModelRules {
        ModelRules(
            root: model.choice.model, layers: 1, vocabulary: model.vocabulary, contextLength: model.contextLength,
            endTokens: [])
    }

    func check(_ exchange: Exchange, auditSeed: Digest?) async -> AnswerVerifier.Finding {
        let value = auditSeed.map { Digest(of: $0.bytes + exchange.job.bytes, domain: "fake value") }
        return switch await FakeExaminer().examine(exchange, .full) {
        case .failed(let fault): .init(.faulty(fault), witness: value)
        default: .init(.correct, witness: value)
        }
    }

    func check(_ exchange: Exchange, opening: SliceOpening, draw: SliceDraw) async -> AnswerVerifier.Outcome {
        await check(exchange, auditSeed: nil).outcome
    }

    func open(_ exchange: Exchange, _ draw: SliceDraw) async throws -> SliceOpening {
        SliceOpening(roots: [], inputs: [], layerPaths: [], embeddingPaths: [], lastStates: [], lastPaths: [])
    }

    var most: Int { counts.withLock(\.most) }
    var running: Int { counts.withLock(\.running) }
    var begun: Int { counts.withLock(\.begun) }
    var finished: Int { counts.withLock(\.finished) }

    /// All tokens so far, as one digest.
    struct State {
        private var digest: Digest
        private let seed: [UInt8]

        init(_ order: GenerationOrder) {
            digest = .zero
            seed = order.request.sampling.temperature > 0 ? order.seed.bytes : []
            for token in order.request.prompt { feed(token) }
        }

        mutating func feed(_ token: TokenID) {
            digest = Digest(of: digest.bytes + token.bigEndianBytes, domain: "fake model")
        }

        var next: TokenID {
            let hash = Digest(of: digest.bytes + seed, domain: "fake sample").bytes
            return (TokenID(hash[0]) << 16 | TokenID(hash[1]) << 8 | TokenID(hash[2])) % TokenID(served.vocabulary)
        }
    }

    static func answer(to order: GenerationOrder) -> [TokenID] {
        var state = State(order)
        return (0..<order.request.sampling.maximumTokens).map { _ in
            let token = state.next
            state.feed(token)
            return token
        }
    }

    static func transcript(_ request: InferenceRequest, _ output: [TokenID]) -> Digest {
        Digest(of: (request.prompt + output).flatMap(\.bigEndianBytes), domain: "fake transcript")
    }

    func generate(_ order: GenerationOrder, into queue: TokenQueue) async throws -> GenerationProduct {
        counts.withLock {
            $0.running += 1
            $0.begun += 1
            $0.most = max($0.most, $0.running)
        }
        defer { counts.withLock { $0.running -= 1 } }
        let (room, hasRoom) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        queue.onRoom { hasRoom.yield() }
        var iterator = room.makeAsyncIterator()
        var state = State(order)
        var output: [TokenID] = []
        let sampling = order.request.sampling
        for index in 0..<Int(sampling.maximumTokens) {
            while queue.isFull {
                guard await iterator.next() != nil else { throw CancellationError() }
            }
            try await step(order, index)
            try Task.checkCancellation()
            let token = distort(index, state.next)
            state.feed(token)
            output.append(token)
            queue.push(token)
        }
        counts.withLock { $0.finished += 1 }
        return GenerationProduct(
            answer: Answer(output: output, stop: .length)!, transcript: Self.transcript(order.request, output))
    }
}

/// Computes the answer again.
struct FakeExaminer: Examiner {
    func examine(_ exchange: Exchange, _ depth: Examination.Depth) async -> Examination {
        let (request, receipt) = (exchange.request.request, exchange.receipt)
        guard receipt.hasValidSignature, receipt.hasValidSeed, receipt.key == request.node,
            receipt.receipt
                == .answer(
                    exchange.answer, to: request, transcript: FakeEngine.transcript(request, exchange.answer.output),
                    seed: receipt.receipt.seed)
        else { return .failed(.answer) }
        guard depth == .full else { return .passed(depth) }
        let right = FakeEngine.answer(to: GenerationOrder(request: request, seed: receipt.receipt.seed))
        let wrong = zip(right, exchange.answer.output).enumerated().first { $1.0 != $1.1 }
        return wrong.map { .failed(.token(step: $0, expected: $1.0)) } ?? .passed(.full)
    }
}

extension UInt32 {
    var bigEndianBytes: [UInt8] {
        [UInt8(self >> 24), UInt8(self >> 16 & 255), UInt8(self >> 8 & 255), UInt8(self & 255)]
    }
}
