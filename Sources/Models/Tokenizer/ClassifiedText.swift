/// UTF-8 text as a row of characters with the classes that rules for words ask for.
struct ClassifiedText {
    enum Class: UInt8 {
        /// \p{L}
        case letter
        /// \p{N}
        case number
        /// \s: Unicode's White_Space
        case space
        case other
    }

    let bytes: [UInt8]
    /// Where each character begins; one more for the end.
    private(set) var starts: [Int32] = []
    private(set) var classes: [Class] = []

    /// - Parameter bytes: valid UTF-8.
    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        starts.reserveCapacity(bytes.count + 1)
        classes.reserveCapacity(bytes.count)
        var offset = 0
        while offset < bytes.count {
            starts.append(Int32(offset))
            let first = bytes[offset]
            if first < 0x80 {
                classes.append(Self.ascii[Int(first)])
                offset += 1
            } else {
                let length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
                var value = UInt32(first) & (0x7f >> UInt32(length))
                for byte in bytes[offset + 1..<offset + length] { value = value << 6 | UInt32(byte & 0x3f) }
                classes.append(Unicode.Scalar(value).map(Self.classify) ?? .other)
                offset += length
            }
        }
        starts.append(Int32(bytes.count))
    }

    var count: Int { classes.count }

    /// The character if it is ASCII; a byte above 0x7f otherwise.
    func byte(_ index: Int) -> UInt8 { bytes[Int(starts[index])] }

    /// Where the run of `wanted` that begins at `index` ends.
    func run(of wanted: Class, from index: Int, to end: Int) -> Int {
        var index = index
        while index < end, classes[index] == wanted { index += 1 }
        return index
    }

    private static let ascii: [Class] = (0..<128).map { (byte: UInt8) in classify(Unicode.Scalar(byte)) }

    private static func classify(_ scalar: Unicode.Scalar) -> Class {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: .letter
        case .decimalNumber, .letterNumber, .otherNumber: .number
        default: scalar.properties.isWhitespace ? .space : .other
        }
    }
}
