package import Tensors

/// Writes GGUF files, version 3: small models for tests, and models stored in another type.
package struct GGUFWriter: Sendable {
    /// A tensor and its bytes.
    package struct Content: Sendable {
        package let name: String
        package let type: WeightType
        package let shape: [Int]
        package let bytes: [UInt8]

        package init(name: String, type: WeightType, shape: [Int], bytes: [UInt8]) {
            self.name = name
            self.type = type
            self.shape = shape
            self.bytes = bytes
        }
    }

    /// In the order of the file.
    package var metadata: [(key: String, value: GGUFValue)]
    package var tensors: [Content]
    /// A power of two.
    package let alignment: Int

    package init(metadata: [(key: String, value: GGUFValue)], tensors: [Content], alignment: Int = 32) {
        self.metadata = metadata
        self.tensors = tensors
        self.alignment = alignment
    }

    /// The bytes of the file. Integers are written with 64 bits, floats with 32 when that loses nothing.
    package var bytes: [UInt8] {
        var file = Array("GGUF".utf8)
        Self.append(UInt32(3), &file)
        Self.append(UInt64(tensors.count), &file)
        var pairs = metadata
        if alignment != 32 { pairs.append(("general.alignment", .integer(alignment))) }
        Self.append(UInt64(pairs.count), &file)
        for (key, value) in pairs {
            Self.append(key.utf8, &file)
            Self.append(value, &file)
        }
        var offset = 0
        for tensor in tensors {
            Self.append(tensor.name.utf8, &file)
            Self.append(UInt32(tensor.shape.count), &file)
            for extent in tensor.shape { Self.append(UInt64(extent), &file) }
            Self.append(tensor.type.rawValue, &file)
            Self.append(UInt64(offset), &file)
            offset = aligned(offset + tensor.bytes.count)
        }
        for tensor in tensors {
            file += [UInt8](repeating: 0, count: aligned(file.count) - file.count)
            file += tensor.bytes
        }
        return file
    }

    private func aligned(_ offset: Int) -> Int { (offset + alignment - 1) / alignment * alignment }

    private static func append(_ number: some FixedWidthInteger & UnsignedInteger, _ file: inout [UInt8]) {
        for shift in stride(from: 0, to: number.bitWidth, by: 8) {
            file.append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }

    private static func append(_ string: some Collection<UInt8>, _ file: inout [UInt8]) {
        append(UInt64(string.count), &file)
        file += string
    }

    private static func append(_ value: GGUFValue, _ file: inout [UInt8]) {
        func array(_ type: UInt32, _ count: Int) {
            append(UInt32(9), &file)
            append(type, &file)
            append(UInt64(count), &file)
        }
        switch value {
        case .integer(let number):
            append(UInt32(11), &file)
            append(UInt64(bitPattern: Int64(number)), &file)
        case .real(let number):
            append(UInt32(isSingle(number) ? 6 : 12), &file)
            append(number, isSingle: isSingle(number), &file)
        case .flag(let flag):
            append(UInt32(7), &file)
            file.append(flag ? 1 : 0)
        case .text(let bytes):
            append(UInt32(8), &file)
            append(bytes, &file)
        case .integers(let numbers):
            array(11, numbers.count)
            for number in numbers { append(UInt64(bitPattern: Int64(number)), &file) }
        case .reals(let numbers):
            let fits = numbers.allSatisfy(isSingle)
            array(fits ? 6 : 12, numbers.count)
            for number in numbers { append(number, isSingle: fits, &file) }
        case .flags(let flags):
            array(7, flags.count)
            for flag in flags { file.append(flag ? 1 : 0) }
        case .texts(let strings):
            array(8, strings.count)
            for string in strings { append(string, &file) }
        }
    }

    private static func isSingle(_ number: Double) -> Bool { Double(Float(number)) == number }

    private static func append(_ number: Double, isSingle: Bool, _ file: inout [UInt8]) {
        if isSingle { append(Float(number).bitPattern, &file) } else { append(number.bitPattern, &file) }
    }
}
