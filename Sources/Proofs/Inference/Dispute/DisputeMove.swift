package import Keys
package import Models
package import Wire

/// One message of a dispute.
package enum DisputeMove: Canonical, Hashable {
    // The provider shows.

    /// The children of the node in question.
    case halves(MerkleDescent.Halves)
    /// The root over the boundaries of the position in question, and its children.
    case boundaries(root: Digest, MerkleDescent.Halves)
    case trace(LayerTrace)
    /// Keys and values of the head that the element in question looks at, from position 0.
    case context(keys: [[Float]], values: [[Float]])
    case head(HeadTrace)
    case evidence(DisputeEvidence)

    // The challenger points at what differs.

    case left
    case right
    case element(LayerOperator, UInt32)
    /// Number `index` of the key or value that was shown for `position`.
    case entry(position: UInt32, isValue: Bool, index: UInt32)
    case logit(TokenID)
    /// What was shown is right; what follows from it is not.
    case agree
    /// What is wrong, where the dispute was opened without saying it.
    case claim(DisputeStatement.Claim)

    package func encode(into writer: inout ByteWriter) {
        switch self {
        case .halves(let halves):
            writer.write(UInt8(0))
            writer.write(halves)
        case .boundaries(let root, let halves):
            writer.write(UInt8(1))
            writer.write(root)
            writer.write(halves)
        case .trace(let trace):
            writer.write(UInt8(2))
            writer.write(trace)
        case .context(let keys, let values):
            writer.write(UInt8(3))
            writer.write(rows: keys)
            writer.write(rows: values)
        case .head(let head):
            writer.write(UInt8(4))
            writer.write(head)
        case .evidence(let evidence):
            writer.write(UInt8(5))
            writer.write(evidence)
        case .left: writer.write(UInt8(16))
        case .right: writer.write(UInt8(17))
        case .element(let part, let index):
            writer.write(UInt8(18))
            writer.write(part)
            writer.write(index)
        case .entry(let position, let isValue, let index):
            writer.write(UInt8(19))
            writer.write(position)
            writer.write(isValue)
            writer.write(index)
        case .logit(let token):
            writer.write(UInt8(20))
            writer.write(token)
        case .agree: writer.write(UInt8(21))
        case .claim(let claim):
            writer.write(UInt8(22))
            writer.write(claim)
        }
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> DisputeMove {
        let limit = InferenceRequest.tokenLimit
        return switch try reader.readUInt8() {
        case 0: .halves(try reader.read())
        case 1: .boundaries(root: try reader.read(), try reader.read())
        case 2: .trace(try reader.read())
        case 3: .context(keys: try reader.readRows(limit: limit), values: try reader.readRows(limit: limit))
        case 4: .head(try reader.read())
        case 5: .evidence(try reader.read())
        case 16: .left
        case 17: .right
        case 18: .element(try reader.read(), try reader.readUInt32())
        case 19:
            .entry(position: try reader.readUInt32(), isValue: try reader.readBool(), index: try reader.readUInt32())
        case 20: .logit(try reader.readUInt32())
        case 21: .agree
        case 22: .claim(try reader.read())
        case let tag: throw .unknownTag(UInt64(tag), of: "DisputeMove")
        }
    }
}

extension MerkleDescent.Halves: Canonical {
    package func encode(into writer: inout ByteWriter) {
        writer.write(left)
        writer.write(right)
    }
    package static func decode(from reader: inout ByteReader) throws(WireError) -> MerkleDescent.Halves {
        MerkleDescent.Halves(left: try reader.read(), right: try reader.read())
    }
}
