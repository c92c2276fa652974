import Foundation
import Keys
import Models
import Proofs
import Tensors

/// A transformer with random weights, small enough that a thousand answers take seconds: 3 layers of 64, 96 tokens.
enum TinyModel {
    static let layers = 3
    static let width = 64
    static let heads = 4
    static let keyHeads = 2
    static let feedForward = 96
    static let vocabulary = 96
    static let contextLength = 256
    static let endToken: TokenID = 2

    /// The weights of one seed.
    /// - Parameter altering: changes the bytes of tensors before they are written.
    static func tensors(seed: UInt64 = 1, layers: Int = layers) -> [GGUFWriter.Content] {
        var dice = SeededGenerator(seed: seed)
        func norm(_ name: String, _ count: Int) -> GGUFWriter.Content {
            let values = (0..<count).map { _ in 1 + Float(dice.next(below: 64)) / 256 }
            let bytes = values.flatMap { value in (0..<4).map { UInt8(value.bitPattern >> (8 * UInt32($0)) & 0xff) } }
            return .init(name: name, type: .float32, shape: [count], bytes: bytes)
        }
        func matrix(_ name: String, _ type: WeightType, columns: Int, rows: Int) -> GGUFWriter.Content {
            let blocks = columns / 32 * rows
            let bytes = (0..<blocks).flatMap { _ -> [UInt8] in
                // A half of 2^-6 to 2^-5; for Q4_1 an offset of minus eight of it, so that weights have no mean.
                let scale = 0x2400 + UInt16(dice.next(below: 1024))
                let offset = scale + 0x8c00
                let low = type == .q8_0 ? scale - 0x1000 : scale
                let head =
                    [UInt8(low & 0xff), UInt8(low >> 8)]
                    + (type == .q4_1 ? [UInt8(offset & 0xff), UInt8(offset >> 8)] : [])
                return head + (0..<(type == .q8_0 ? 32 : 16)).map { _ in UInt8(dice.next(below: 256)) }
            }
            return .init(name: name, type: type, shape: [columns, rows], bytes: bytes)
        }
        var tensors = [matrix("token_embd.weight", .q8_0, columns: width, rows: vocabulary)]
        for layer in 0..<layers {
            let name = "blk.\(layer)."
            let (query, key) = (width, width / heads * keyHeads)
            tensors += [
                norm(name + "attn_norm.weight", width),
                matrix(name + "attn_q.weight", .q4_1, columns: width, rows: query),
                matrix(name + "attn_k.weight", .q4_1, columns: width, rows: key),
                matrix(name + "attn_v.weight", .q4_1, columns: width, rows: key),
                matrix(name + "attn_output.weight", .q4_1, columns: query, rows: width),
                norm(name + "ffn_norm.weight", width),
                matrix(name + "ffn_gate.weight", .q4_1, columns: width, rows: feedForward),
                matrix(name + "ffn_up.weight", .q4_1, columns: width, rows: feedForward),
                matrix(name + "ffn_down.weight", .q8_0, columns: feedForward, rows: width),
            ]
        }
        tensors.append(norm("output_norm.weight", width))
        return tensors
    }

    static func model(_ tensors: [GGUFWriter.Content] = tensors()) throws -> LanguageModel {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try write(tensors, to: url)
        // The file stays mapped after its name is gone.
        defer { try? FileManager.default.removeItem(at: url) }
        return try LanguageModel.open(url.path)
    }

    static func write(_ tensors: [GGUFWriter.Content] = tensors(), to url: URL) throws {
        let layers = tensors.count { $0.name.hasSuffix("attn_q.weight") }
        func key(_ name: String, _ value: Int) -> (key: String, value: GGUFValue) { ("llama." + name, .integer(value)) }
        let writer = GGUFWriter(
            metadata: [
                ("general.architecture", .text(Array("llama".utf8))), key("block_count", layers),
                key("embedding_length", width), key("attention.head_count", heads),
                key("attention.head_count_kv", keyHeads), key("feed_forward_length", feedForward),
                key("context_length", contextLength), ("llama.rope.freq_base", .real(10_000)),
                ("llama.attention.layer_norm_rms_epsilon", .real(0.00001)),
            ],
            tensors: tensors)
        try Data(writer.bytes).write(to: url)
    }

    static let rules: ModelRules = {
        // Without a tokeniser: a test chooses its end token.
        guard let root = try? model().weightTree.identity.root else { preconditionFailure("the model can be made") }
        return ModelRules(
            root: root, layers: layers, vocabulary: vocabulary, contextLength: contextLength, endTokens: [endToken])
    }()

    static func transformer(
        _ tensors: [GGUFWriter.Content] = tensors(), arithmetic: Arithmetic = .int8, threads: Int = 1
    ) throws -> Transformer {
        try Transformer(try model(tensors), arithmetic: arithmetic, threads: threads)
    }
}

extension GGUFWriter.Content {
    /// The same tensor with one bit of its bytes flipped.
    func flipping(bit: Int) -> GGUFWriter.Content {
        .init(name: name, type: type, shape: shape, bytes: bytes.flipping(bit: bit))
    }
}
