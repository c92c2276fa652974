import Keys
import Models
import Proofs

/// What the transcript that a receipt commits to adds to an answer.
///
/// An answer is made a stretch at a time, and each stretch twice in a row, with the transcript and without, so that both see the same machine; in one
/// cache, since where that lies in memory makes a difference of its own. Of each stretch the best of several rounds counts: whatever else the
/// machine does only makes it longer.
struct ProofOverhead {
    /// Tokens of the prompt in one stretch, and of the answer: a twentieth of a second at most on the machines this was written on.
    private static let promptStretch = 64, answerStretch = 8

    let transformer: Transformer
    let prompt: [TokenID]
    let sampler: Sampler

    /// - Parameter rounds: at least 1.
    /// - Returns: 0.01 is one per cent.
    func measure(rounds: Int) throws(ModelError) -> Double {
        var (plain, recorded): ([Double], [Double]) = ([], [])
        for round in 0..<rounds {
            let recorder = TranscriptRecorder(layers: transformer.model.shape.layers)
            var generation = try Generation(prompt, of: transformer.model.shape, sampler: sampler, endTokens: [])
            var stretch = 0
            while generation.stop == nil {
                let (start, count) = (generation, generation.cache.count)
                for turn in 0...1 {
                    generation = start
                    generation.cache.truncate(to: count)
                    if (round + stretch + turn) % 2 == 0 {
                        Self.note(try seconds(&generation, nil), stretch, in: &plain)
                    } else {
                        Self.note(try seconds(&generation, recorder), stretch, in: &recorded)
                    }
                }
                stretch += 1
            }
        }
        return recorded.reduce(0, +) / plain.reduce(0, +) - 1
    }

    /// Goes on with an answer for one stretch.
    private func seconds(_ generation: inout Generation, _ recorder: TranscriptRecorder?) throws(ModelError) -> Double {
        let start = ContinuousClock.now
        var left = generation.unfed > 1 ? 1 : Self.answerStretch
        while left > 0, let piece = generation.next(limit: Self.promptStretch) {
            _ = generation.take(try transformer.forward([piece], observer: recorder)[0])
            left -= 1
        }
        // What was left to another thread belongs to this stretch.
        _ = generation.stop == nil ? recorder?.boundaryRoots.last : recorder?.transcript(job: .zero).root
        return start.duration(to: .now) / .seconds(1)
    }

    /// Keeps the time of a stretch if it is the best so far.
    private static func note(_ seconds: Double, _ stretch: Int, in best: inout [Double]) {
        if stretch == best.count { best.append(seconds) } else { best[stretch] = min(best[stretch], seconds) }
    }
}
