/// One value of a GGUF file's metadata. All integer types become `Int`, both float types `Double`; neither loses anything.
package enum GGUFValue: Hashable, Sendable {
    case integer(Int)
    case real(Double)
    case flag(Bool)
    /// Bytes that should be UTF-8, but nobody checked.
    case text([UInt8])
    case integers([Int])
    case reals([Double])
    case flags([Bool])
    case texts(GGUFStrings)

    /// What the value is, for errors.
    var kind: String {
        switch self {
        case .integer: "an integer"
        case .real: "a float"
        case .flag: "a bool"
        case .text: "a string"
        case .integers: "an array of integers"
        case .reals: "an array of floats"
        case .flags: "an array of bools"
        case .texts: "an array of strings"
        }
    }
}

/// An array of byte strings in one piece of memory: a vocabulary has hundreds of thousands of them.
package struct GGUFStrings: Hashable, Sendable, RandomAccessCollection {
    private var bytes: [UInt8] = []
    /// Where each string ends in `bytes`.
    private var ends: [Int] = []

    package init() {}
    package init(_ texts: [String]) { for text in texts { append(text.utf8) } }

    package var startIndex: Int { 0 }
    package var endIndex: Int { ends.count }
    package subscript(index: Int) -> ArraySlice<UInt8> { bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]] }

    package mutating func append(_ string: some Sequence<UInt8>) {
        bytes.append(contentsOf: string)
        ends.append(bytes.count)
    }
}
