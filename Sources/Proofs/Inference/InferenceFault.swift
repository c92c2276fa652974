package import Models

/// What is wrong with an exchange, and where. Bits are compared, never distances.
package enum InferenceFault: Error, Hashable, Sendable {
    // The parts are not what was signed, or do not belong together. Whoever put them together may be at fault: nobody is blamed.

    /// The client did not sign this request with the key beside it.
    case requestSignature
    /// The node that the request names did not sign this receipt.
    case receiptSignature
    /// The receipt is for another request.
    case job
    /// The receipt is for another answer.
    case answer

    // The provider signed something false.

    /// The receipt names another worker than the request.
    case worker
    /// The receipt is not of the form of an answer: round or residual are not zero.
    case form
    /// The receipt names another prompt.
    case prompt
    /// The receipt names another model, arithmetic or sampling.
    case code
    /// The receipt counts other positions than were fed.
    case count
    /// The seed is not the one that the node's VRF has for the request.
    case seed
    /// The model cannot compute this: a token outside the vocabulary, or a prompt beyond the context. An honest provider refuses.
    case impossible(position: Int)
    /// The answer ended at `step` and went on.
    case continued(step: Int)
    /// The answer ends for another reason than it says, or should have gone on.
    case stop
    /// The token at `step` of the answer is not the one that model, sampler and seed give.
    case token(step: Int, expected: TokenID)
    /// The root is not that of the states of the model over these tokens.
    case transcript
    /// What was opened is not what the receipt commits to.
    case opening
    /// The state at boundary 0 of `position` is not the embedding of its token.
    case embedding(position: Int)
    /// Layer `layer` does not give the state at its end at `position` from the states at its start.
    case layer(Int, position: Int)

    /// Whether the provider's own signatures prove the fault. The others say only that these parts are no exchange.
    package var blamesProvider: Bool {
        switch self {
        case .requestSignature, .receiptSignature, .job, .answer: false
        default: true
        }
    }

    /// The kind of fault as the ledger compares it.
    package var code: UInt16 {
        switch self {
        case .requestSignature: 1
        case .receiptSignature: 2
        case .job: 3
        case .answer: 4
        case .worker: 16
        case .form: 17
        case .prompt: 18
        case .code: 19
        case .count: 20
        case .seed: 21
        case .impossible: 22
        case .continued: 23
        case .stop: 24
        case .token: 32
        case .transcript: 33
        case .opening: 34
        case .embedding: 35
        case .layer: 36
        }
    }

    /// How it can be known by whoever has neither the model nor its tokeniser.
    package enum Evidence: Hashable, Sendable {
        /// From the exchange alone: either it is seen there, or it is not so.
        case exchange
        /// By a dispute, of which whoever has found it names the claim.
        case dispute
        /// Not: which tokens end a text only the tokeniser says, and where numbers are none nothing can be computed.
        case nothing
    }

    /// How the kind of fault that a ledger's number stands for can be known. A number that stands for none is one that a dispute refutes.
    package static func evidence(ofCode code: UInt16) -> Evidence {
        switch code {
        case 1...21: .exchange
        case 22...24: .nothing
        default: .dispute
        }
    }

    /// The step of the answer or the position in the transcript at fault, or 0.
    package var place: UInt32 {
        switch self {
        case .impossible(let place), .continued(let place), .token(let place, _), .embedding(let place),
            .layer(_, let place):
            UInt32(clamping: place)
        default: 0
        }
    }
}

extension InferenceFault: CustomStringConvertible {
    /// For people, e.g. "step 17: the model chooses token 42".
    package var description: String {
        switch self {
        case .requestSignature: "the client did not sign this request"
        case .receiptSignature: "the node that was asked did not sign this receipt"
        case .job: "the receipt is for another request"
        case .answer: "the receipt is for another answer"
        case .worker: "the receipt names another provider"
        case .form: "the receipt is not one of an answer"
        case .prompt: "the receipt names another prompt"
        case .code: "the receipt names another model, arithmetic or sampling"
        case .count: "the receipt counts other positions than were fed"
        case .seed: "the seed is not the one of the node's VRF"
        case .impossible(let position): "position \(position): the model cannot compute this"
        case .continued(let step): "step \(step): the answer had ended"
        case .stop: "the answer does not end where and why it says"
        case .token(let step, let expected): "step \(step): the model chooses token \(expected)"
        case .transcript: "the states of the model have another root"
        case .opening: "what was opened is not what was committed"
        case .embedding(let position): "position \(position): the embedding is not that of the token"
        case .layer(let layer, let position): "position \(position): layer \(layer) re-executed, bits differ"
        }
    }
}

extension InferenceFault {
    /// What the ledger's numbers say, for people: a fault without what the verifier had found instead.
    package static func description(code: UInt16, place: UInt32) -> String {
        let known: [InferenceFault] = [
            .requestSignature, .receiptSignature, .job, .answer, .worker, .form, .prompt, .code, .count, .seed,
            .impossible(position: Int(place)), .continued(step: Int(place)), .stop, .transcript, .opening,
            .embedding(position: Int(place)),
        ]
        if let fault = known.first(where: { $0.code == code }) { return fault.description }
        return switch code {
        case InferenceFault.token(step: 0, expected: 0).code: "step \(place): the model chooses another token"
        case InferenceFault.layer(0, position: 0).code: "position \(place): a layer re-executed, bits differ"
        default: "fault \(code) at \(place)"
        }
    }
}
