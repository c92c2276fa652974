/// How the numbers of one tensor are stored: the types of ggml that this project computes with.
///
/// A row is a whole number of blocks. Layouts: ggml, `ggml-common.h`; in plain loops: ``Dequantisation``.
package enum TensorType: UInt32, Hashable, Sendable, CaseIterable {
    case float32 = 0
    case float16 = 1
    case q4_0 = 2
    case q4_1 = 3
    case q5_0 = 6
    case q5_1 = 7
    case q8_0 = 8
    case q4_K = 12
    case q6_K = 14
    case bfloat16 = 30

    /// Numbers of one block.
    package var blockCount: Int {
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
        case .q4_0: 18
        case .q4_1: 20
        case .q5_0: 22
        case .q5_1: 24
        case .q8_0: 34
        case .q4_K: 144
        case .q6_K: 210
        }
    }

    /// Bytes of a row of `columns` numbers; nil when they are not a whole number of blocks.
    package func rowBytes(_ columns: Int) -> Int? {
        guard columns > 0, columns.isMultiple(of: blockCount) else { return nil }
        let (bytes, overflow) = (columns / blockCount).multipliedReportingOverflow(by: blockBytes)
        return overflow ? nil : bytes
    }

    /// The name ggml gives the type, for people.
    package var name: String { Self.names[Int(rawValue)] ?? "type \(rawValue)" }

    /// Names of all types of ggml, for errors about those that are not in this enumeration.
    static func name(of rawValue: UInt32) -> String {
        Int(exactly: rawValue).flatMap { names[$0] }.map { "\($0) (ggml type \(rawValue))" } ?? "ggml type \(rawValue)"
    }

    private static let names: [Int: String] = [
        0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 6: "Q5_0", 7: "Q5_1", 8: "Q8_0", 9: "Q8_1", 10: "Q2_K", 11: "Q3_K",
        12: "Q4_K", 13: "Q5_K", 14: "Q6_K", 15: "Q8_K", 16: "IQ2_XXS", 17: "IQ2_XS", 18: "IQ3_XXS", 19: "IQ1_S",
        20: "IQ4_NL", 21: "IQ3_S", 22: "IQ2_S", 23: "IQ4_XS", 24: "I8", 25: "I16", 26: "I32", 27: "I64", 28: "F64",
        29: "IQ1_M", 30: "BF16", 34: "TQ1_0", 35: "TQ2_0", 39: "MXFP4",
    ]
}
