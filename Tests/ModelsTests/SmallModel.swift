import Models
import Tensors

/// A GGUF file of a few hundred bytes with every kind of value and two tensors.
enum SmallModel {
    static let writer = GGUFWriter(
        metadata: [
            ("general.architecture", .text(Array("llama".utf8))), ("llama.block_count", .integer(1)),
            ("negative", .integer(-5)), ("single", .real(0.5)), ("double", .real(0.1)), ("yes", .flag(true)),
            ("integers", .integers([1, -2, .max])), ("reals", .reals([0.5, -1])), ("flags", .flags([true, false])),
            ("texts", .texts(GGUFStrings(["a", "", "ccc"]))),
        ],
        tensors: [
            .init(name: "a.weight", type: .q8_0, shape: [32, 2], bytes: (0..<68).map { $0 }),
            .init(name: "b.weight", type: .float32, shape: [3], bytes: [0, 0, 128, 63, 0, 0, 0, 192, 0, 0, 0, 0]),
        ])
}
