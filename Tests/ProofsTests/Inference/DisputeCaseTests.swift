import Keys
import Models
import Proofs
import Tensors
import Testing
import Wire

@Suite struct DisputeCaseTests {
    private let model: LanguageModel
    private let description: ModelDescription
    private let exchange: Exchange
    private let limit = DisputeSize(move: 640 << 10, state: 1 << 20)

    init() throws {
        model = try TinyModel.model()
        description = try ModelDescription(model)
        exchange = try TestProvider(try TinyModel.transformer()).answer(
            [Sample.tiny(maximumTokens: 6, verification: .fraud)])[0]
    }

    private func refusal(_ dispute: DisputeCase, _ limit: DisputeSize? = nil) -> DisputeCase.Refusal? {
        do throws(DisputeCase.Refusal) {
            _ = try dispute.examine(limit: limit ?? self.limit)
            return nil
        } catch { return error }
    }

    private func fault(_ dispute: DisputeCase) -> InferenceFault? {
        guard case .evident(let fault)? = try? dispute.examine(limit: limit) else { return nil }
        return fault
    }

    @Test("whoever has a case needs neither the model's file nor its tokeniser: the layout is the one of the file")
    func layout() throws {
        let (shown, own) = (try #require(description.layout), try ModelLayout(model))
        #expect(shown.root == own.root && shown.shape == own.shape && shown.operators == own.operators)
        #expect(shown.outputMatrix == own.outputMatrix)
        let dispute = DisputeCase(claim: .token(step: 3), exchange: exchange, model: description)
        #expect(refusal(dispute) == nil)
        let read = try DisputeCase(canonicalBytes: dispute.canonicalBytes)
        #expect(read == dispute && read.canonicalBytes == dispute.canonicalBytes)
    }

    @Test("a description with one bit changed is of no model, or of another one")
    func changedDescription() throws {
        let bytes = description.canonicalBytes
        for bit in stride(from: 0, to: bytes.count * 8, by: 7) {
            guard let changed = try? ModelDescription(canonicalBytes: bytes.flipping(bit: bit)) else { continue }
            let dispute = DisputeCase(claim: .transcript, exchange: exchange, model: changed)
            #expect(refusal(dispute) == .model, "bit \(bit)")
        }
    }

    @Test("an exchange with one bit changed is no case, unless the provider has signed the change")
    func changedExchange() throws {
        let bytes = exchange.canonicalBytes
        for bit in 0..<bytes.count * 8 {
            guard let changed = try? Exchange(canonicalBytes: bytes.flipping(bit: bit)) else { continue }
            let dispute = DisputeCase(claim: .transcript, exchange: changed, model: description)
            // Nothing here blames a provider for what others have changed.
            #expect(refusal(dispute) != nil && fault(dispute) == nil, "bit \(bit)")
        }
    }

    @Test(
        "a dispute is about the model that was named and a step that the answer has, and small enough to be conducted")
    func refusals() throws {
        let other = try ModelDescription(try TinyModel.model(TinyModel.tensors(seed: 3)))
        #expect(refusal(DisputeCase(claim: .transcript, exchange: exchange, model: other)) == .model)
        #expect(refusal(DisputeCase(claim: .token(step: 6), exchange: exchange, model: description)) == .noSuchStep)
        let size = DisputeSize(
            positions: exchange.fedTokens.count, layout: try #require(description.layout),
            identity: description.identity)
        let case0 = DisputeCase(claim: .transcript, exchange: exchange, model: description)
        let state = size.state + case0.canonicalBytes.count
        #expect(refusal(case0, DisputeSize(move: size.move, state: state)) == nil)
        #expect(refusal(case0, DisputeSize(move: size.move - 1, state: state)) == .tooLarge(size))
        #expect(refusal(case0, DisputeSize(move: size.move, state: state - 1)) == .tooLarge(size))
    }

    @Test(
        "what the provider has signed and everybody sees to be wrong needs no dispute; which tokens end a text no referee knows"
    )
    func evident() throws {
        let request = exchange.request.request
        let seed = InferenceSeed(job: request.id, by: Sample.node)
        let answer = exchange.answer
        func signed(_ receipt: Receipt) -> Exchange {
            Exchange(
                request: exchange.request, answer: answer,
                receipt: .sign(receipt, seedProof: seed.proof, with: Sample.node))
        }
        let claimed = exchange.receipt.receipt
        let wrongSeed = Receipt.answer(answer, to: request, transcript: claimed.checkpoints, seed: .zero)
        #expect(fault(DisputeCase(claim: .transcript, exchange: signed(wrongSeed), model: description)) == .seed)
        let impossible = Exchange.signed(
            request, output: [7, 96], stop: .length, transcript: claimed.checkpoints, seed: seed)
        #expect(
            fault(DisputeCase(claim: .transcript, exchange: impossible, model: description))
                == .impossible(position: request.prompt.count + 1))
        let short = Exchange.signed(request, output: [7], stop: .length, transcript: .zero, seed: seed)
        #expect(short.fault(under: TinyModel.rules) == .stop)
        #expect(fault(DisputeCase(claim: .transcript, exchange: short, model: description)) == .stop)
        let long = Exchange.signed(
            request, output: Array(repeating: 7, count: Int(request.sampling.maximumTokens) + 1), stop: .length,
            transcript: .zero, seed: seed)
        #expect(
            fault(DisputeCase(claim: .transcript, exchange: long, model: description))
                == .continued(step: Int(request.sampling.maximumTokens) - 1))
        let ended = Exchange.signed(request, output: [7], stop: .endOfText, transcript: .zero, seed: seed)
        #expect(ended.fault(under: TinyModel.rules) == .stop)
        #expect(
            fault(DisputeCase(claim: .transcript, exchange: ended, model: description)) == nil
                && refusal(DisputeCase(claim: .transcript, exchange: ended, model: description)) == nil)
    }
}
