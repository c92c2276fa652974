import Models
import Testing

/// The model of Fixtures/smollm2, against engines that others wrote.
@Suite("Conformance on SmolLM2")
struct ConformanceTests {
    /// One continuation of a prompt.
    private struct Sample: Decodable {
        let prompt_ids: [TokenID], output_ids: [TokenID]
        let top1_logit: [Double]?
        let margin_top1_top2: [Double]
        let top5: [[[Double]]]?
    }

    private struct Samples: Decodable {
        let generation: [Sample]
    }

    private func samples(_ name: String) throws -> [Sample] {
        try InstalledModel.fixture(name, as: Samples.self).generation
    }

    /// The logits before each token of the output, when exactly that output is fed.
    private func logits(_ sample: Sample, _ transformer: Transformer) throws -> [ArraySlice<Float>] {
        let cache = KeyValueCache(transformer.model.shape)
        let tokens = sample.prompt_ids + sample.output_ids.dropLast()
        let all = try transformer.forward([.init(cache: cache, tokens: tokens, logits: .all)])[0]
        let vocabulary = transformer.model.shape.vocabulary
        return (sample.prompt_ids.count - 1..<tokens.count).map { all[$0 * vocabulary..<($0 + 1) * vocabulary] }
    }

    private func best(_ logits: ArraySlice<Float>) -> TokenID {
        TokenID(logits.indices.reduce(logits.startIndex) { logits[$1] > logits[$0] ? $1 : $0 } - logits.startIndex)
    }

    @Test("float32 chooses every token that a reference with exact weights chooses, on both references")
    func exactTokens() throws {
        let transformer = try Transformer(.open(InstalledModel.path), arithmetic: .float32, threads: 2)
        for name in ["smollm2_float32_ref.json", "smollm2_float64_ref.json"] {
            let all = try samples(name)
            #expect(all.count == 5)
            var worst = 0.0
            for sample in all {
                let logits = try logits(sample, transformer)
                #expect(logits.map(best) == sample.output_ids)
                for (row, top) in zip(logits, try #require(sample.top5)) {
                    for pair in top { worst = max(worst, abs(Double(row[row.startIndex + Int(pair[0])]) - pair[1])) }
                }
            }
            // The reference in doubles differs from the one in floats by as much.
            #expect(worst < 1e-4, "\(name): the largest logits differ by \(worst)")
        }
    }

    @Test("int8 agrees with llama.cpp as far as rounded activations can")
    func agreement() throws {
        let transformer = try Transformer(.open(InstalledModel.path), arithmetic: .int8, threads: 2)
        var agreed = 0, count = 0, worst = 0.0
        let all = try samples("smollm2_greedy.json")
        #expect(all.count == 5)
        for sample in all {
            for (step, row) in try logits(sample, transformer).enumerated() {
                let token = sample.output_ids[step]
                count += 1
                let expected = try #require(sample.top1_logit)[step]
                worst = max(worst, abs(Double(row[row.startIndex + Int(token)]) - expected))
                if best(row) == token {
                    agreed += 1
                } else {
                    #expect(sample.margin_top1_top2[step] < 0.5, "step \(step)")
                }
            }
        }
        #expect(agreed * 100 >= 94 * count, "\(agreed) of \(count)")
        #expect(worst < 0.8, "logits differ by \(worst)")
    }
}
