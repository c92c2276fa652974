import Inference

/// The ways of answering wrongly that a node can be told to take.
package enum AnswerCheats {
    /// Each with what it does, in a line.
    package static var all: [(name: String, summary: String)] {
        CheatKind.allCases.map { ($0.rawValue, $0.summary) }
    }

    /// Ways of breaking the protocol, each with what it does.
    package static var onWire: [(name: String, summary: String)] {
        WireCheat.allCases.map { ($0.rawValue, $0.summary) }
    }

    /// Those that a whole check finds in every answer they touch and that the provider's own signature proves.
    package static let convictable = [
        CheatKind.smallerModel, .quantisedModel, .laundering, .editedSampler, .earlyStop, .editedPrompt, .replay,
    ].map(\.rawValue)
}
