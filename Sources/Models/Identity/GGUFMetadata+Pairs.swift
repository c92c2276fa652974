package import Keys
package import Wire

extension GGUFMetadata {
    /// The digest of the pairs whose keys are wanted.
    func digest(where isWanted: (String) -> Bool) -> Digest { Self.digest(ofPairs: pairs(where: isWanted)) }

    /// What a model's identity holds of pairs.
    package static func digest(ofPairs bytes: [UInt8]) -> Digest { Digest(of: bytes, domain: "model metadata") }

    /// The pairs whose keys are wanted, in ascending order of the keys' bytes. Integers of all widths count as one type, and so do
    /// floats: a file that was written anew keeps its digest.
    func pairs(where isWanted: (String) -> Bool) -> [UInt8] {
        var writer = ByteWriter(capacity: 4096)
        for (key, value) in values.filter({ isWanted($0.key) })
            .sorted(by: { ModelIdentity.precedes($0.key, $1.key) })
        {
            writer.write(key)
            writer.write(value: value)
        }
        return writer.bytes
    }
}

extension GGUFMetadata {
    /// The pairs that describe the architecture: `general.architecture` and the keys under its value.
    package var architecturePairs: [UInt8] {
        get throws(ModelError) {
            let name = try text("general.architecture")
            return pairs { $0 == "general.architecture" || $0.hasPrefix(name + ".") }
        }
    }

    /// Reads ``architecturePairs``: numbers, flags and texts, which is all that an architecture is made of.
    /// - Parameter name: for errors.
    /// - Throws: ``WireError`` when they are not that, or not in their order.
    package init(pairs: [UInt8], name: String) throws(WireError) {
        var reader = ByteReader(pairs)
        var values: [String: GGUFValue] = [:]
        var last: String?
        while reader.remaining > 0 {
            let key = try reader.readString(limit: Self.keyLimit)
            if let last, !ModelIdentity.precedes(last, key) { throw .invalid("keys are not in ascending order") }
            last = key
            values[key] = try reader.readValue()
        }
        self.init(values, path: name)
    }

    private static let keyLimit = 255
}

extension ByteReader {
    private static let listLimit: UInt64 = 1 << 16

    fileprivate mutating func readValue() throws(WireError) -> GGUFValue {
        switch try readUInt8() {
        case 0: return .integer(Int(try readInt64()))
        case 1: return .real(Double(bitPattern: try readUInt64()))
        case 2: return .flag(try readBool())
        case 3: return .text(try readPrefixed(limit: Int(Self.listLimit)))
        case 4: return .integers(try readElements { reader throws(WireError) in Int(try reader.readInt64()) })
        case 5:
            return .reals(
                try readElements { reader throws(WireError) in Double(bitPattern: try reader.readUInt64()) })
        case 6: return .flags(try readElements { reader throws(WireError) in try reader.readBool() })
        case let tag: throw .unknownTag(UInt64(tag), of: "GGUFValue")
        }
    }

    private mutating func readElements<Element>(
        _ read: (inout ByteReader) throws(WireError) -> Element
    ) throws(WireError) -> [Element] {
        let count = try readVarint()
        guard count <= Self.listLimit else { throw .tooLong(length: count, limit: Self.listLimit) }
        var elements: [Element] = []
        for _ in 0..<count { elements.append(try read(&self)) }
        return elements
    }
}

extension ByteWriter {
    fileprivate mutating func write(value: GGUFValue) {
        func count(_ tag: UInt8, _ count: Int) {
            write(tag)
            writeVarint(UInt64(count))
        }
        switch value {
        case .integer(let number):
            write(UInt8(0))
            write(Int64(number))
        case .real(let number):
            write(UInt8(1))
            write(real: number)
        case .flag(let flag):
            write(UInt8(2))
            write(flag)
        case .text(let bytes):
            write(UInt8(3))
            writePrefixed(bytes)
        case .integers(let numbers):
            count(4, numbers.count)
            for number in numbers { write(Int64(number)) }
        case .reals(let numbers):
            count(5, numbers.count)
            for number in numbers { write(real: number) }
        case .flags(let flags):
            count(6, flags.count)
            for flag in flags { write(flag) }
        case .texts(let strings):
            count(7, strings.count)
            for string in strings {
                writeVarint(UInt64(string.count))
                writeRaw(string)
            }
        }
    }

    /// Every NaN as one.
    private mutating func write(real: Double) { write(real.isNaN ? 0x7ff8 << 48 : real.bitPattern) }
}
