import Inference
import Keys
import Ledger
import Proofs
import Wire

/// Conducts disputes about answers of ``FakeEngine`` in one move: whoever plays is told apart by what is true, as a real dispute tells one honest side
/// apart; whoever throws the dispute has lost it.
struct TruthReferee: DisputeReferee {
    func open(_ opening: [UInt8], budget: UInt64, at height: UInt64) throws(DisputeRefusal) -> OpenedDispute {
        let isUnnamed = opening.first == Self.unnamed.first
        let bytes = isUnnamed ? Array(opening.dropFirst()) : opening
        guard let exchange = try? Exchange(canonicalBytes: bytes) else { throw DisputeRefusal("no exchange") }
        return OpenedDispute(
            answer: exchange.record, isOffered: true, isUnnamed: isUnnamed,
            position: .awaits(
                isUnnamed ? .challenger : .defender, until: height + budget, state: [exchange.isRight ? 1 : 0]))
    }

    /// What is shown is the exchange, of which an honest member's value is made.
    func witness(_ shown: [UInt8], seed: Digest, receipt: Receipt) throws(DisputeRefusal) -> Digest {
        guard let exchange = try? Exchange(canonicalBytes: shown), exchange.receipt.receipt == receipt,
            exchange.isRight,
            let value = exchange.finding(in: seed).recomputation?.value
        else { throw DisputeRefusal("no state") }
        return value
    }

    /// Before the exchange: the other side is to say what is wrong with it.
    static let unnamed: [UInt8] = [255]

    func evidence(of fault: AnswerFault) -> FaultEvidence { .dispute }

    func step(_ state: [UInt8], _ move: [UInt8], by party: DisputeParty, at height: UInt64) -> DisputePosition {
        guard move == [1] else { return .ended(winner: party.other, .malformed) }
        return .ended(winner: state == [1] ? .defender : .challenger, .recomputed)
    }

    func request(_ request: [UInt8]) throws(DisputeRefusal) -> AnswerRequest {
        guard let shown = try? InferenceRequest(canonicalBytes: request) else { throw DisputeRefusal("no request") }
        return AnswerRequest(
            answer: AnswerID(provider: shown.provider, job: shown.id), client: shown.client, nonce: shown.nonce)
    }
}

extension Operation {
    /// Of a client, or of whoever stands for an answer.
    var isLitigation: Bool {
        switch self {
        case .plead, .openDispute, .disputeMove, .showWitness: true
        default: false
        }
    }
}

extension InferenceRequest {
    func with(nonce: Digest) -> InferenceRequest {
        InferenceRequest(
            client: client, provider: provider, node: node, model: model, arithmetic: arithmetic, prompt: prompt,
            sampling: sampling, nonce: nonce, verification: verification, pricePerToken: pricePerToken,
            maximumPrice: maximumPrice)!
    }
}
