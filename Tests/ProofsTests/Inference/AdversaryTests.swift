import Keys
import Models
import Proofs
import Tensors
import Testing
import Wire

/// Providers that cheat, and know nothing of what a verifier expects: each signs what it really made.
@Suite struct AdversaryTests {
    private let model: LanguageModel
    private let verifier: AnswerVerifier
    private let request = Sample.tiny(maximumTokens: 30)

    init() throws {
        model = try TinyModel.model()
        verifier = AnswerVerifier(try Transformer(model, arithmetic: .int8, threads: 1), rules: TinyModel.rules)
    }

    private func check(_ exchange: Exchange) -> AnswerVerifier.Outcome { verifier.check(exchange).outcome }

    /// Whether each of 40 verifiers' layer audits finds a fault; the cheat opens what it has, computed by its own model.
    private func caught(_ exchange: Exchange, openedBy cheat: Transformer, over tokens: Exchange? = nil) throws -> Int {
        let length = exchange.answer.output.count
        return try (0..<40 as Range<UInt8>).filter { number in
            let challenge = AuditChallenge(receipt: exchange.receipt.receipt.id, by: Sample.key(100 + number))
            let draw = SliceDraw(try #require(challenge.output), layers: TinyModel.layers, answer: length)
            let opening = try SliceOpener(cheat, layers: TinyModel.layers).open(tokens ?? exchange, draw)
            return verifier.check(exchange, opening: opening, draw: draw) != .correct
        }.count
    }

    @Test(
        "another model under the right name, and the same one with fewer bits, fail the full check and every layer audit (P1, P2)"
    )
    func substitution() throws {
        let coarse = TinyModel.tensors().map { tensor -> GGUFWriter.Content in
            guard tensor.type == .q4_1 else { return tensor }
            // The lowest bit of each weight dropped: three bits where the model has four.
            let bytes = tensor.bytes.enumerated().map { $0 % 20 < 4 ? $1 : $1 & 0xee }
            return .init(name: tensor.name, type: tensor.type, shape: tensor.shape, bytes: bytes)
        }
        for tensors in [TinyModel.tensors(seed: 2), coarse] {
            let cheat = try TinyModel.transformer(tensors)
            let exchange = try TestProvider(cheat).answer([request])[0]
            #expect(check(exchange) != .correct)
            #expect(try caught(exchange, openedBy: cheat) == 40)
        }
    }

    @Test("other arithmetic than was asked for fails the full check and every layer audit (P3)")
    func arithmetic() throws {
        let cheat = try Transformer(model, arithmetic: .float32, threads: 1)
        let exchange = try TestProvider(cheat).answer([request])[0]
        #expect(check(exchange) != .correct)
        #expect(try caught(exchange, openedBy: cheat) == 40)
    }

    @Test("one bit of any tensor fails the full check; a layer audit finds it when it draws the layer (P3)")
    func oneBit() throws {
        let honest = TinyModel.tensors()
        for index in honest.indices {
            var tensors = honest
            // A high bit of a scale or of a norm: one that rounding to integers cannot swallow.
            if honest[index].name == "token_embd.weight" {
                let rows = honest[index].bytes.count / TinyModel.vocabulary
                tensors[index] = honest[index].flipping(bit: rows * 8 * 40 + 5)
            } else {
                tensors[index] = honest[index].flipping(bit: honest[index].type == .float32 ? 22 : 5)
            }
            let cheat = try TinyModel.transformer(tensors)
            let exchange = try TestProvider(cheat).answer([request])[0]
            guard honest[index].name != "output_norm.weight" else {
                // States are those of the model; only a token may betray the head.
                let isRight = exchange.answer == (try TestProvider(verifier.transformer).answer([request])[0].answer)
                #expect((check(exchange) == .correct) == isRight)
                continue
            }
            #expect(check(exchange) != .correct, "\(honest[index].name)")
            #expect(try caught(exchange, openedBy: cheat) > 0, "\(honest[index].name)")
        }
    }

    @Test("tokens of a cheap model with an honest transcript of them fail both checks (P4, prefill laundering)")
    func laundering() throws {
        let cheap = try TestProvider(try TinyModel.transformer(TinyModel.tensors(seed: 3))).answer([request])[0]
        let recorder = TranscriptRecorder(layers: TinyModel.layers)
        try verifier.transformer.replay(cheap.fedTokens, observers: [recorder])
        let laundered = Exchange.signed(
            request, output: cheap.answer.output, stop: cheap.answer.stop,
            transcript: recorder.transcript(job: request.id).root)
        guard case .faulty(.token) = check(laundered) else {
            Issue.record("\(check(laundered))")
            return
        }
        #expect(try caught(laundered, openedBy: verifier.transformer) == 40)
    }

    @Test("an answer picked among those of many seeds fails both checks (P5)")
    func fishing() throws {
        let request = Sample.tiny(temperature: 1_500, maximumTokens: 30)
        let honest = try TestProvider(verifier.transformer).answer([request])[0]
        #expect(check(honest) == .correct)
        for attempt in 0..<4 {
            // Sampled with the randomness of another request, signed with the proof of this one.
            let other = Sample.tiny(temperature: 1_500, maximumTokens: 30, nonce: "fish \(attempt)")
            let fished = try TestProvider(verifier.transformer).answer([other])[0]
            let recorder = TranscriptRecorder(layers: TinyModel.layers)
            try verifier.transformer.replay(fished.fedTokens, observers: [recorder])
            let forged = Exchange.signed(
                request, output: fished.answer.output, stop: fished.answer.stop,
                transcript: recorder.transcript(job: request.id).root)
            guard case .faulty(.token) = check(forged) else {
                Issue.record("\(check(forged))")
                continue
            }
            #expect(try caught(forged, openedBy: verifier.transformer) == 40)
        }
    }

    @Test("an answer cut short, by any reason it may give, and one whose end was suppressed, are refused (P6, P7)")
    func ends() throws {
        let honest = try TestProvider(verifier.transformer).answer([request])[0]
        for length in 1..<honest.answer.output.count {
            let output = Array(honest.answer.output[..<length])
            let recorder = TranscriptRecorder(layers: TinyModel.layers)
            try verifier.transformer.replay(request.prompt + output.dropLast(), observers: [recorder])
            for stop in StopReason.allCases {
                let root = recorder.transcript(job: request.id).root
                #expect(check(Exchange.signed(request, output: output, stop: stop, transcript: root)) == .faulty(.stop))
            }
        }
        // An end token put in the place of the fifth token.
        let injected = try TestProvider(verifier.transformer).answer([request]) { $0 == 4 ? TinyModel.endToken : $1 }[0]
        #expect(check(injected) == .faulty(.token(step: 4, expected: honest.answer.output[4])))
        // A model that ends at a token which the honest answer has; the cheat goes on with another.
        let end = honest.answer.output[6]
        let step = try #require(honest.answer.output.firstIndex(of: end))
        let rules = ModelRules(
            root: TinyModel.rules.root, layers: TinyModel.layers, vocabulary: TinyModel.vocabulary,
            contextLength: TinyModel.contextLength, endTokens: [end])
        let strict = AnswerVerifier(verifier.transformer, rules: rules)
        let ended = try TestProvider(verifier.transformer, rules: rules).answer([request])[0]
        #expect(ended.answer.output.count == step + 1 && strict.check(ended).outcome == .correct)
        #expect(strict.check(honest).outcome == .faulty(.continued(step: step)))
        let padded = try TestProvider(verifier.transformer, rules: rules).answer([request]) {
            $1 == end ? end + 1 : $1
        }[0]
        #expect(strict.check(padded).outcome == .faulty(.token(step: step, expected: end)))
    }

    @Test("a prompt that was edited, cut or extended under way fails the full check and every layer audit (P8)")
    func editedPrompt() throws {
        let provider = verifier.transformer
        var changed = request.prompt
        changed[2] += 1
        for prompt in [changed, Array(request.prompt.dropFirst()), request.prompt + [7]] {
            let other = Sample.tiny(prompt: prompt, maximumTokens: 30)
            let answered = try TestProvider(provider).answer([other])[0]
            let recorder = TranscriptRecorder(layers: TinyModel.layers)
            try provider.replay(answered.fedTokens, observers: [recorder])
            // Claims the prompt of the request over the states of the other, as far as the numbers of positions allow.
            let output = Array((answered.answer.output + [9, 9]).prefix(30))
            let count = request.prompt.count + output.count - 1
            let roots = Array((recorder.boundaryRoots + Array(repeating: Digest.zero, count: 2)).prefix(count))
            let transcript = Transcript(
                job: request.id, tokens: Array((request.prompt + output).prefix(count)), boundaryRoots: roots)
            let forged = Exchange.signed(request, output: output, stop: .length, transcript: transcript.root)
            #expect(check(forged) != .correct)
            #expect(try caught(forged, openedBy: provider) == 40)
            if prompt.count == request.prompt.count {
                #expect(try caught(forged, openedBy: provider, over: answered) == 40)
            }
        }
    }

    @Test("the answer of another request or another provider, signed anew, is refused (P9)")
    func replay() throws {
        let first = try TestProvider(verifier.transformer).answer([request])[0]
        // Greedy: the same tokens are right for the same prompt, but the transcript belongs to its job.
        let second = Sample.tiny(maximumTokens: 30, nonce: "again")
        let replayed = Exchange.signed(
            second, output: first.answer.output, stop: first.answer.stop,
            transcript: first.receipt.receipt.checkpoints)
        #expect(check(replayed) == .faulty(.transcript))
        #expect(try caught(replayed, openedBy: verifier.transformer) == 40)
        #expect(
            check(Exchange(request: first.request, answer: first.answer, receipt: replayed.receipt)) == .faulty(.job))
    }

    @Test("two receipts for one request convict their signer (P13)")
    func equivocation() throws {
        let honest = try TestProvider(verifier.transformer).answer([request])[0]
        let other = try TestProvider(try TinyModel.transformer(TinyModel.tensors(seed: 4))).answer([request])[0]
        #expect(honest.receipt.contradicts(other.receipt))
        #expect(honest.receipt.hasValidSignature && other.receipt.hasValidSignature)
        let again = try TestProvider(try TinyModel.transformer(threads: 2)).answer([request])[0]
        #expect(again.receipt == honest.receipt)
    }
}
