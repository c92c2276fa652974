internal import Keys
internal import Models
internal import Proofs

/// One answer under way: what it has, what is computed for it, and who waits for it.
final class GeneratingSequence {
    let id: UInt64
    let order: GenerationOrder
    let queue: TokenQueue
    let cache: KeyValueCache
    private(set) var recorder: TranscriptRecorder
    private let sampler: Sampler
    private let rules: ModelRules
    private let continuation: CheckedContinuation<GenerationProduct, any Error>

    /// Prompt and answer.
    private(set) var tokens: [TokenID]
    private(set) var fed: Int

    init(
        id: UInt64, order: GenerationOrder, queue: TokenQueue, cache: KeyValueCache, roots: [Digest],
        rules: ModelRules, continuation: CheckedContinuation<GenerationProduct, any Error>
    ) {
        self.id = id
        self.order = order
        self.queue = queue
        self.cache = cache
        self.rules = rules
        self.continuation = continuation
        tokens = order.request.prompt
        fed = roots.count
        recorder = TranscriptRecorder(
            layers: rules.layers, reusing: Array(tokens.prefix(roots.count)), boundaryRoots: roots)
        sampler = Sampler(order.request.sampling, seed: order.seed)
    }

    var planned: BatchPlan.Sequence { .init(id: id, unfed: tokens.count - fed, isPaused: queue.isFull) }

    func piece(_ count: Int) -> Transformer.Piece {
        let isWhole = fed + count == tokens.count
        return .init(cache: cache, tokens: Array(tokens[fed..<fed + count]), logits: isWhole ? .last : .none)
    }

    /// A pass has fed `count` tokens.
    /// - Parameter logits: after the last token; empty when tokens are left.
    /// - Returns: the product when the answer has ended.
    func advance(_ count: Int, logits: [Float]) -> GenerationProduct? {
        fed += count
        guard !logits.isEmpty else { return nil }
        let token = sampler.sample(logits, position: tokens.count - 1)
        tokens.append(token)
        queue.push(token)
        let (request, prompt) = (order.request, order.request.prompt.count)
        let stop = StopReason.after(
            token, count: tokens.count - prompt, prompt: prompt, sampling: request.sampling,
            endTokens: rules.endTokens, contextLength: rules.contextLength)
        guard let stop, let answer = Answer(output: Array(tokens[prompt...]), stop: stop) else { return nil }
        return GenerationProduct(answer: answer, transcript: recorder.transcript(job: request.id).root)
    }

    /// After a pass that failed: what it has shown the recorder does not count.
    func forgetFailedPass() {
        recorder = TranscriptRecorder(
            layers: rules.layers, reusing: Array(tokens.prefix(fed)),
            boundaryRoots: Array(recorder.boundaryRoots.prefix(fed)))
    }

    /// What later answers may begin with.
    var prefix: PrefixShelf.Prefix {
        .init(cache: cache, tokens: Array(tokens.prefix(fed)), roots: Array(recorder.boundaryRoots.prefix(fed)))
    }

    func finish(_ result: Result<GenerationProduct, any Error>) { continuation.resume(with: result) }
}
