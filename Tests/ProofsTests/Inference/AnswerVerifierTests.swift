import Keys
import Models
import Proofs
import Testing
import Wire

@Suite struct AnswerVerifierTests {
    private let transformer: Transformer
    private let verifier: AnswerVerifier

    init() throws {
        transformer = try TinyModel.transformer()
        verifier = AnswerVerifier(transformer, rules: TinyModel.rules)
    }

    private func outcome(_ exchange: Exchange) -> AnswerVerifier.Outcome { verifier.check(exchange).outcome }

    private func slice(_ exchange: Exchange, opening: SliceOpening? = nil, number: Int = 0) throws
        -> AnswerVerifier.Outcome
    {
        let draw = draw(exchange, number)
        let opening = try opening ?? SliceOpener(transformer, layers: TinyModel.layers).open(exchange, draw)
        return verifier.check(exchange, opening: opening, draw: draw)
    }

    private func draw(_ exchange: Exchange, _ number: Int) -> SliceDraw {
        let output = Digest(of: exchange.receipt.receipt.id.bytes + [UInt8(number)], domain: "test")
        return SliceDraw(output, layers: TinyModel.layers, answer: exchange.answer.output.count)
    }

    @Test(
        "a thousand honest answers of 1 to 200 tokens, batched, cut, with reused prefixes and restarts, have no fault")
    func honest() throws {
        var dice = SeededGenerator(seed: 11)
        var (count, reused) = (0, 0)
        var lengths: Set<Int> = []
        for arithmetic in Arithmetic.allCases {
            let verifier = AnswerVerifier(
                try TinyModel.transformer(arithmetic: arithmetic, threads: 2), rules: TinyModel.rules)
            let opener = SliceOpener(verifier.transformer, layers: TinyModel.layers)
            let model = try TinyModel.model()
            for restart in 0..<5 {
                let provider = TestProvider(try Transformer(model, arithmetic: arithmetic, threads: 1))
                for batch in 0..<13 {
                    let requests = (0..<8).map { number -> InferenceRequest in
                        var prompt: [TokenID] = [1, 50, 51, 52]
                        for _ in 0..<dice.next(below: 40) { prompt.append(TokenID(3 + dice.next(below: 93))) }
                        return Sample.tiny(
                            prompt: prompt, temperature: UInt32(dice.next(below: 3)) * 600,
                            maximumTokens: UInt32(1 + dice.next(below: 200)), arithmetic: arithmetic,
                            nonce: "\(restart) \(batch) \(number)")
                    }
                    for exchange in try provider.answer(requests, chunk: 1 + Int(dice.next(below: 64))) {
                        #expect(verifier.check(exchange).outcome == .correct)
                        let challenge = AuditChallenge(receipt: exchange.receipt.receipt.id, by: Sample.verifier)
                        let length = exchange.answer.output.count
                        let draw = SliceDraw(challenge.output!, layers: TinyModel.layers, answer: length)
                        let opening = try opener.open(exchange, draw)
                        #expect(verifier.check(exchange, opening: opening, draw: draw) == .correct)
                        count += 1
                        lengths.insert(length)
                    }
                }
                reused += provider.reused
            }
        }
        #expect(count >= 1000 && lengths.count > 100 && reused > 3000)
    }

    @Test("a check in pieces of any size comes to the same, and gives a turn before each piece")
    func pieces() throws {
        let exchange = try TestProvider(transformer).answer([Sample.tiny(maximumTokens: 60)])[0]
        let seed = Digest(of: [1], domain: "test")
        let whole = verifier.check(exchange, auditSeed: seed)
        #expect(whole.outcome == .correct)
        let draw = draw(exchange, 0)
        let opening = try SliceOpener(transformer, layers: TinyModel.layers).open(exchange, draw)
        defer { transformer.turn = nil }
        for size in [1, 7, 64, 1000] {
            var turns = 0
            transformer.turn = {
                turns += 1
                return size
            }
            #expect(verifier.check(exchange, auditSeed: seed) == whole)
            #expect(turns == (exchange.fedTokens.count + size - 1) / size)
            #expect(try SliceOpener(transformer, layers: TinyModel.layers).open(exchange, draw) == opening)
        }
    }

