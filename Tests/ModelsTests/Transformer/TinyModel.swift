import Models
import Tensors

/// A model of two layers with random weights in several types of storage.
struct TinyModel {
    var metadata: [(key: String, value: GGUFValue)]
    var tensors: [GGUFWriter.Content] = []
    private var state: UInt64 = 1

    static let width = 64, heads = 4, keyHeads = 2, headWidth = 16, hidden = 96, vocabulary = 41

    init(_ architecture: String) {
        let (name, width) = (architecture, Self.width)
        metadata = [
            ("general.architecture", .text(Array(name.utf8))), ("\(name).block_count", .integer(2)),
            ("\(name).embedding_length", .integer(width)), ("\(name).attention.head_count", .integer(Self.heads)),
            ("\(name).attention.head_count_kv", .integer(Self.keyHeads)),
            ("\(name).feed_forward_length", .integer(Self.hidden)), ("\(name).context_length", .integer(200)),
            ("\(name).attention.layer_norm_rms_epsilon", .real(1e-5)), ("\(name).rope.freq_base", .real(10_000)),
        ]
        let key = Self.keyHeads * Self.headWidth
        matrix("token_embd.weight", .q8_0, Self.vocabulary, width)
        for layer in 0..<2 {
            let part = "blk.\(layer)."
            matrix(part + "attn_q.weight", .q4_0, width, width)
            matrix(part + "attn_k.weight", .q5_0, key, width)
            matrix(part + "attn_v.weight", .q5_1, key, width)
            matrix(part + "attn_output.weight", .q4_1, width, width)
            matrix(part + "ffn_gate.weight", .float16, Self.hidden, width)
            matrix(part + "ffn_up.weight", .bfloat16, Self.hidden, width)
            matrix(part + "ffn_down.weight", .q8_0, width, Self.hidden)
            for norm in ["attn_norm", "ffn_norm"] { vector(part + norm + ".weight", width) }
            if name == "qwen2" {
                vector(part + "attn_q.bias", width)
                vector(part + "attn_k.bias", key)
                vector(part + "attn_v.bias", key)
            }
            if name == "qwen3" {
                vector(part + "attn_q_norm.weight", Self.headWidth)
                vector(part + "attn_k_norm.weight", Self.headWidth)
            }
        }
        vector("output_norm.weight", width)
    }

    /// - Throws: ``ModelError`` when the model does not hold together.
    func open() throws -> LanguageModel {
        let file = try TemporaryFile(GGUFWriter(metadata: metadata, tensors: tensors).bytes)
        return try LanguageModel.open(file.path)
    }

    private mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 33
    }

    private mutating func matrix(_ name: String, _ type: WeightType, _ rows: Int, _ columns: Int) {
        var bytes: [UInt8] = []
        for _ in 0..<rows * columns / type.blockLength {
            var block = (0..<type.blockBytes).map { _ in UInt8(truncatingIfNeeded: next()) }
            switch type {
            case .float16: block[1] = block[1] & 0x83 | 0x28
            case .bfloat16: block[1] = block[1] & 0x80 | 0x3d
            case .q4_1, .q5_1:
                block[1] = block[1] & 0x83 | 0x20
                block[3] = block[3] & 0x83 | 0x24
            default: block[1] = block[1] & 0x83 | (type == .q8_0 ? 0x10 : 0x20)
            }
            bytes += block
        }
        tensors.append(.init(name: name, type: type, shape: [columns, rows], bytes: bytes))
    }

    private mutating func vector(_ name: String, _ count: Int) {
        let bytes = (0..<count).flatMap { _ -> [UInt8] in
            let bits = (0.5 + Float(next() % 1000) / 1000).bitPattern
            return (0..<4).map { UInt8(truncatingIfNeeded: bits >> (8 * $0)) }
        }
        tensors.append(.init(name: name, type: .float32, shape: [count], bytes: bytes))
    }
}

/// A whole pass as plain loops over the operators of a referee.
struct PlainTransformer {
    let model: LanguageModel
    let arithmetic: Arithmetic

    private func rows(_ name: String) throws -> [[UInt8]] {
        let tensor = try model.file.tensor(name)
        let bytes = unsafe Array(tensor.bytes)
        return stride(from: 0, to: bytes.count, by: tensor.rowBytes).map { Array(bytes[$0..<$0 + tensor.rowBytes]) }
    }

    private func product(_ name: String, _ x: [Float]) throws -> [Float] {
        let type = try model.file.tensor(name).type
        return try rows(name).map {
            arithmetic == .int8 ? Reference.rowProduct($0, type, integers: x) : Reference.rowProduct($0, type, x)
        }
    }

    private func vector(_ name: String) throws -> [Float]? { model.file.tensors[name]?.row(0) }

    /// The states at each boundary by position, and the logits of each position.
    func run(_ tokens: [TokenID]) throws -> (states: [[[Float]]], logits: [[Float]]) {
        let shape = model.shape
        let table = RotaryTable(pairs: shape.ropeWidth / 2, base: shape.ropeBase)
        let embedding = try rows("token_embd.weight"),
            type = try model.file.tensor("token_embd.weight").type
        var states = [tokens.map { Reference.dequantized(embedding[Int($0)], type).map { $0 * shape.embeddingScale } }]
        func norm(_ x: [Float], _ name: String) throws -> [Float] {
            Reference.normalized(x, weight: try vector(name)!, epsilon: shape.normEpsilon)
        }
        for layer in 0..<shape.layers {
            let part = "blk.\(layer)."
            var keys: [[[Float]]] = [], values: [[[Float]]] = [], next: [[Float]] = []
            for (position, state) in states[layer].enumerated() {
                let h = try norm(state, part + "attn_norm.weight")
                let row = table.row(position: position)
                func heads(_ kind: String, turned: Bool) throws -> [[Float]] {
                    var x = try product(part + "attn_\(kind).weight", h)
                    if let bias = try vector(part + "attn_\(kind).bias") { x = Reference.added(x, bias) }
                    let heads = stride(from: 0, to: x.count, by: shape.headWidth).map {
                        Array(x[$0..<$0 + shape.headWidth])
                    }
                    return try heads.map { head in
                        var head = head
                        if let weight = try vector(part + "attn_\(kind)_norm.weight") {
                            head = Reference.normalized(head, weight: weight, epsilon: shape.normEpsilon)
                        }
                        return turned
                            ? Reference.rotated(
                                head, cosines: row.cosines, sines: row.sines,
                                interleaved: shape.ropePairing == .interleaved) : head
                    }
                }
                keys.append(try heads("k", turned: true))
                values.append(try heads("v", turned: false))
                let seen = try heads("q", turned: true).enumerated().flatMap { head, query in
                    Reference.attended(
                        query: query, keys: keys.map { $0[head / shape.group] },
                        values: values.map { $0[head / shape.group] }, scale: shape.queryScale)
                }
                let x = Reference.added(state, try product(part + "attn_output.weight", seen))
                let g = try norm(x, part + "ffn_norm.weight")
                let gated = try zip(product(part + "ffn_gate.weight", g), product(part + "ffn_up.weight", g)).map {
                    shape.gate == .geGLU ? Reference.geGLU(gate: $0, up: $1) : Reference.swiGLU(gate: $0, up: $1)
                }
                next.append(Reference.added(x, try product(part + "ffn_down.weight", gated)))
            }
            states.append(next)
        }
        let logits = try states[shape.layers].map { try product("token_embd.weight", norm($0, "output_norm.weight")) }
        return (states, logits)
    }
}
