internal import Keys
internal import Models
internal import Proofs

/// How a cheater chooses tokens.
struct CheatingDraw {
    private let draw: Deviation.Draw
    private let rules: ModelRules
    private let sampler: Sampler
    private let start: Int

    init(_ draw: Deviation.Draw, _ order: GenerationOrder, _ rules: ModelRules) {
        self.draw = draw
        self.rules = rules
        let request = order.request
        start = request.prompt.count - 1
        var (parameters, seed) = (request.sampling, order.seed)
        switch draw {
        case .hotter(let more):
            parameters =
                SamplingParameters(
                    temperature: min(parameters.temperature + more, SamplingParameters.temperatureLimit),
                    maximumTokens: parameters.maximumTokens, stop: parameters.stop) ?? parameters
            seed = Digest(of: seed.bytes, domain: "another seed")
        case .fished(let number):
            seed = Digest(of: seed.bytes + [UInt8(truncatingIfNeeded: number)], domain: "another seed")
        default: break
        }
        sampler = Sampler(parameters, seed: seed)
    }

    /// The token of this step of the answer.
    func token(_ logits: [Float], step: Int) -> TokenID {
        var logits = logits
        switch draw {
        case .ending(let count) where step >= count:
            if let end = rules.endTokens.min() { return end }
        case .outside(let place) where step == place: return .max
        case .endless:
            for end in rules.endTokens where Int(end) < logits.count { logits[Int(end)] = -.infinity }
        default: break
        }
        return sampler.sample(logits, position: start + step)
    }
}
