import Keys
import Models
import Tensors
import Testing

@Suite("Transformer")
struct TransformerTests {
    private static let tokens: [TokenID] = (0..<23).map { $0 * 17 % 41 }

    private final class Recorder: StateObserver {
        /// By piece and position, then by boundary.
        var states: [Int: [Int: [[Float]]]] = [:]
        func observe(piece: Int, position: Int, token: TokenID, boundary: Int, state: UnsafeBufferPointer<Float>) {
            states[piece, default: [:]][position, default: []].append(unsafe Array(state))
        }
    }

    @Test(
        "a pass equals the plain loops bit for bit, for each family, arithmetic and tier",
        arguments: TransformerShape.Architecture.allCases, Arithmetic.allCases)
    func plain(architecture: TransformerShape.Architecture, arithmetic: Arithmetic) throws {
        let model = try TinyModel(architecture.rawValue).open()
        let expected = try PlainTransformer(model: model, arithmetic: arithmetic).run(Self.tokens)
        for backend in Backend.available {
            let transformer = try Transformer(model, arithmetic: arithmetic, threads: 2, on: backend)
            let recorder = Recorder()
            let piece = Transformer.Piece(cache: KeyValueCache(model.shape), tokens: Self.tokens, logits: .all)
            #expect(
                try transformer.forward([piece], observer: recorder)[0] == expected.logits.flatMap(\.self), "\(backend)"
            )
            for (position, boundaries) in try #require(recorder.states[0]) {
                #expect(boundaries == expected.states.map { $0[position] }, "\(backend), position \(position)")
            }
            for layer in 0..<2 {
                var shown: [[[Float]]] = []
                try transformer.layer(layer, inputs: expected.states[layer]) { states in
                    shown.append(states.indices.map { unsafe Array(states[$0]) })
                }
                #expect(shown == [expected.states[layer], expected.states[layer + 1]])
            }
            #expect(try transformer.logits(of: expected.states[2]) == expected.logits)
        }
    }

    @Test("logits and states do not depend on how tokens are cut, batched or spread over threads", arguments: 1...2)
    func batches(threads: Int) throws {
        let model = try TinyModel("llama").open()
        let transformer = try Transformer(model, arithmetic: .int8, threads: threads)
        let long: [TokenID] = (0..<170).map { $0 * 31 % 41 }
        let whole = Recorder()
        let all = try transformer.forward(
            [.init(cache: KeyValueCache(model.shape), tokens: long, logits: .all)], observer: whole)[0]
        for cut in [1, 7, 64] {
            let cache = KeyValueCache(model.shape), other = KeyValueCache(model.shape)
            var logits: [Float] = []
            for start in stride(from: 0, to: long.count, by: cut) {
                let recorder = Recorder(), tokens = Array(long[start..<min(start + cut, long.count)])
                let pieces = [
                    Transformer.Piece(cache: other, tokens: Array(tokens.reversed()), logits: .last),
                    Transformer.Piece(cache: cache, tokens: tokens, logits: .all),
                ]
                logits += try transformer.forward(pieces, observer: recorder)[1]
                for (position, states) in try #require(recorder.states[1]) {
                    #expect(states == whole.states[0]?[position], "cut \(cut), position \(position)")
                }
            }
            #expect(logits == all, "cut \(cut)")
            // A sequence goes on from a shorter one as from its own beginning.
            cache.truncate(to: 90)
            for sequence in [cache, cache.copy(prefix: 60)] {
                let rest = Array(long[sequence.count...])
                let again = try transformer.forward([.init(cache: sequence, tokens: rest, logits: .last)])[0]
                #expect(again == all.suffix(model.shape.vocabulary))
            }
        }
    }

    @Test("what is past a limit, unknown or not of this model is an error, and changes nothing")
    func errors() throws {
        let model = try TinyModel("llama").open()
        let transformer = try Transformer(model, arithmetic: .int8, threads: 1)
        let cache = KeyValueCache(model.shape, limit: 10)
        func feed(_ tokens: [TokenID]) throws {
            _ = try transformer.forward([.init(cache: cache, tokens: tokens, logits: .none)])
        }
        try feed([1, 2, 3])
        #expect(throws: ModelError.contextFull(positions: 11, limit: 10)) { try feed(Array(repeating: 1, count: 8)) }
        #expect(throws: ModelError.unknownToken(41, vocabulary: 41)) { try feed([40, 41]) }
        #expect(cache.count == 3)
        let piece = Transformer.Piece(cache: cache, tokens: [1], logits: .last)
        #expect(throws: ModelError.self) { try transformer.forward([piece, piece]) }
        let other = KeyValueCache(try TinyModel("qwen2").open().shape)
        #expect(throws: ModelError.self) { try transformer.forward([.init(cache: other, tokens: [1], logits: .last)]) }
        #expect(throws: ModelError.self) { try transformer.layer(2, inputs: []) { _ in } }
        #expect(throws: ModelError.self) { try transformer.layer(0, inputs: [[1, 2]]) { _ in } }
        #expect(throws: ModelError.self) { try transformer.layer(0, inputs: Array(repeating: [], count: 201)) { _ in } }
        let infinite = [Float](repeating: .infinity, count: 64)
        #expect(throws: ModelError.notFinite(layer: 1, position: 0)) {
            try transformer.layer(1, inputs: [infinite]) { _ in }
        }
        #expect(throws: ModelError.notFinite(layer: 2, position: 0)) { try transformer.logits(of: [infinite]) }
    }

    @Test("a file whose shapes, names or numbers do not hold together is refused before any weight is used")
    func refused() throws {
        func refusal(_ change: (inout TinyModel) -> Void) -> String? {
            var tiny = TinyModel("llama")
            change(&tiny)
            do {
                _ = try Transformer(tiny.open(), arithmetic: .int8, threads: 1)
                return nil
            } catch { return "\(error)" }
        }
        #expect(refusal { _ in } == nil)
        for name in TinyModel("llama").tensors.map(\.name) {
            let missing = refusal { $0.tensors.removeAll { $0.name == name } }
            #expect(missing?.contains(name) == true, "\(name) left out: \(missing ?? "accepted")")
            let short = refusal { tiny in
                let place = tiny.tensors.firstIndex { $0.name == name }!
                tiny.tensors[place] = .init(
                    name: name, type: .float32, shape: [32], bytes: [UInt8](repeating: 0, count: 128))
            }
            #expect(short?.contains("32") == true, "\(name) cut: \(short ?? "accepted")")
        }
        let extra = GGUFWriter.Content(name: "blk.0.extra", type: .float32, shape: [1], bytes: [0, 0, 0, 0])
        #expect(refusal { $0.tensors.append(extra) }?.contains("blk.0.extra") == true)
        let changes: [(String, GGUFValue, String)] = [
            ("general.architecture", .text(Array("mamba".utf8)), "mamba"),
            ("llama.block_count", .integer(0), "block_count"),
            ("llama.block_count", .integer(.max), "block_count"), ("llama.embedding_length", .integer(63), "63"),
            ("llama.attention.head_count_kv", .integer(3), "3"), ("llama.attention.head_count", .integer(-4), "-4"),
            ("llama.feed_forward_length", .integer(97), "97"), ("llama.rope.freq_base", .real(.nan), "base"),
            ("llama.attention.layer_norm_rms_epsilon", .real(.infinity), "epsilon"),
        ]
        for (key, value, word) in changes {
            let reason = refusal { $0.metadata[$0.metadata.firstIndex { $0.key == key }!].value = value }
            #expect(reason?.contains(word) == true, "\(key): \(reason ?? "accepted")")
        }
        for (key, value, word) in [
            ("llama.expert_count", GGUFValue.integer(8), "experts"),
            ("llama.rope.scaling.type", .text(Array("yarn".utf8)), "yarn"),
            ("llama.attention.key_length", .integer(24), "24"),
        ] {
            let reason = refusal { $0.metadata.append((key, value)) }
            #expect(reason?.contains(word) == true, "\(key): \(reason ?? "accepted")")
        }
    }

    @Test("generation chooses greedily what the logits say, in any cut of the prompt, and stops where it should")
    func generation() throws {
        let model = try TinyModel("llama").open()
        let transformer = try Transformer(model, arithmetic: .int8, threads: 1)
        let parameters = try #require(SamplingParameters(maximumTokens: 9))
        func answer(_ cut: Int, endTokens: Set<TokenID> = []) throws -> Generation {
            var generation = try Generation(
                cache: KeyValueCache(model.shape), prompt: Self.tokens, sampler: Sampler(parameters, seed: .zero),
                endTokens: endTokens)
            while let piece = generation.next(limit: cut) { _ = generation.take(try transformer.forward([piece])[0]) }
            return generation
        }
        let whole = try answer(.max)
        #expect(whole.output.count == 9 && whole.stop == .length)
        #expect(try answer(4).output == whole.output)
        let ended = try answer(5, endTokens: [whole.output[3]])
        let end = try #require(whole.output.firstIndex(of: whole.output[3]))
        #expect(ended.stop == .endOfText && ended.output == Array(whole.output[...end]))
    }

    @Test("a prompt that fills the context has an answer of one token; a longer one is refused, and so is an empty one")
    func fullContext() throws {
        let model = try TinyModel("llama").open()
        let transformer = try Transformer(model, arithmetic: .int8, threads: 1)
        let sampler = Sampler(try #require(SamplingParameters(maximumTokens: 9)), seed: .zero)
        func generation(_ count: Int) throws(ModelError) -> Generation {
            try Generation(Array(repeating: 1, count: count), of: model.shape, sampler: sampler, endTokens: [])
        }
        let context = model.shape.contextLength
        var full = try generation(context)
        #expect(try full.step(on: transformer) != nil)
        #expect(full.stop == .contextFull && full.output.count == 1)
        #expect(try full.step(on: transformer) == nil)
        #expect(throws: ModelError.contextFull(positions: context + 1, limit: context)) { try generation(context + 1) }
        #expect(throws: ModelError.self) { try generation(0) }
    }
}