    @Test("an exchange with any bit flipped is refused, and a receipt that commits to another root is found")
    func mutations() throws {
        let request = Sample.tiny(maximumTokens: 6)
        let honest = try TestProvider(transformer).answer([request])[0]
        #expect(outcome(honest) == .correct)
        let bytes = honest.canonicalBytes
        for bit in 0..<bytes.count * 8 {
            guard let changed = try? Exchange(canonicalBytes: bytes.flipping(bit: bit)) else { continue }
            #expect(outcome(changed) != .correct, "bit \(bit)")
        }
        let root = honest.receipt.receipt.checkpoints.bytes
        for bit in 0..<256 {
            let changed = Exchange.signed(
                request, output: honest.answer.output, stop: honest.answer.stop,
                transcript: Digest(bytes: root.flipping(bit: bit))!)
            #expect(outcome(changed) == .faulty(.transcript))
            if bit < 8 { #expect(try slice(changed) == .faulty(.opening)) }
        }
    }

    @Test(
        "each token of an answer in turn replaced by another, signed with an honest transcript of it, is found at its step"
    )
    func everyToken() throws {
        let request = Sample.tiny(maximumTokens: 20)
        let honest = try TestProvider(transformer).answer([request])[0]
        for step in honest.answer.output.indices {
            // Prefill laundering of one token: the states are honest for the tokens that were fed.
            let laundered = try TestProvider(transformer).answer([request]) { $0 == step ? ($1 == 60 ? 61 : 60) : $1 }[
                0]
            let expected = honest.answer.output[step]
            #expect(outcome(laundered) == .faulty(.token(step: step, expected: expected)))
            #expect(try slice(laundered) == .faulty(.token(step: step, expected: expected)))
        }
    }

    @Test(
        "each bit position of the states is committed to: one changed number at any boundary of any position is found")
    func everyState() throws {
        let request = Sample.tiny(maximumTokens: 3)
        let honest = try TestProvider(transformer).answer([request])[0]
        let tokens = honest.fedTokens
        for position in tokens.indices {
            for boundary in 0...TinyModel.layers {
                let recorder = TranscriptRecorder(layers: TinyModel.layers)
                let liar = Tampering(recorder, position: position, boundary: boundary)
                try transformer.replay(tokens, observers: [liar])
                let forged = Exchange.signed(
                    request, output: honest.answer.output, stop: honest.answer.stop,
                    transcript: recorder.transcript(job: request.id).root)
                #expect(outcome(forged) == .faulty(.transcript))
            }
        }
    }

    @Test("a layer audit finds what was changed in its layer: the first position, and the layer's number")
    func sliceLayers() throws {
        let request = Sample.tiny(maximumTokens: 5)
        let honest = try TestProvider(transformer).answer([request])[0]
        for layer in 1...TinyModel.layers {
            let draw = SliceDraw.of(layer: layer, exchange: honest)
            let opening = try SliceOpener(transformer, layers: TinyModel.layers).open(honest, draw)
            #expect(verifier.check(honest, opening: opening, draw: draw) == .correct)
            for position in honest.fedTokens.indices {
                // The provider commits to a state that the layer does not give, and to everything else honestly.
                let digests = BoundaryDigests(layers: TinyModel.layers)
                let liar = Tampering(digests, position: position, boundary: layer)
                try transformer.replay(honest.fedTokens, observers: [liar])
                let trees = digests.positions.map { Transcript.boundaryTree($0) }
                let forged = Exchange.signed(
                    request, output: honest.answer.output, stop: honest.answer.stop,
                    transcript: Transcript(
                        job: request.id, tokens: honest.fedTokens, boundaryRoots: trees.map(\.root)
                    ).root)
                let draw = SliceDraw.of(layer: layer, exchange: forged)
                let opened = SliceOpening(
                    roots: trees.map(\.root), inputs: opening.inputs,
                    layerPaths: trees.map { $0.rangeProof(for: layer - 1..<layer + 1).path },
                    embeddingPaths: trees.map { $0.rangeProof(for: 0..<1).path }, lastStates: opening.lastStates,
                    lastPaths: draw.steps.map {
                        trees[request.prompt.count - 1 + $0].rangeProof(for: TinyModel.layers..<TinyModel.layers + 1)
                            .path
                    })
                let outcome = verifier.check(forged, opening: opened, draw: draw)
                // At the last boundary the state that chooses the token is opened too, and does not lead to its root.
                let isOpened = layer == TinyModel.layers && position >= request.prompt.count - 1
                #expect(outcome == .faulty(isOpened ? .opening : .layer(layer, position: position)))
            }
        }
    }

    @Test("the embedding of every position is checked whatever layer is drawn")
    func embeddings() throws {
        let request = Sample.tiny(maximumTokens: 5)
        let honest = try TestProvider(transformer).answer([request])[0]
        for number in 0..<6 {
            let position = number % honest.fedTokens.count
            var tokens = honest.fedTokens
            tokens[position] += 1
            // States of another prompt, with the tokens of this one in the leaves.
            let digests = BoundaryDigests(layers: TinyModel.layers)
            try transformer.replay(tokens, observers: [digests])
            let roots = digests.positions.map { Transcript.boundaryTree($0).root }
            let forged = Exchange.signed(
                request, output: honest.answer.output, stop: honest.answer.stop,
                transcript: Transcript(job: request.id, tokens: honest.fedTokens, boundaryRoots: roots).root)
            let draw = draw(forged, number)
            let fake = Exchange.signed(
                Sample.tiny(prompt: Array(tokens.prefix(request.prompt.count)), maximumTokens: 5),
                output: Array(tokens[request.prompt.count...]) + [honest.answer.output[4]], stop: .length,
                transcript: .zero)
            let opening = try SliceOpener(transformer, layers: TinyModel.layers).open(fake, draw)
            #expect(verifier.check(forged, opening: opening, draw: draw) == .faulty(.embedding(position: position)))
        }
    }

    @Test("an opening with any bit flipped, or of another answer, is refused")
    func openings() throws {
        let request = Sample.tiny(prompt: [1, 9], maximumTokens: 2)
        let honest = try TestProvider(transformer).answer([request])[0]
        let draw = draw(honest, 0)
        let opening = try SliceOpener(transformer, layers: TinyModel.layers).open(honest, draw)
        let bytes = opening.canonicalBytes
        #expect(try SliceOpening(canonicalBytes: bytes) == opening)
        for bit in stride(from: 0, to: bytes.count * 8, by: 3) {
            guard let changed = try? SliceOpening(canonicalBytes: bytes.flipping(bit: bit)) else { continue }
            #expect(try slice(honest, opening: changed) != .correct, "bit \(bit)")
        }
        for length in stride(from: 0, to: bytes.count, by: 97) {
            #expect(throws: WireError.self) { try SliceOpening(canonicalBytes: Array(bytes[..<length])) }
        }
        let other = try TestProvider(transformer).answer([Sample.tiny(prompt: [1, 8], maximumTokens: 2)])[0]
        let foreign = try SliceOpener(transformer, layers: TinyModel.layers).open(other, draw)
        #expect(try slice(honest, opening: foreign) == .faulty(.opening))
    }

    @Test("a verifier without the model or the arithmetic says so and accuses nobody")
    func inability() throws {
        let foreign = Sample.request(sampling: SamplingParameters(maximumTokens: 1)!)
        #expect(
            outcome(Sample.exchange(request: foreign, output: [7], stop: .length)) == .unable(.model(foreign.model)))
        let float = Sample.tiny(maximumTokens: 1, arithmetic: .float32)
        let exchange = Exchange.signed(float, output: [7], stop: .length, transcript: .zero)
        #expect(outcome(exchange) == .unable(.arithmetic(.float32)))
    }

