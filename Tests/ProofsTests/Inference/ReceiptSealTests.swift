import Keys
import Models
import Proofs
import Testing
import Wire

/// The end of an answer as it goes over the wire, and what a client makes of it.
@Suite struct ReceiptSealTests {
    private let exchange = Sample.exchange()
    private var request: InferenceRequest { exchange.request.request }
    private var seal: ReceiptSeal { ReceiptSeal(of: exchange.receipt) }
    private var seed: InferenceSeed { InferenceSeed(job: request.id, by: Sample.node) }

    private func answer(_ output: [TokenID], _ stop: StopReason = .stopToken) -> Answer {
        Answer(output: output, stop: stop)!
    }

    @Test("the client has the very receipt that the provider has signed, for any answer")
    func same() throws {
        #expect(seal.canonicalBytes.count == 96)
        try expectOneEncoding(seal)
        for count in [1, 2, 7, 300] {
            for stop in StopReason.allCases {
                let output = (0..<count).map { TokenID($0) }
                let request = Sample.request(nonce: "\(count)")
                let signed = Sample.exchange(request: request, output: output, stop: stop).receipt
                let seed = try #require(
                    InferenceSeed(job: request.id, proof: signed.seedProof, by: Sample.node.publicKey))
                let made = ReceiptSeal(of: signed).receipt(for: answer(output, stop), to: request, seed: seed)
                #expect(made == signed && made?.canonicalBytes.count == 440)
            }
        }
    }

    @Test("a client that has asked anything else has no receipt")
    func otherRequests() {
        let sampling = SamplingParameters(temperature: 701, maximumTokens: 8, stop: [9, 3])!
        let others = [
            Sample.request(prompt: [5, 300, 70_001]), Sample.request(prompt: [5, 300]),
            Sample.request(model: Sample.digest("another")), Sample.request(arithmetic: .float32),
            Sample.request(sampling: sampling), Sample.request(nonce: "another"),
            Sample.request(verification: .none),
            Sample.request(client: Sample.verifier), Sample.request(provider: Sample.verifier),
            Sample.request(node: Sample.verifier), Sample.request(price: 2),
        ]
        #expect(Set(others.map(\.id)).count == others.count)
        for other in others {
            #expect(seal.receipt(for: exchange.answer, to: other, seed: seed) == nil)
            // Neither with the seed that belongs to it.
            let own = InferenceSeed(job: other.id, by: Sample.node)
            #expect(seal.receipt(for: exchange.answer, to: other, seed: own) == nil)
        }
    }

    @Test("a client that was sent anything else has no receipt: a token less, more, changed or elsewhere, another end")
    func otherAnswers() {
        let output = exchange.answer.output
        var answers = [
            answer(output.dropLast()), answer(output + [1]), answer([1] + output), answer(output.reversed()),
            answer(output + output),
        ]
        for index in output.indices {
            for bit in 0..<32 as Range<UInt32> {
                var changed = output
                changed[index] ^= 1 << bit
                answers.append(answer(changed))
            }
        }
        answers += StopReason.allCases.filter { $0 != exchange.answer.stop }.map { answer(output, $0) }
        for other in answers { #expect(seal.receipt(for: other, to: request, seed: seed) == nil) }
        #expect(seal.receipt(for: exchange.answer, to: request, seed: seed) == exchange.receipt)
    }

    @Test("the seed is the one that was shown when the question was taken")
    func otherSeeds() throws {
        let node = Sample.node.publicKey
        #expect(InferenceSeed(job: request.id, proof: seed.proof, by: node) == seed)
        #expect(InferenceSeed(job: Sample.digest("x"), proof: seed.proof, by: node) == nil)
        #expect(InferenceSeed(job: request.id, proof: seed.proof, by: Sample.provider.publicKey) == nil)
        for bit in 0..<VRFProof.length * 8 {
            let proof = try #require(VRFProof(bytes: seed.proof.bytes.flipping(bit: bit)))
            #expect(InferenceSeed(job: request.id, proof: proof, by: node) == nil, "bit \(bit)")
        }
        for other in [
            InferenceSeed(job: Sample.digest("x"), by: Sample.node),
            InferenceSeed(job: request.id, by: Sample.provider),
        ] {
            #expect(seal.receipt(for: exchange.answer, to: request, seed: other) == nil)
        }
    }

    @Test("a provider that signs a lie about any one field has signed nothing that anybody takes")
    func lies() {
        let (honest, other) = (exchange.receipt.receipt, Sample.digest("other"))
        let lies = [
            honest.with(job: other), honest.with(round: 1), honest.with(worker: AccountID(Sample.client.publicKey)),
            honest.with(input: other), honest.with(code: other), honest.with(seed: other),
            honest.with(count: honest.count + 1), honest.with(count: honest.count - 1), honest.with(output: other),
            honest.with(residual: other),
        ]
        for lie in lies {
            let signed = SignedReceipt.sign(lie, seedProof: seed.proof, with: Sample.node)
            #expect(signed.hasValidSignature)
            #expect(ReceiptSeal(of: signed).receipt(for: exchange.answer, to: request, seed: seed) == nil)
        }
        // The root is the one thing that only the provider knows: it stands for what it signs.
        let root = SignedReceipt.sign(honest.with(checkpoints: other), seedProof: seed.proof, with: Sample.node)
        let held = ReceiptSeal(of: root).receipt(for: exchange.answer, to: request, seed: seed)
        #expect(held == root && held?.contradicts(exchange.receipt) == true)
        // Another node's receipt for the same answer.
        let stolen = SignedReceipt.sign(honest, seedProof: seed.proof, with: Sample.provider)
        #expect(ReceiptSeal(of: stolen).receipt(for: exchange.answer, to: request, seed: seed) == nil)
    }

    @Test("a flipped bit of the seal leaves no receipt")
    func everyBit() throws {
        let bytes = seal.canonicalBytes
        for bit in 0..<bytes.count * 8 {
            guard let changed = try? ReceiptSeal(canonicalBytes: bytes.flipping(bit: bit)) else { continue }
            #expect(changed.receipt(for: exchange.answer, to: request, seed: seed) == nil, "bit \(bit)")
        }
    }
}
