import Keys
import Models
import Proofs
import Testing
import Wire

@Suite struct ExchangeCheckTests {
    private let rules = ModelRules(
        root: Sample.digest("model"), layers: 4, vocabulary: 100_000, contextLength: 64, endTokens: [2])

    private func fault(_ exchange: Exchange) -> InferenceFault? { exchange.fault(under: rules) }

    /// What a provider signs that lies about one field.
    private func lying(_ change: (Receipt) -> Receipt) -> Exchange {
        let honest = Sample.exchange()
        return Exchange(
            request: honest.request, answer: honest.answer,
            receipt: .sign(change(honest.receipt.receipt), seedProof: honest.receipt.seedProof, with: Sample.node))
    }

    @Test("an honest exchange has no fault, however it ends")
    func honest() {
        #expect(fault(Sample.exchange()) == nil)
        #expect(fault(Sample.exchange(output: [7, 2], stop: .endOfText)) == nil)
        #expect(fault(Sample.exchange(output: Array(repeating: 8, count: 8), stop: .length)) == nil)
        let long = Sample.request(sampling: SamplingParameters(maximumTokens: 1000)!)
        #expect(
            fault(Sample.exchange(request: long, output: Array(repeating: 8, count: 61), stop: .contextFull)) == nil)
    }

    @Test("each field of the receipt that a provider lies about is named")
    func fields() {
        let other = Sample.digest("other")
        #expect(fault(lying { $0.with(job: other) }) == .job)
        #expect(fault(lying { $0.with(output: other) }) == .answer)
        #expect(fault(lying { $0.with(worker: AccountID(Sample.client.publicKey)) }) == .worker)
        #expect(fault(lying { $0.with(round: 1) }) == .form)
        #expect(fault(lying { $0.with(residual: other) }) == .form)
        #expect(fault(lying { $0.with(input: other) }) == .prompt)
        #expect(fault(lying { $0.with(code: other) }) == .code)
        #expect(fault(lying { $0.with(count: $0.count + 1) }) == .count)
        #expect(fault(lying { $0.with(count: $0.count - 1) }) == .count)
        #expect(fault(lying { $0.with(seed: other) }) == .seed)
    }

    @Test("a seed of another request, another node, or of the provider's liking is refused (fishing)")
    func seeds() {
        let request = Sample.request()
        let answer = Answer(output: [7, 8, 9], stop: .stopToken)!
        func signed(_ seed: InferenceSeed, by key: SigningKey) -> Exchange {
            let receipt = Receipt.answer(answer, to: request, transcript: .zero, seed: seed.value)
            return Exchange(
                request: SignedRequest(request, by: Sample.client), answer: answer,
                receipt: .sign(receipt, seedProof: seed.proof, with: key))
        }
        #expect(fault(signed(InferenceSeed(job: request.id, by: Sample.node), by: Sample.node)) == nil)
        #expect(fault(signed(InferenceSeed(job: Sample.digest("x"), by: Sample.node), by: Sample.node)) == .seed)
        // A second node of the same provider, asked until one has a seed it likes.
        for byte in 50..<60 as Range<UInt8> {
            let another = Sample.key(byte)
            let seed = InferenceSeed(job: request.id, by: another)
            #expect(fault(signed(seed, by: another)) == .receiptSignature)
            #expect(fault(signed(seed, by: Sample.node)) == .seed)
        }
    }

    @Test("parts that do not belong together blame nobody")
    func mixed() {
        let first = Sample.exchange()
        let second = Sample.exchange(request: Sample.request(nonce: "second"), output: [7, 9])
        let mixtures = [
            Exchange(request: second.request, answer: first.answer, receipt: first.receipt),
            Exchange(request: first.request, answer: second.answer, receipt: first.receipt),
            Exchange(request: first.request, answer: first.answer, receipt: second.receipt),
            Exchange(
                request: SignedRequest(
                    request: first.request.request, key: first.request.key, signature: second.request.signature),
                answer: first.answer, receipt: first.receipt),
            Exchange(
                request: first.request, answer: first.answer,
                receipt: SignedReceipt(
                    receipt: first.receipt.receipt, seedProof: first.receipt.seedProof, key: first.receipt.key,
                    signature: second.receipt.signature)),
        ]
        for mixture in mixtures {
            let fault = fault(mixture)
            #expect(fault != nil && fault?.blamesProvider == false)
        }
    }

    @Test("a flipped bit anywhere in an exchange is refused, and blames nobody, since nobody signed it")
    func everyBit() {
        let bytes = Sample.exchange().canonicalBytes
        for bit in 0..<bytes.count * 8 {
            guard let changed = try? Exchange(canonicalBytes: bytes.flipping(bit: bit)) else { continue }
            let fault = fault(changed)
            #expect(fault != nil && fault?.blamesProvider == false, "bit \(bit): \(fault.map(\.description) ?? "none")")
        }
    }

    @Test("an answer that stops early, goes on too long, or gives another reason is refused")
    func ends() {
        func fault(_ output: [TokenID], _ stop: StopReason) -> InferenceFault? {
            self.fault(Sample.exchange(output: output, stop: stop))
        }
        #expect(fault([7, 8], .length) == .stop)
        #expect(fault([7, 8], .endOfText) == .stop)
        #expect(fault([7, 8], .stopToken) == .stop)
        #expect(fault([7, 8], .contextFull) == .stop)
        #expect(fault([7, 2], .stopToken) == .stop)
        #expect(fault([7, 9], .endOfText) == .stop)
        #expect(fault(Array(repeating: 8, count: 7), .length) == .stop)
        #expect(fault(Array(repeating: 8, count: 9), .length) == .continued(step: 7))
        #expect(fault([7, 2, 8, 9], .stopToken) == .continued(step: 1))
        #expect(fault([9, 9], .stopToken) == .continued(step: 0))
    }

    @Test("tokens outside the vocabulary and positions beyond the context cannot have been computed")
    func impossible() {
        #expect(fault(Sample.exchange(request: Sample.request(prompt: [5, 100_000]))) == .impossible(position: 1))
        #expect(fault(Sample.exchange(output: [7, 100_001, 9])) == .impossible(position: 4))
        let full = Sample.request(prompt: Array(repeating: 5, count: 64))
        #expect(fault(Sample.exchange(request: full, output: [8], stop: .contextFull)) == nil)
        #expect(fault(Sample.exchange(request: full, output: [8, 8], stop: .contextFull)) == .impossible(position: 64))
        #expect(
            fault(Sample.exchange(request: Sample.request(prompt: Array(repeating: 5, count: 65)), output: [8]))
                == .impossible(position: 64))
    }

    @Test("a verifier of another model names the code")
    func otherModel() {
        let other = ModelRules(
            root: Sample.digest("smaller"), layers: 4, vocabulary: 100_000, contextLength: 64, endTokens: [2])
        #expect(Sample.exchange().fault(under: other) == .code)
    }

    @Test("a challenge is the verifier's own value over one receipt, and draws the actual layers and steps")
    func draws() throws {
        let receipt = Sample.digest("receipt")
        let challenge = AuditChallenge(receipt: receipt, by: Sample.verifier)
        try expectOneEncoding(challenge)
        #expect(challenge.output != nil)
        #expect(AuditChallenge(receipt: receipt, key: Sample.node.publicKey, proof: challenge.proof).output == nil)
        #expect(AuditChallenge(receipt: .zero, key: challenge.key, proof: challenge.proof).output == nil)
        var layers: Set<Int> = [], steps: Set<Int> = []
        for number in 0..<400 {
            let draw = SliceDraw(Sample.digest("draw \(number)"), layers: 5, answer: 40)
            layers.insert(draw.layer)
            steps.formUnion(draw.steps)
            #expect(draw.steps.count == SliceDraw.steps && draw.steps == Set(draw.steps).sorted())
        }
        #expect(layers == [1, 2, 3, 4, 5] && steps == Set(0..<40))
        for length in 1...SliceDraw.steps {
            #expect(SliceDraw(Sample.digest("x"), layers: 1, answer: length).steps == Array(0..<length))
        }
    }
}
