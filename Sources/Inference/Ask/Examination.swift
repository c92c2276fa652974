package import Keys
package import Proofs

/// What a check of an answer came to.
package enum Examination: Hashable, Sendable {
    /// With the layer that was computed again, after a slice.
    case passed(Depth, layer: Int? = nil)
    case failed(InferenceFault)
    /// The provider does not open what it committed to. Nobody can tell whether the answer is right, so it does not count.
    case withheld(String)
    /// The check that was asked for cannot be done here, e.g. because the model is not on this machine; the signatures hold.
    case impossible(String)

    package enum Depth: UInt8, Hashable, Sendable, Comparable, CaseIterable {
        /// Signatures and digests: the receipt is for this question and this answer.
        case receipt
        /// One layer over all positions, drawn after the receipt was signed, and tokens at drawn positions.
        case slice
        /// Every position, every token.
        case full

        package static func < (left: Depth, right: Depth) -> Bool { left.rawValue < right.rawValue }
    }
}

/// Why one provider did not answer.
package enum AttemptFailure: Error, Hashable, Sendable, CustomStringConvertible {
    case unreachable(String)
    /// The asker could not pay for the answer, so nobody was asked.
    case unpayable(String)
    case refused(Refusal)
    /// Nothing came for too long, after so many tokens.
    case silent(after: Int)
    /// The stream broke.
    case broken(String)
    /// The provider does not keep to the protocol.
    case misbehaved(String)
    /// What came as the signature is not the provider's for the answer that came: there is no receipt, so nothing to pay and nothing to accuse of.
    case unsigned(by: AccountID)
    /// The answer does not stand the check.
    case dishonest(InferenceFault)
    case deadline

    /// Whether the same provider, asked the same again, would not do better.
    package var isLasting: Bool {
        switch self {
        case .refused(let refusal): !refusal.code.isTemporary
        // A provider that went away is unreachable, or its stream breaks; one that is there and says nothing is not waited for twice.
        case .misbehaved, .unsigned, .dishonest, .unpayable, .silent: true
        case .unreachable, .broken, .deadline: false
        }
    }

    package var description: String {
        switch self {
        case .unreachable(let why): "not reached: \(why)"
        case .unpayable(let why): "not asked: \(why)"
        case .refused(let refusal): "refused: \(refusal)"
        case .silent(let tokens): "silent after \(tokens) tokens"
        case .broken(let why): "the stream broke: \(why)"
        case .misbehaved(let why): "broke the protocol: \(why)"
        case .unsigned(let provider): "the signature is not the provider's for this answer (\(provider))"
        case .dishonest(let fault): "the answer does not stand the check: \(fault)"
        case .deadline: "out of time"
        }
    }
}
