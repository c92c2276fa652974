import Keys
import Models
import Tensors
import Testing

/// Digests that every machine must reach. A change here is a change of the arithmetic: every node has to make it at once.
@Suite("Golden digests of a language model")
struct LanguageGoldenTests {
    private final class Bytes: StateObserver {
        private var boundaries: [Int: [UInt8]] = [:]
        /// Boundary by boundary, by rising position.
        var bytes: [UInt8] { boundaries.sorted { $0.key < $1.key }.flatMap(\.value) }

        func observe(piece: Int, position: Int, token: TokenID, boundary: Int, state: UnsafeBufferPointer<Float>) {
            unsafe boundaries[boundary, default: []] += UnsafeRawBufferPointer(state)
        }
    }

    private static let golden: [Arithmetic: String] = [
        .float32: "7c2778ef76998820cfb22881eba91e8c2fd4270eef091954c457c4501af3f62a",
        .int8: "62aabe669d534f0bc41093706cd147d5766ae0375ef84df207d2815b44e9ce46",
    ]

    @Test(
        "SmolLM2's states and logits have the stored digest, on every tier, on 1 and 2 threads",
        arguments: Arithmetic.allCases, 1...2)
    func stored(arithmetic: Arithmetic, threads: Int) throws {
        let model = try LanguageModel.open(InstalledModel.path)
        for backend in Backend.available {
            let transformer = try Transformer(model, arithmetic: arithmetic, threads: threads, on: backend)
            let observer = Bytes()
            let piece = Transformer.Piece(
                cache: KeyValueCache(model.shape), tokens: [504, 3575, 282, 4649, 314], logits: .all)
            let logits = try transformer.forward([piece], observer: observer)[0]
            let bytes = unsafe observer.bytes + logits.withUnsafeBytes { unsafe Array($0) }
            #expect(bytes.count == 5 * (31 * 576 + 49_152) * 4)
            #expect(Digest(sha256: bytes).description == Self.golden[arithmetic], "\(backend)")
        }
    }
}
