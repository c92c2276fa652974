package import Keys
package import Models

/// What a dispute is about, and what decides it: public values only.
package struct DisputeStatement: Sendable {
    /// What the challenger says is wrong.
    package enum Claim: Hashable, Sendable {
        /// The states have another root.
        case transcript
        /// The token at this step of the answer is not the one the model chooses.
        case token(step: Int)
        /// One of the others, which the challenger names with its first move: whoever opens a dispute about its own answer cannot know what another
        /// has found wrong with it.
        case unnamed
    }

    package let claim: Claim
    package let receipt: Receipt
    /// Tokens fed, from position 0.
    package let tokens: [TokenID]
    package let output: [TokenID]
    package let arithmetic: Arithmetic
    package let sampling: SamplingParameters
    package let layout: ModelLayout

    /// - Returns: nil when there is nothing to dispute: the exchange has a fault that everybody sees, is of another model, or has no
    ///   such step.
    package init?(_ claim: Claim, about exchange: Exchange, rules: ModelRules, layout: ModelLayout) {
        guard exchange.fault(under: rules) == nil, rules.root == layout.root, rules.layers == layout.shape.layers else {
            return nil
        }
        self.init(known: claim, about: exchange, layout: layout)
    }

    /// For whoever has not the tokeniser: where and why the answer ends is not checked, and no claim is about it.
    /// - Returns: nil when the exchange has another fault that everybody sees, is of another model, or has no such step.
    package init?(_ claim: Claim, about exchange: Exchange, layout: ModelLayout) {
        guard exchange.request.request.model == layout.root, exchange.faultWithoutTokenizer(layout.shape) == nil else {
            return nil
        }
        self.init(known: claim, about: exchange, layout: layout)
    }

    /// About an exchange that was checked.
    init?(known claim: Claim, about exchange: Exchange, layout: ModelLayout) {
        let request = exchange.request.request
        if case .token(let step) = claim, !exchange.answer.output.indices.contains(step) { return nil }
        self.claim = claim
        receipt = exchange.receipt.receipt
        tokens = exchange.fedTokens
        output = exchange.answer.output
        arithmetic = request.arithmetic
        sampling = request.sampling
        self.layout = layout
    }

    var layers: Int { layout.shape.layers }
    /// The position whose state chooses the token of `step`.
    func position(ofStep step: Int) -> Int { tokens.count - output.count + step }

    /// A dispute has at most as many replies of the challenger: ⌈log₂ positions⌉ + ⌈log₂ (layers · operators)⌉, and the one that names the claim.
    package var roundLimit: Int {
        func logarithm(_ n: Int) -> Int { n <= 1 ? 0 : Int.bitWidth - (n - 1).leadingZeroBitCount }
        return logarithm(tokens.count) + logarithm(layers * layout.operators.count) + (claim == .unnamed ? 1 : 0)
    }
}