    @Test("the witness is the same for all who recompute, and another for another audit or answer")
    func witness() throws {
        let exchanges = try TestProvider(transformer).answer([Sample.tiny(maximumTokens: 30), Sample.tiny(nonce: "b")])
        let second = AnswerVerifier(try TinyModel.transformer(threads: 2), rules: TinyModel.rules)
        var seen: Set<Digest> = []
        for number in 0..<20 {
            for exchange in exchanges {
                let seed = Sample.digest("audit \(number)")
                let finding = verifier.check(exchange, auditSeed: seed)
                #expect(finding == second.check(exchange, auditSeed: seed))
                seen.insert(try #require(finding.witness))
            }
        }
        #expect(seen.count == 40)
        // A wrong token does not keep the verifier from the value: the states are those of the tokens that are claimed.
        let forged = Exchange.signed(
            exchanges[0].request.request, output: exchanges[0].answer.output, stop: exchanges[0].answer.stop,
            transcript: .zero)
        #expect(verifier.check(forged, auditSeed: .zero).witness != nil)
        #expect(verifier.check(forged).witness == nil)
    }

    @Test("a fault that is plain to see still takes computing: all who do find the same fault and the same value")
    func witnessOfPlainFaults() throws {
        let request = Sample.tiny(maximumTokens: 6)
        let honest = try TestProvider(transformer).answer([request])[0]
        let receipt = honest.receipt.receipt
        func signed(
            _ answer: Answer = honest.answer, input: Digest? = nil, code: Digest? = nil, seed: Digest? = nil,
            count: UInt32? = nil, request: SignedRequest = honest.request
        ) -> Exchange {
            let claim = Receipt(
                job: request.request.id, round: 0, worker: receipt.worker, input: input ?? request.request.inputDigest,
                code: code ?? request.request.codeDigest, seed: seed ?? receipt.seed,
                checkpoints: receipt.checkpoints, count: count ?? receipt.count, output: answer.id, residual: .zero)
            return Exchange(
                request: request, answer: answer,
                receipt: .sign(claim, seedProof: honest.receipt.seedProof, with: Sample.node))
        }
        let output = honest.answer.output
        let outside = TokenID(TinyModel.vocabulary)
        let impossible = Sample.tiny(prompt: [1, outside, 3], maximumTokens: 6)
        let nothing = Sample.tiny(prompt: [outside], maximumTokens: 6)
        let cases: [(Exchange, InferenceFault)] = [
            (signed(Answer(output: output, stop: .stopToken)!), .stop),
            (signed(input: .zero), .prompt), (signed(code: .zero), .code), (signed(seed: .zero), .seed),
            (signed(count: 0), .count), (signed(count: .max), .count),
            (
                signed(count: UInt32(2 + output.count), request: SignedRequest(impossible, by: Sample.client)), .seed
            ),
            (Exchange.signed(impossible, output: output, stop: .length, transcript: .zero), .impossible(position: 1)),
            (Exchange.signed(nothing, output: output, stop: .length, transcript: .zero), .impossible(position: 0)),
        ]
        let second = AnswerVerifier(try TinyModel.transformer(threads: 2), rules: TinyModel.rules)
        var values: Set<Digest> = []
        for (exchange, fault) in cases {
            let seed = Sample.digest("audit")
            let finding = verifier.check(exchange, auditSeed: seed)
            #expect(finding.outcome == .faulty(fault))
            #expect(finding == second.check(exchange, auditSeed: seed))
            values.insert(try #require(finding.witness))
            #expect(verifier.check(exchange) == .init(.faulty(fault)))
        }
        #expect(values.count == cases.count)
    }
}

/// Shows another observer what a cheat claims: the lowest bit of one number flipped.
final class Tampering: StateObserver {
    private let observer: any StateObserver
    private let place: (position: Int, boundary: Int)

    init(_ observer: any StateObserver, position: Int, boundary: Int) {
        self.observer = observer
        place = (position, boundary)
    }

    func observe(piece: Int, position: Int, token: TokenID, boundary: Int, state: UnsafeBufferPointer<Float>) {
        var numbers = unsafe Array(state)
        if (position, boundary) == place {
            numbers[7] = Float(bitPattern: numbers[7].bitPattern ^ 1)
        }
        unsafe numbers.withUnsafeBufferPointer {
            unsafe observer.observe(piece: piece, position: position, token: token, boundary: boundary, state: $0)
        }
    }
}

extension SliceDraw {
    /// The first draw of this layer among those that challenges may have.
    static func of(layer: Int, exchange: Exchange) -> SliceDraw {
        for number in 0..<1000 {
            let draw = SliceDraw(
                Sample.digest("layer \(number)"), layers: TinyModel.layers, answer: exchange.answer.output.count)
            if draw.layer == layer { return draw }
        }
        preconditionFailure("each layer is drawn")
    }
}
