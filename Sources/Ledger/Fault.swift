package import Wire

/// What is wrong with an update, as a verifier claims it and others can re-check it.
package enum Fault: Hashable, Sendable, Canonical, Error {
    /// The steps from checkpoint `index` to `index + 1`, re-executed, give other bits.
    case segment(UInt32)
    /// The first checkpoint is not the round's model with the worker's residual.
    case base
    /// The published change does not follow from the last checkpoint.
    case output
    /// The carried residual does not follow from the last checkpoint.
    case residual
    /// The work of an earlier round or of another worker.
    case duplicate
    /// The worker did not show what the verifier asked for.
    case unavailable
    /// What the worker showed is no update.
    case malformed

    package func encode(into writer: inout ByteWriter) {
        switch self {
        case .segment(let index):
            writer.write(UInt8(0))
            writer.write(index)
        case .base: writer.write(UInt8(1))
        case .output: writer.write(UInt8(2))
        case .residual: writer.write(UInt8(3))
        case .duplicate: writer.write(UInt8(4))
        case .unavailable: writer.write(UInt8(5))
        case .malformed: writer.write(UInt8(6))
        }
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> Fault {
        switch try reader.readUInt8() {
        case 0: .segment(try reader.readUInt32())
        case 1: .base
        case 2: .output
        case 3: .residual
        case 4: .duplicate
        case 5: .unavailable
        case 6: .malformed
        case let tag: throw .unknownTag(UInt64(tag), of: "Fault")
        }
    }
}
