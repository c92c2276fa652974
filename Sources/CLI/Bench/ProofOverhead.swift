import Keys
import Models
import Proofs

/// What the transcript that a receipt commits to adds to an answer.
///
/// An answer is made a stretch at a time, and each stretch twice in a row, with the transcript and without, so that both see the same machine; in one
/// cache, since where that lies in memory makes a difference of its own. The median of the ratios stands, of the stretches of the prompt and of those
/// of the answer: a pair of which one was disturbed counts no more than any other.
struct ProofOverhead {
    /// Tokens of the prompt in one stretch, and of the answer: a twentieth of a second at most on the machines this was written on.
    private static let promptStretch = 64, answerStretch = 8

    let transformer: Transformer
    let prompt: [TokenID]
    let sampler: Sampler

    /// Stretches of one kind.
    private struct Pairs {
        var plain = 0.0
        var ratios: [Double] = []

        mutating func note(plain: Double, recorded: Double) {
            self.plain += plain
            ratios.append(recorded / plain)
        }

        /// What all of them would take with the transcript.
        var recorded: Double { plain * (ratios.isEmpty ? 1 : ratios.sorted()[ratios.count / 2]) }
    }

    /// - Parameter rounds: at least 1.
    /// - Returns: 0.01 is one per cent.
    func measure(rounds: Int) throws(ModelError) -> Double {
        var (reading, answering) = (Pairs(), Pairs())
        for round in 0..<rounds {
            let recorder = TranscriptRecorder(layers: transformer.model.shape.layers)
            var generation = try Generation(prompt, of: transformer.model.shape, sampler: sampler, endTokens: [])
            var stretch = 0
            while generation.stop == nil {
                let (start, count) = (generation, generation.cache.count)
                var (plain, recorded) = (0.0, 0.0)
                for turn in 0...1 {
                    generation = start
                    generation.cache.truncate(to: count)
                    if (round + stretch + turn) % 2 == 0 {
                        plain = try seconds(&generation, nil)
                    } else {
                        recorded = try seconds(&generation, recorder)
                    }
                }
                if count < prompt.count {
                    reading.note(plain: plain, recorded: recorded)
                } else {
                    answering.note(plain: plain, recorded: recorded)
                }
                stretch += 1
            }
        }
        return (reading.recorded + answering.recorded) / (reading.plain + answering.plain) - 1
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
}
