import Keys
import Models
import Proofs

/// Answers requests in batches and reuses the cache of the last answer where a prompt begins alike, as a server does.
final class TestProvider {
    let transformer: Transformer
    let rules: ModelRules
    /// What is left of the last answer.
    private var last: (cache: KeyValueCache, recorder: TranscriptRecorder)?
    /// Positions that were not computed again.
    private(set) var reused = 0

    init(_ transformer: Transformer, rules: ModelRules = TinyModel.rules) {
        self.transformer = transformer
        self.rules = rules
    }

    private final class Job {
        let request: InferenceRequest
        let cache: KeyValueCache
        let recorder: TranscriptRecorder
        let seed: InferenceSeed
        let sampler: Sampler
        var output: [TokenID] = []
        var stop: StopReason?

        init(_ request: InferenceRequest, _ cache: KeyValueCache, _ recorder: TranscriptRecorder) {
            self.request = request
            self.cache = cache
            self.recorder = recorder
            seed = InferenceSeed(job: request.id, by: Sample.node)
            sampler = Sampler(request.sampling, seed: seed.value)
        }

        /// Tokens that wait to be fed.
        var pending: [TokenID] { Array((request.prompt + output)[cache.count...]) }
    }

    /// - Parameters:
    ///   - chunk: tokens of one sequence that are fed at a time at most.
    ///   - choose: what a cheat puts in the place of the token that was sampled.
    func answer(
        _ requests: [InferenceRequest], chunk: Int = 64, choose: (Int, TokenID) -> TokenID = { $1 }
    ) throws -> [Exchange] {
        let jobs = requests.map { request in start(request) }
        while true {
            let active = jobs.filter { $0.stop == nil }
            if active.isEmpty { break }
            let pieces = active.map { job -> Transformer.Piece in
                let tokens = job.pending
                return .init(
                    cache: job.cache, tokens: Array(tokens.prefix(chunk)), logits: tokens.count <= chunk ? .last : .none
                )
            }
            let logits = try transformer.forward(pieces, observer: PieceObservers(active.map { [$0.recorder] }))
            for (job, row) in zip(active, logits) where !row.isEmpty {
                let prompt = job.request.prompt.count
                let token = choose(job.output.count, job.sampler.sample(row, position: job.cache.count - 1))
                job.output.append(token)
                job.stop = StopReason.after(
                    token, count: job.output.count, prompt: prompt, sampling: job.request.sampling,
                    endTokens: rules.endTokens, contextLength: rules.contextLength)
            }
        }
        if let job = jobs.last { last = (job.cache, job.recorder) }
        return jobs.map { job in
            Exchange.signed(
                job.request, output: job.output, stop: job.stop ?? .length,
                transcript: job.recorder.transcript(job: job.request.id).root, seed: job.seed)
        }
    }

    private func start(_ request: InferenceRequest) -> Job {
        let layers = rules.layers
        guard let last else {
            return Job(request, KeyValueCache(transformer.model.shape), TranscriptRecorder(layers: layers))
        }
        let common = zip(last.recorder.tokens, request.prompt.dropLast()).prefix { $0 == $1 }.count
        reused += common
        return Job(
            request, last.cache.copy(prefix: common),
            TranscriptRecorder(
                layers: layers, reusing: Array(last.recorder.tokens[..<common]),
                boundaryRoots: Array(last.recorder.boundaryRoots[..<common])))
    }
}

extension Exchange {
    /// What a provider signs who says that this is the answer.
    static func signed(
        _ request: InferenceRequest, output: [TokenID], stop: StopReason, transcript: Digest, seed: InferenceSeed? = nil
    ) -> Exchange {
        let seed = seed ?? InferenceSeed(job: request.id, by: Sample.node)
        let answer = Answer(output: output, stop: stop)!
        let receipt = Receipt.answer(answer, to: request, transcript: transcript, seed: seed.value)
        return Exchange(
            request: SignedRequest(request, by: Sample.client), answer: answer,
            receipt: .sign(receipt, seedProof: seed.proof, with: Sample.node))
    }
}

extension Sample {
    /// A request for the tiny model.
    static func tiny(
        prompt: [TokenID] = [1, 40, 41, 42, 17], temperature: UInt32 = 0, maximumTokens: UInt32 = 24,
        arithmetic: Arithmetic = .int8, nonce: String = "tiny", verification: VerificationMode = .merkle,
        exactNonce: Digest? = nil
    ) -> InferenceRequest {
        request(
            prompt: prompt, model: TinyModel.rules.root, arithmetic: arithmetic,
            sampling: SamplingParameters(temperature: temperature, maximumTokens: maximumTokens)!, nonce: nonce,
            verification: verification, exactNonce: exactNonce)
    }
}
