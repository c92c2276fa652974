internal import Keys
internal import Models
internal import Proofs

/// One answer under way: what it has, what is computed for it, and who waits for it.
final class GeneratingSequence {
    let id: UInt64
    let order: GenerationOrder
    let queue: TokenQueue
    private(set) var recorder: TranscriptRecorder
    private var generation: Generation
    private let layers: Int
    private let continuation: CheckedContinuation<GenerationProduct, any Error>

    /// - Parameter roots: of the positions that the cache holds already, fewer than the prompt has.
    /// - Throws: ``ModelError`` when the prompt is longer than the context.
    init(
        id: UInt64, order: GenerationOrder, queue: TokenQueue, cache: KeyValueCache, roots: [Digest],
        rules: ModelRules, continuation: CheckedContinuation<GenerationProduct, any Error>
    ) throws(ModelError) {
        self.id = id
        self.order = order
        self.queue = queue
        self.continuation = continuation
        let request = order.request
        layers = rules.layers
        generation = try Generation(
            cache: cache, prompt: request.prompt, sampler: Sampler(request.sampling, seed: order.seed),
            endTokens: rules.endTokens)
        recorder = TranscriptRecorder(
            layers: layers, reusing: Array(request.prompt.prefix(roots.count)), boundaryRoots: roots)
    }

    /// Positions that the cache may come to hold.
    var positions: Int { generation.cache.limit }
    var planned: BatchPlan.Sequence { .init(id: id, unfed: generation.unfed, isPaused: queue.isFull) }

    /// - Returns: nil when the answer is complete.
    func piece(_ count: Int) -> Transformer.Piece? { generation.next(limit: count) }

    /// A pass has fed a piece.
    /// - Parameter logits: after the last token; empty when tokens are left.
    /// - Returns: the product when the answer has ended.
    func advance(logits: [Float]) -> GenerationProduct? {
        guard let token = generation.take(logits) else { return nil }
        queue.push(token)
        guard let stop = generation.stop, let answer = Answer(output: generation.output, stop: stop) else { return nil }
        return GenerationProduct(answer: answer, transcript: recorder.transcript(job: order.request.id).root)
    }

    /// After a pass that failed: what it has shown the recorder does not count.
    func forgetFailedPass() {
        recorder = TranscriptRecorder(
            layers: layers, reusing: fed, boundaryRoots: Array(recorder.boundaryRoots.prefix(fed.count)))
    }

    private var fed: [TokenID] { Array(generation.tokens.prefix(generation.cache.count)) }

    /// What later answers may begin with.
    var prefix: ComputedPrefix {
        .init(cache: generation.cache, tokens: fed, roots: Array(recorder.boundaryRoots.prefix(fed.count)))
    }

    func finish(_ result: Result<GenerationProduct, any Error>) { continuation.resume(with: result) }
}
