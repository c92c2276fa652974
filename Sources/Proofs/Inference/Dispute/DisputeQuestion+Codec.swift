internal import Keys
internal import Models
package import Wire

extension DisputeMachine.Question: Canonical {
    package func encode(into writer: inout ByteWriter) {
        switch self {
        case .embedding(let position, let leaf):
            writer.write(UInt8(0))
            writer.write(UInt32(position))
            writer.write(leaf)
        case .element(let question, let part, let index):
            writer.write(UInt8(1))
            writer.write(question)
            writer.write(part)
            writer.write(UInt32(index))
        case .entry(let layer, let position, let head, let isValue, let index, let claimed):
            writer.write(UInt8(2))
            for number in [layer, position, head] { writer.write(UInt32(number)) }
            writer.write(isValue)
            writer.write(UInt32(index))
            writer.write(claimed.bitPattern)
        case .logit(let head, let token):
            writer.write(UInt8(3))
            writer.write(head)
            writer.write(token)
        }
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> DisputeMachine.Question {
        func number() throws(WireError) -> Int { Int(try reader.readUInt32()) }
        return switch try reader.readUInt8() {
        case 0: .embedding(position: try number(), leaf: try reader.read())
        case 1: .element(try reader.read(), try reader.read(), try number())
        case 2:
            .entry(
                layer: try number(), position: try number(), head: try number(), isValue: try reader.readBool(),
                index: try number(), claimed: Float(bitPattern: try reader.readUInt32()))
        case 3: .logit(try reader.read(), try reader.readUInt32())
        case let tag: throw .unknownTag(UInt64(tag), of: "DisputeMachine.Question")
        }
    }
}

extension DisputeMachine.LayerQuestion: Canonical {
    package func encode(into writer: inout ByteWriter) {
        writer.write(UInt32(position))
        writer.write(UInt32(layer))
        writer.write(numbers: vectors.input)
        let parts = vectors.outputs.keys.sorted { $0.rawValue < $1.rawValue }
        writer.writeVarint(UInt64(parts.count))
        for part in parts {
            writer.write(part)
            writer.write(numbers: vectors(part))
        }
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> DisputeMachine.LayerQuestion {
        let (position, layer) = (Int(try reader.readUInt32()), Int(try reader.readUInt32()))
        var vectors = LayerArithmetic.Vectors(input: try reader.readNumbers(limit: LayerTrace.numberLimit))
        let count = try reader.readVarint()
        let limit = UInt64(LayerOperator.allCases.count)
        guard count <= limit else { throw .tooLong(length: count, limit: limit) }
        for _ in 0..<count {
            let part: LayerOperator = try reader.read()
            vectors.outputs[part] = try reader.readNumbers(limit: LayerTrace.numberLimit)
        }
        return DisputeMachine.LayerQuestion(position: position, layer: layer, vectors: vectors)
    }
}

extension DisputeMachine.Outcome: Canonical {
    package func encode(into writer: inout ByteWriter) {
        writer.write(winner == .provider)
        writer.write(reason.rawValue)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> DisputeMachine.Outcome {
        let isProvider = try reader.readBool()
        let tag = try reader.readUInt8()
        guard let reason = DisputeMachine.Reason(rawValue: tag) else {
            throw .unknownTag(UInt64(tag), of: "DisputeMachine.Reason")
        }
        return DisputeMachine.Outcome(winner: isProvider ? .provider : .challenger, reason: reason)
    }
}

extension MerkleDescent: Canonical {
    package func encode(into writer: inout ByteWriter) {
        writer.write(UInt32(range.lowerBound))
        writer.write(UInt32(range.upperBound))
        writer.write(node)
        writer.write(optional: halves)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> MerkleDescent {
        let (lower, upper) = (Int(try reader.readUInt32()), Int(try reader.readUInt32()))
        guard lower < upper else { throw .invalid("a tree without leaves") }
        return MerkleDescent(range: lower..<upper, node: try reader.read(), halves: try reader.readOptional())
    }
}

extension DisputeClock: Canonical {
    package func encode(into writer: inout ByteWriter) {
        for number in [provider, challenger, since] { writer.write(number) }
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> DisputeClock {
        DisputeClock(
            provider: try reader.readUInt64(), challenger: try reader.readUInt64(), since: try reader.readUInt64())
    }
}
