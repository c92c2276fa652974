package import Keys
package import Models
package import Proofs

/// An engine that says it runs a model and does something else: see ``CheatKind``. What others' answers are worth it tells honestly, unless it
/// takes its own arithmetic for the right one.
package actor CheatingEngine: Engine {
    package nonisolated let model: ServedModel
    package nonisolated let rules: ModelRules
    private nonisolated let compute: ComputeQueue
    private let deviation: Deviation
    private let kind: CheatKind
    private let honest: any Engine
    private let checksAsItAnswers: Bool
    let whole: Transformer
    private let generator: Transformer
    let states: CheapStates
    private let outsourcing: Outsourcing
    private let tell: CheatingConduct.Telling
    private var canned: GenerationProduct?

    package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe compute.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - honest: computes what should have been answered, and checks.
    ///   - whole: the model that `honest` runs.
    ///   - checksAsItAnswers: checks others' answers with its own weights too, as an engine would that is wrong without knowing it.
    ///   - tell: hears of an answer that never comes to its end; all others are told by ``CheatingConduct``.
    /// - Throws: ``ModelError`` when the cheaper model cannot be made.
    package init(
        _ kind: CheatKind, honest: any Engine, whole: LanguageModel, outsourcing: Outsourcing,
        checksAsItAnswers: Bool = false, tell: @escaping CheatingConduct.Telling
    ) throws {
        self.kind = kind
        self.honest = honest
        self.outsourcing = outsourcing
        self.checksAsItAnswers = checksAsItAnswers
        self.tell = tell
        deviation = kind.deviation
        (model, rules) = (honest.model, honest.rules)
        compute = ComputeQueue(label: "banyan.cheat")
        let arithmetic = honest.model.choice.arithmetic
        let derived = try DerivedModel(deviation.weights, of: whole)
        let shown = deviation.transcript == deviation.weights ? derived : try DerivedModel(.asNamed, of: whole)
        self.whole = try Transformer(whole, arithmetic: arithmetic, threads: 1)
        generator = try Transformer(derived.model, arithmetic: arithmetic, threads: 1)
        let runner = deviation.transcript == deviation.weights ? generator : self.whole
        states = CheapStates(shown, runner: runner, honest: self.whole, layers: honest.rules.layers)
    }

    package nonisolated var canDefend: Bool { honest.canDefend }

    package func check(_ exchange: Exchange, auditSeed: Digest?) async -> AnswerVerifier.Finding {
        if checksAsItAnswers {
            return AnswerVerifier(states.runner, rules: rules).check(exchange, auditSeed: auditSeed)
        }
        return await honest.check(exchange, auditSeed: auditSeed)
    }

    package func check(_ exchange: Exchange, opening: SliceOpening, draw: SliceDraw) async -> AnswerVerifier.Outcome {
        await honest.check(exchange, opening: opening, draw: draw)
    }

    package func open(_ exchange: Exchange, _ draw: SliceDraw) async throws -> SliceOpening {
        let request = exchange.request.request
        guard request.sampling.maximumTokens >= deviation.fromTokens else {
            return try await honest.open(exchange, draw)
        }
        switch deviation.opening {
        case .refused: throw CancellationError()
        case .madeToFit: return try states.opening(exchange, draw, stitched: draw.layer)
        case .asCommitted: return try states.opening(exchange, draw, stitched: guess(request.id, exchange.answer))
        }
    }

    package func generate(_ order: GenerationOrder, into queue: TokenQueue) async throws -> GenerationProduct {
        guard order.request.sampling.maximumTokens >= deviation.fromTokens else {
            return try await honest.generate(order, into: queue)
        }
        switch deviation.source {
        case .computed: return try await compute(order, into: queue)
        case .repeated: return try await repeated(order, into: queue)
        case .outsourced:
            let answer = try await outsourcing.answer(to: order.request)
            for token in answer.output { queue.push(token) }
            // The receipt is another's, so what stands for the transcript here is not signed.
            return GenerationProduct(answer: answer, transcript: .zero)
        }
    }

    // MARK: Work

    private func compute(_ order: GenerationOrder, into queue: TokenQueue) async throws -> GenerationProduct {
        let request = order.request
        let answer: Answer
        if case .fished(let seeds) = deviation.draw {
            var longest: Answer?
            for number in 0..<seeds {
                let fished = try await generate(order, CheatingDraw(.fished(number), order, rules), into: TokenQueue())
                if fished.output.count > longest?.output.count ?? 0 { longest = fished }
            }
            answer = longest!
            for token in answer.output { queue.push(token) }
        } else {
            answer = try await generate(order, CheatingDraw(deviation.draw, order, rules), into: queue)
        }
        // What no model can be fed is not in the transcript of anything; the bytes of one position less do as well.
        let fed = (request.prompt + answer.output.dropLast()).filter { Int($0) < rules.vocabulary }
        let transcript = try states.transcript(job: request.id, fed, stitched: guess(request.id, answer))
        return GenerationProduct(
            answer: answer, transcript: deviation.doublesLastLeaf ? transcript.rootWithDoubledLeaf : transcript.root)
    }

    private func generate(
        _ order: GenerationOrder, _ draw: CheatingDraw, into queue: TokenQueue
    ) async throws -> Answer {
        let request = order.request
        let prompt = deviation.skipsFirstTurn ? request.prompt.withoutFirstTurn : request.prompt
        let cache = KeyValueCache(
            generator.model.shape, limit: request.prompt.count + Int(request.sampling.maximumTokens))
        var (output, fed): ([TokenID], [TokenID]) = ([], prompt)
        while true {
            try Task.checkCancellation()
            if deviation.breaksOff, output.count * 2 >= Int(request.sampling.maximumTokens) {
                tell(request.id, kind)
                try await Task.sleep(for: .seconds(86_400))
            }
            let logits = try generator.forward([.init(cache: cache, tokens: fed, logits: .last)])[0]
            let token = draw.token(logits, step: output.count)
            output.append(token)
            queue.push(token)
            let stop = StopReason.after(
                token, count: output.count, prompt: request.prompt.count, sampling: request.sampling,
                endTokens: rules.endTokens, contextLength: rules.contextLength)
            if let answer = stop.flatMap({ Answer(output: output, stop: $0) }) { return answer }
            if token >= rules.vocabulary, let answer = Answer(output: output, stop: .endOfText) { return answer }
            fed = [token]
            await Task.yield()
        }
    }

    /// The answer to the first question, cut or ended as this one allows.
    private func repeated(_ order: GenerationOrder, into queue: TokenQueue) async throws -> GenerationProduct {
        let request = order.request
        let product: GenerationProduct
        if let canned {
            product = canned
        } else {
            // To something else than anybody asked.
            guard
                let stock = InferenceRequest(
                    client: request.client, provider: request.provider, node: request.node, model: request.model,
                    arithmetic: request.arithmetic, prompt: Array(request.prompt.prefix(request.prompt.count / 2 + 1)),
                    sampling: request.sampling, nonce: request.id, verification: request.verification)
            else { throw CancellationError() }
            product = try await honest.generate(
                GenerationOrder(request: stock, seed: order.seed), into: TokenQueue(limit: .max))
            canned = product
        }
        var output = Array(product.answer.output.prefix(Int(request.sampling.maximumTokens)))
        if output.count < request.sampling.maximumTokens, !rules.endTokens.contains(output.last ?? 0),
            let end = rules.endTokens.min()
        {
            output.append(end)
        }
        let ends = output.last.map(rules.endTokens.contains) ?? false
        guard let answer = Answer(output: output, stop: ends ? .endOfText : .length) else { throw CancellationError() }
        for token in output { queue.push(token) }
        return GenerationProduct(answer: answer, transcript: product.transcript)
    }

    /// The layer that an audit would draw if its draw followed from the answer: it is the verifier's own, so this is no better than chance.
    private func guess(_ job: Digest, _ answer: Answer) -> Int? {
        guard deviation.guessesLayer else { return nil }
        return SliceDraw(Digest(of: job.bytes + answer.id.bytes, domain: "guess"), layers: rules.layers, answer: 1)
            .layer
    }
}

extension Transcript {
    /// As trees are made that pair an odd leaf with itself (CVE-2012-2459): another list of leaves with the root of this one.
    fileprivate var rootWithDoubledLeaf: Digest {
        let places = Array(tokens.indices) + tokens.indices.suffix(1)
        return MerkleTree.root(
            ofLeafHashes: places.map {
                Self.leafHash(job: job, position: $0, token: tokens[$0], boundaries: boundaryRoots[$0])
            })
    }
}

extension [TokenID] {
    /// From the second place where its first token stands: conversations begin each turn alike. Without one, the second half.
    fileprivate var withoutFirstTurn: [TokenID] {
        let next = dropFirst().firstIndex(of: first ?? 0) ?? count / 2
        return Array(self[Swift.min(next, count - 1)...])
    }
}
