package import Keys
package import Models

/// Checks answers by computing them again. One thread uses it at a time.
///
/// Whatever an exchange holds, the outcome is a value: hostile bytes make a fault, never an error.
package final class AnswerVerifier {
    package let transformer: Transformer
    package let rules: ModelRules

    /// - Parameter rules: of the model that the transformer runs.
    package init(_ transformer: Transformer, rules: ModelRules) {
        self.transformer = transformer
        self.rules = rules
    }

    package enum Outcome: Hashable, Sendable {
        case correct
        case faulty(InferenceFault)
        case unable(Inability)
    }

    /// Why a verifier cannot judge. It says nothing about the provider.
    package enum Inability: Error, Hashable, Sendable {
        case model(Digest)
        case arithmetic(Arithmetic)
        /// Memory, or the model's file.
        case engine(String)
    }

    package struct Finding: Hashable, Sendable {
        package let outcome: Outcome
        /// What only the recomputation gives; nil when nobody asked, or the verifier was unable.
        package let witness: Digest?

        package init(_ outcome: Outcome, witness: Digest? = nil) {
            self.outcome = outcome
            self.witness = witness
        }
    }

    /// The full check: one pass over prompt and answer, every token chosen again. Whatever single bit is wrong is found.
    /// - Parameters:
    ///   - auditSeed: asks for the witness that the ledger wants.
    ///   - known: what this machine has computed before of the beginning of the prompt; it is not computed again.
    ///   - keep: is given what was computed, for later checks.
    package func check(
        _ exchange: Exchange, auditSeed: Digest? = nil, after known: ComputedPrefix? = nil,
        keep: (ComputedPrefix) -> Void = { _ in }
    ) -> Finding {
        let request = exchange.request.request
        if let inability = inability(for: request) { return Finding(.unable(inability)) }
        if let fault = exchange.fault(under: rules) {
            return auditSeed.map { plain(fault, exchange, $0) } ?? Finding(.faulty(fault))
        }
        let claim = exchange.receipt.receipt
        let tokens = exchange.fedTokens
        let last = StateCapture(boundaries: [rules.layers], positions: request.prompt.count - 1..<Int(claim.count))
        let witness = auditSeed.map {
            RecomputationWitness(seed: $0, receipt: claim, positions: tokens.count, layers: rules.layers)
        }
        // A state that the witness is made of must come by.
        let known = known.flatMap { known in
            let isPrefix = known.tokens.count < request.prompt.count && request.prompt.starts(with: known.tokens)
            return isPrefix && known.tokens.count <= witness?.position ?? .max ? known : nil
        }
        let cache = known?.cache ?? KeyValueCache(transformer.model.shape, limit: tokens.count)
        let recorder = TranscriptRecorder(
            layers: rules.layers, reusing: known?.tokens ?? [], boundaryRoots: known?.roots ?? [])
        do throws(ModelError) {
            try transformer.replay(
                tokens, in: cache, observers: [recorder, last] + [witness].compactMap(\.self))
            keep(ComputedPrefix(cache: cache, tokens: tokens, roots: recorder.boundaryRoots))
            var fault = try wrongToken(
                exchange, steps: Array(exchange.answer.output.indices), states: last.states(at: rules.layers))
            if fault == nil, recorder.transcript(job: claim.job).root != claim.checkpoints { fault = .transcript }
            return Finding(fault.map { .faulty($0) } ?? .correct, witness: witness?.value)
        } catch {
            return finding(of: error, exchange, auditSeed)
        }
    }

    /// An audit wants its value also where the fault is plain to see: who only claims one must not earn what those earn who work.
    /// What is computed are the tokens that are claimed, as far as the model can take them.
    private func plain(_ fault: InferenceFault, _ exchange: Exchange, _ auditSeed: Digest) -> Finding {
        let receipt = exchange.receipt.receipt
        let fed = exchange.fedTokens.prefix(rules.contextLength).prefix { Int($0) < rules.vocabulary }
        let nothing = RecomputationWitness.ofNothing(seed: auditSeed, receipt: receipt)
        guard !fed.isEmpty else { return Finding(.faulty(fault), witness: nothing) }
        let witness = RecomputationWitness(
            seed: auditSeed, receipt: receipt, positions: fed.count, layers: rules.layers)
        do throws(ModelError) { try transformer.replay(Array(fed), observers: [witness]) } catch {
            guard case .faulty = outcome(of: error) else { return Finding(outcome(of: error)) }
            return Finding(.faulty(fault), witness: nothing)
        }
        return Finding(.faulty(fault), witness: witness.value)
    }

    /// Which states were shown before an engine broke is its own affair: where it must break, the value is that of nothing.
    private func finding(of error: ModelError, _ exchange: Exchange, _ auditSeed: Digest?) -> Finding {
        let outcome = outcome(of: error)
        guard case .faulty = outcome, let auditSeed else { return Finding(outcome) }
        return Finding(
            outcome, witness: RecomputationWitness.ofNothing(seed: auditSeed, receipt: exchange.receipt.receipt))
    }

    /// Whether this verifier has what the request was about.
    func inability(for request: InferenceRequest) -> Inability? {
        if request.model != rules.root { return .model(request.model) }
        return request.arithmetic == transformer.arithmetic ? nil : .arithmetic(request.arithmetic)
    }

    /// The first of `steps` whose token does not follow from the state before it.
    /// - Parameter states: at the last boundary, one for each step.
    func wrongToken(_ exchange: Exchange, steps: [Int], states: [[Float]]) throws(ModelError) -> InferenceFault? {
        let request = exchange.request.request
        let sampler = Sampler(request.sampling, seed: exchange.receipt.receipt.seed)
        // As many at a time as the head computes together: what comes after the first fault is not computed.
        for start in stride(from: 0, to: steps.count, by: Transformer.headLimit) {
            let some = start..<min(start + Transformer.headLimit, steps.count)
            var expected = [TokenID](repeating: 0, count: some.count)
            unsafe try expected.withUnsafeMutableBufferPointer { expected throws(ModelError) in
                unsafe try transformer.forLogits(of: Array(states[some])) { number, logits in
                    let position = request.prompt.count - 1 + steps[start + number]
                    unsafe expected[number] = sampler.sample(logits, position: position)
                }
            }
            for (step, token) in zip(steps[some], expected) where token != exchange.answer.output[step] {
                return .token(step: step, expected: token)
            }
        }
        return nil
    }

    /// What an error of the engine over the provider's tokens means.
    func outcome(of error: ModelError) -> Outcome {
        // The same on every machine: the provider cannot have computed it either, and an honest one refuses.
        if case .notFinite(_, let position) = error { return .faulty(.impossible(position: position)) }
        return .unable(.engine("\(error)"))
    }
}
