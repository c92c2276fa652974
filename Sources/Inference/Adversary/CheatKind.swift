/// The ways of answering wrongly that a node can be told to take, for demonstrations and tests: each runs in a provider of its own
/// that really does the false work and signs for it. docs/verification.md says who finds which.
package enum CheatKind: String, CaseIterable, Sendable {
    case smallerModel, quantisedModel, prunedModel, laundering
    case editedSampler, fishedSeed, earlyStop, padding, editedPrompt, replay
    case lateCommit, grinding, selective, equivocation
    case forgedReceipt, forgedTree, stolenReceipt, targeted, numericEdge, withholding

    /// What it does, in a line.
    package var summary: String {
        switch self {
        case .smallerModel: "leaves out every fifth layer of the model"
        case .quantisedModel: "computes with weights of three bits"
        case .prunedModel: "computes with the feed-forward part of one layer set to zero"
        case .laundering: "generates with weights of three bits, then makes an honest transcript of those tokens"
        case .editedSampler: "draws tokens hotter than asked, with randomness of its own"
        case .fishedSeed: "generates with several seeds and keeps the longest answer"
        case .earlyStop: "ends every answer after six tokens"
        case .padding: "never lets an answer end by itself, to be paid for more tokens"
        case .editedPrompt: "answers without the first turn of the conversation"
        case .replay: "gives everybody the same answer, which it computed once"
        case .lateCommit: "computes with weights of three bits, and the drawn layer honestly once an auditor names it"
        case .grinding: "computes with weights of three bits, and honestly the one layer it guesses to be drawn"
        case .selective: "computes with weights of three bits and opens nothing to auditors"
        case .equivocation: "gives the client an answer of weights of three bits, and auditors another receipt"
        case .forgedReceipt: "changes its honest receipt: signature, seed, count or worker"
        case .forgedTree: "counts the last leaf of its transcript twice"
        case .stolenReceipt: "has another provider answer and hands on that one's receipt"
        case .targeted: "is honest with short questions and computes long ones with weights of three bits"
        case .numericEdge: "answers with a token that the model does not have"
        case .withholding: "sends half of the answer and never its end"
        }
    }
}
