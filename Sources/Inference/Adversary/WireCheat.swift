/// The ways of breaking the protocol that a provider can be told to take, for demonstrations and tests: what it computes is honest, and
/// what it writes to the stream is not. What the asker makes of each is in docs/verification.md.
package enum WireCheat: String, CaseIterable, Sendable {
    case swappedTokens, repeatedTokens, endlessTokens
    case foreignReceipt, earlyReceipt
    case oversizeFrame, emptyFrames, garbage, halfFrame, repeatedAcceptance

    /// What it does, in a line.
    package var summary: String {
        switch self {
        case .swappedTokens: "sends each token with the number of the next"
        case .repeatedTokens: "sends every token twice"
        case .endlessTokens: "goes on with tokens when its answer is over, for ever"
        case .foreignReceipt: "ends every answer but its first with the receipt of that one"
        case .earlyReceipt: "sends the receipt before the last token"
        case .oversizeFrame: "takes the question, then sends a frame of a gigabyte"
        case .emptyFrames: "takes the question, then sends a million empty frames"
        case .garbage: "takes the question, then sends bytes that mean nothing"
        case .halfFrame: "sends half of its first token, and nothing more"
        case .repeatedAcceptance: "takes the question again and again, for ever"
        }
    }
}
