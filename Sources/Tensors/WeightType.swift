/// How the weights of a matrix are stored, numbered as in the GGUF format (github.com/ggml-org/ggml, docs/gguf.md).
package enum WeightType: UInt32, CaseIterable, Sendable {
    case float32 = 0, float16 = 1, bfloat16 = 30
    case q4_0 = 2, q4_1 = 3, q5_0 = 6, q5_1 = 7, q8_0 = 8
    case q4_K = 12, q6_K = 14

    /// Neighbouring weights of a row that share their scales.
    package var blockLength: Int {
        switch self {
        case .float32, .float16, .bfloat16: 1
        case .q4_0, .q4_1, .q5_0, .q5_1, .q8_0: 32
        case .q4_K, .q6_K: 256
        }
    }

    /// Bytes of one block.
    package var blockBytes: Int {
        switch self {
        case .float32: 4
        case .float16, .bfloat16: 2
        case .q4_0: 2 + 16
        case .q4_1: 2 + 2 + 16
        case .q5_0: 2 + 4 + 16
        case .q5_1: 2 + 2 + 4 + 16
        case .q8_0: 2 + 32
        case .q4_K: 2 + 2 + 12 + 128
        case .q6_K: 128 + 64 + 16 + 2
        }
    }

    /// True when the weights are small integers with a scale: only these are multiplied as integers.
    package var isQuantized: Bool { blockLength > 1 }

    /// Bytes of a row, or nil when `columns` is not a whole number of blocks.
    package func rowBytes(columns: Int) -> Int? {
        guard columns > 0, columns % blockLength == 0 else { return nil }
        let (bytes, overflow) = (columns / blockLength).multipliedReportingOverflow(by: blockBytes)
        return overflow ? nil : bytes
    }
}
