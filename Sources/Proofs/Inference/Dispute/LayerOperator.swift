package import Models
package import Wire

/// The operators of one layer of a transformer, in the order in which they are computed; each gives one vector for each position.
package enum LayerOperator: UInt8, CaseIterable, Hashable, Sendable, Canonical {
    case attentionNorm = 0
    case query, key, value
    /// Norms of the heads, in the models that have them.
    case queryNorm, keyNorm
    case rotatedQuery, rotatedKey
    case attention
    case attentionOutput
    /// The state after attention.
    case middle
    case feedForwardNorm
    case gate, up, gated, down
    /// The state at the next boundary.
    case output

    /// Numbers of its vector.
    package func width(_ shape: TransformerShape) -> Int {
        switch self {
        case .attentionNorm, .attentionOutput, .middle, .feedForwardNorm, .down, .output: shape.width
        case .query, .queryNorm, .rotatedQuery, .attention: shape.queryWidth
        case .key, .value, .keyNorm, .rotatedKey: shape.keyWidth
        case .gate, .up, .gated: shape.feedForward
        }
    }

    package func encode(into writer: inout ByteWriter) { writer.write(rawValue) }
    package static func decode(from reader: inout ByteReader) throws(WireError) -> LayerOperator {
        let tag = try reader.readUInt8()
        guard let value = LayerOperator(rawValue: tag) else { throw .unknownTag(UInt64(tag), of: "LayerOperator") }
        return value
    }
}
