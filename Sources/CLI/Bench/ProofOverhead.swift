import Keys
import Models
import Proofs

/// What the transcript that a receipt commits to adds to an answer.
///
/// Two equal answers, one of them with its transcript, are made in turns, a stretch of each, so that both see the same machine. Of each stretch
/// the best of several rounds counts: whatever else the machine does only makes it longer.
struct ProofOverhead {
    /// Tokens of the prompt in one stretch, and of the answer: a twentieth of a second at most on the machines this was written on.
    private static let promptStretch = 64, answerStretch = 8

    let transformer: Transformer
    let prompt: [TokenID]
    let sampler: Sampler

    /// - Parameter rounds: at least 1.
    /// - Returns: 0.01 is one per cent.
    func measure(rounds: Int) throws(ModelError) -> Double {
        var plain: [Double] = []
        var recorded: [Double] = []
        for round in 0..<rounds {
            let recorder = TranscriptRecorder(layers: transformer.model.shape.layers)
            var (without, with) = (try generation(), try generation())
            var stretch = 0
            while without.stop == nil {
                if (round + stretch) % 2 == 0 { try pass(&without, nil, stretch, &plain) }
                try pass(&with, recorder, stretch, &recorded)
                if (round + stretch) % 2 == 1 { try pass(&without, nil, stretch, &plain) }
                stretch += 1
            }
        }
        return recorded.reduce(0, +) / plain.reduce(0, +) - 1
    }

    private func generation() throws(ModelError) -> Generation {
        try Generation(prompt, of: transformer.model.shape, sampler: sampler, endTokens: [])
    }

    /// Goes on with an answer for one stretch, and notes its time if it is the best so far.
    private func pass(
        _ generation: inout Generation, _ recorder: TranscriptRecorder?, _ stretch: Int, _ best: inout [Double]
    ) throws(ModelError) {
        let start = ContinuousClock.now
        var left = generation.unfed > 1 ? 1 : Self.answerStretch
        while left > 0, let piece = generation.next(limit: Self.promptStretch) {
            _ = generation.take(try transformer.forward([piece], observer: recorder)[0])
            left -= 1
        }
        // What was left to another thread belongs to this stretch.
        _ = generation.stop == nil ? recorder?.boundaryRoots.last : recorder?.transcript(job: .zero).root
        let seconds = start.duration(to: .now) / .seconds(1)
        if stretch == best.count { best.append(seconds) } else { best[stretch] = min(best[stretch], seconds) }
    }
}
