import Keys
import Ledger
import Models
import Node
import Proofs
import Tensors
import Testing
import Wire

/// A small model about whose answers the tests dispute.
struct CourtModel {
    let model: LanguageModel
    let description: ModelDescription
    let layout: ModelLayout
    let honest: Transformer

    init() throws {
        model = try TinyModel.model()
        description = try ModelDescription(model)
        layout = try ModelLayout(model)
        honest = try Transformer(model, arithmetic: .int8, threads: 1)
    }

    func hand(_ exchange: Exchange, _ transformer: Transformer) throws -> DisputeHand {
        try DisputeHand(
            job: exchange.request.request.id, tokens: exchange.fedTokens, transformer: transformer, layout: layout,
            rows: FileRows(try transformer.model.weightTree))
    }

    func weights(_ tensor: String, _ row: Int) -> WeightProof? {
        guard let tree = try? model.weightTree, let leaf = tree.identity.tensors.first(where: { $0.name == tensor })
        else { return nil }
        return try? tree.proof(tensor: tensor, chunk: row / leaf.rowsPerChunk)
    }

    func answer(
        by transformer: Transformer, prompt: [TokenID] = [5, 40], length: Int = 9,
        verification: VerificationMode = .fraud, nonce: Digest? = nil,
        edit: (Int, TokenID) -> TokenID = { $1 }
    ) throws -> Exchange {
        let request = Sample.tiny(
            prompt: prompt, maximumTokens: UInt32(length), verification: verification, exactNonce: nonce)
        return try TestProvider(transformer).answer([request], choose: edit)[0]
    }

    func court(
        _ exchange: Exchange, _ claim: DisputeStatement.Claim = .transcript
    ) throws -> (court: Court, id: AnswerID) {
        var court = try Court()
        let opened = try court.open(DisputeCase(claim: claim, exchange: exchange, model: description))
        #expect(opened.results[0].failure == nil)
        return (court, exchange.receipt.answer)
    }

    /// Seeds of stake that the provider has lost.
    func slashed(_ court: Court) -> UInt64 {
        Court.stake.seeds - (court.state.account(Court.provider)?.stake.seeds ?? 0)
    }
}
