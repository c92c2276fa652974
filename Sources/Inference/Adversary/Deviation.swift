internal import Models

/// What a cheating provider does otherwise than it signs. Everything that is not named here is done honestly.
struct Deviation: Hashable, Sendable {
    enum Weights: Hashable, Sendable { case asNamed, coarse, fewerLayers, pruned }

    enum Draw: Hashable, Sendable {
        case asAsked
        /// At a temperature higher by so many thousandths, with a seed that is drawn from the right one.
        case hotter(UInt32)
        /// With so many seeds drawn from the right one; the longest answer is given.
        case fished(Int)
        /// An end token after so many tokens.
        case ending(after: Int)
        case endless
        /// A token beyond the vocabulary in this place.
        case outside(at: Int)
    }

    enum Source: Hashable, Sendable { case computed, repeated, outsourced }

    enum Opening: Hashable, Sendable { case asCommitted, refused, madeToFit }

    /// What the tokens are generated with.
    var weights = Weights.asNamed
    /// What the transcript is made with.
    var transcript = Weights.asNamed
    var source = Source.computed
    var draw = Draw.asAsked
    var skipsFirstTurn = false
    /// One layer of the transcript is computed honestly: the one that an audit would draw, were its draw public.
    var guessesLayer = false
    var opening = Opening.asCommitted
    var doublesLastLeaf = false
    /// Only where the answer may have so many tokens.
    var fromTokens: UInt32 = 0
    /// Nothing comes after half of the tokens.
    var breaksOff = false
}

extension CheatKind {
    /// What is done otherwise before anything is signed.
    var deviation: Deviation {
        let coarse = Deviation(weights: .coarse, transcript: .coarse)
        var deviation = Deviation()
        switch self {
        case .smallerModel: return Deviation(weights: .fewerLayers, transcript: .fewerLayers)
        case .quantisedModel, .equivocation: return coarse
        case .prunedModel: return Deviation(weights: .pruned, transcript: .pruned)
        case .laundering: return Deviation(weights: .coarse)
        case .editedSampler: deviation.draw = .hotter(300)
        case .fishedSeed: deviation.draw = .fished(3)
        case .earlyStop: deviation.draw = .ending(after: 6)
        case .padding: deviation.draw = .endless
        case .editedPrompt: deviation.skipsFirstTurn = true
        case .replay: deviation.source = .repeated
        case .lateCommit:
            deviation = coarse
            deviation.opening = .madeToFit
        case .grinding:
            deviation = coarse
            deviation.guessesLayer = true
        case .selective:
            deviation = coarse
            deviation.opening = .refused
        case .targeted:
            deviation = coarse
            deviation.fromTokens = 32
        case .stolenReceipt: deviation.source = .outsourced
        case .numericEdge: deviation.draw = .outside(at: 3)
        case .withholding: deviation.breaksOff = true
        case .forgedTree: deviation.doublesLastLeaf = true
        case .forgedReceipt: break
        }
        return deviation
    }
}
